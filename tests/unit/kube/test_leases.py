import pytest

from catalyst_dns_sync.control.ports import KeptLease, LeaseError, LeaseTakenError
from catalyst_dns_sync.core.election import LeaseRecord
from catalyst_dns_sync.kube.client import load_client
from catalyst_dns_sync.kube.leases import ApiLeaseKeeper
from fakes.world import World, world

pytestmark = pytest.mark.looptime

MOMENT = "2026-01-01T00:00:00.123456Z"
RECORD = LeaseRecord("pod-1", 15, MOMENT, MOMENT, 2)


async def kept(here: World, *records: LeaseRecord) -> list[KeptLease | None]:
    """Create a Lease, replace it by each further record, and read it after each write."""
    found: list[KeptLease | None] = []
    async with await load_client(str(here.folder / "kubeconfig")) as api:
        keeper = ApiLeaseKeeper(api, "default", "mine")
        found.append(await keeper.read())
        for record in records:
            before = found[-1]
            if before is None:
                written = await keeper.create(record)
            else:
                written = await keeper.replace(record, before.version)
            found.append(await keeper.read())
            assert written == found[-1]
    return found


async def test_what_is_written_is_read_again() -> None:
    gone = LeaseRecord("", 1, MOMENT, MOMENT, 2)
    async with world() as here:
        missing, first, second = await kept(here, RECORD, gone)

    assert missing is None
    assert first is not None
    assert second is not None
    assert (first.record, second.record) == (RECORD, gone)
    assert first.version != second.version


async def test_who_was_too_late_is_told() -> None:
    async with world() as here, await load_client(str(here.folder / "kubeconfig")) as api:
        keeper = ApiLeaseKeeper(api, "default", "mine")
        first = await keeper.create(RECORD)
        await keeper.replace(LeaseRecord("pod-2", 15, MOMENT, MOMENT, 3), first.version)

        with pytest.raises(LeaseTakenError):
            await keeper.replace(RECORD, first.version)
        with pytest.raises(LeaseTakenError):
            await keeper.create(RECORD)


async def test_a_refusal_says_what_to_allow() -> None:
    async with world() as here, await load_client(str(here.folder / "kubeconfig")) as api:
        here.api.forbid("get", "leases")
        with pytest.raises(LeaseError, match="allow to get leases in namespace default"):
            await ApiLeaseKeeper(api, "default", "mine").read()
