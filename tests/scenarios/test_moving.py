"""Moving in from external-dns and from another owner id, and out again."""

from collections.abc import Mapping
from functools import partial

import dns.asyncquery
import dns.message
import pytest

from catalyst_dns_sync.app import moving
from catalyst_dns_sync.app.moving import Moved, Registry, leaving, move, owner_choice
from catalyst_dns_sync.app.passes import settled
from catalyst_dns_sync.app.takeover import NotAllDoneError
from catalyst_dns_sync.control.ports import ProviderError
from catalyst_dns_sync.core.external_dns import Affixes, Handover
from catalyst_dns_sync.sandbox.technitium import Fault, Kind
from fakes.world import TARGET, ZONE, Shown, World, running, settle, world

pytestmark = pytest.mark.looptime

REGISTRY = Registry("k8s", Affixes())
WRITES = r"/records/(add|update|delete)"


async def yes(_found: Handover) -> bool:
    return True


def heritage(owner: str, name: str) -> str:
    resource = f"external-dns/resource=ingress/default/{name}"
    return f'"heritage=external-dns,external-dns/owner={owner},{resource}"'


async def external_dns_zone(here: World, names: Mapping[str, str | None]) -> None:
    """Fill the zone as external-dns does, for these labels with their owners; None: by hand."""
    for label, owner in names.items():
        name = f"{label}.lab.test"
        here.ingress(label, name)
        await here.by_hand(name, TARGET, ttl="60")
        if owner is not None:
            form = {"zone": ZONE, "domain": f"a-{name}", "type": "TXT"}
            await here.console("zones/records/add", **form, text=heritage(owner, label))


def is_ours(here: World, label: str) -> bool:
    (shown,) = (one for one in here.shown()[f"{label}.lab.test"] if one.type == "A")
    return shown.comment.startswith("catalyst-dns-sync/v1 owner=default")


async def test_a_zone_of_external_dns_is_taken_over_and_the_rest_untouched() -> None:
    owners: dict[str, str | None] = {f"n{number}": "k8s" for number in range(8)}
    owners |= {"p1": "prod", "p2": "prod", "h1": None}
    async with world() as here:
        await external_dns_zone(here, owners)
        here.delete_ingress("n7")
        before = here.shown()
        opened = partial(settled, here.settings())

        kept = await move(opened, REGISTRY.choose, yes)
        texts_before = {name for name in here.names() if name.startswith("a-")}
        done = await move(opened, REGISTRY.choose, yes, remove_texts=REGISTRY)
        again = await move(opened, REGISTRY.choose, yes, remove_texts=REGISTRY)
        writes = here.writes
        async with running(here):
            await settle(5)

        assert (kept.names, kept.texts, done.names, done.texts) == (7, 0, 0, 7)
        assert texts_before == {name for name in before if name.startswith("a-")}
        assert [one.name for one in kept.refusals] == ["n7.lab.test"]
        assert (again.names, again.texts) == (0, 0)
        assert [label for label in owners if is_ours(here, label)] == [
            f"n{number}" for number in range(7)
        ]
        others = ("n7", "a-n7", "p1", "a-p1", "p2", "a-p2", "h1")
        assert {name: here.shown()[f"{name}.lab.test"] for name in others} == {
            name: before[f"{name}.lab.test"] for name in others
        }
        # Only the TTL of what is ours now follows the settings.
        assert here.writes - writes == 7


async def test_a_takeover_that_breaks_off_at_any_call_is_gone_on_with_and_no_query_fails() -> None:
    async with world() as here:
        await external_dns_zone(here, {"a1": "k8s", "a2": "k8s"})
        settings = here.settings(dns_timeout=0.5, dns_concurrency=1)
        opened = partial(settled, settings)
        broke_off = 0
        for _ in range(10):
            here.dns_faults.add(Fault(Kind.LOSE_ANSWER, WRITES, times=None, after=0))
            try:
                await move(opened, REGISTRY.choose, yes, remove_texts=REGISTRY)
            except* (NotAllDoneError, ProviderError):
                broke_off += 1
            else:
                break
            finally:
                here.dns_faults.clear()
            for label in ("a1", "a2"):
                query = dns.message.make_query(f"{label}.lab.test", "A")
                reply = await dns.asyncquery.udp(query, here.ports.host, 5, here.ports.dns)
                assert [str(one) for rrset in reply.answer for one in rrset] == [TARGET]
        await move(opened, REGISTRY.choose, yes, remove_texts=REGISTRY)

        assert broke_off > 0
        assert here.names() == {"a1.lab.test", "a2.lab.test"}
        assert is_ours(here, "a1")
        assert is_ours(here, "a2")


async def test_another_owner_id_hands_its_names_over_and_leaves_with_its_markers() -> None:
    async with world() as here:
        here.ingress("one", "one.lab.test")
        async with running(here, owner_id="old"):
            await settle(1)
        moved = await move(partial(settled, here.settings()), owner_choice("old"), yes)
        async with running(here):
            await settle(1)
        shown = here.shown()["one.lab.test"]

        left = await move(partial(settled, here.settings()), leaving, yes)

        assert (moved, left) == (Moved(1), Moved(1))
        assert " owner=default " in shown[0].comment
        assert here.shown() == {"one.lab.test": [Shown("A", TARGET, 300, "", disabled=False)]}


async def test_a_no_leaves_everything_as_it_is() -> None:
    async def no(found: Handover) -> bool:
        return not found.changes

    async with world() as here:
        await external_dns_zone(here, {"a1": "k8s"})
        before = here.shown()

        await move(partial(settled, here.settings()), REGISTRY.choose, no)
        by_file = moving.hosts_file_choice(f"{TARGET} a1.lab.test")
        await move(partial(settled, here.settings()), by_file, no)

        assert here.shown() == before
