from dataclasses import replace

from catalyst_dns_sync.control.ports import Applied, ProviderUnavailableError, Verdict
from catalyst_dns_sync.control.view import ZoneView
from catalyst_dns_sync.core.changes import Change, Create
from catalyst_dns_sync.core.drift import Drift
from catalyst_dns_sync.core.records import Record, Zone
from fakes.dns import FakeProvider
from fakes.values import US, ZONE, a, delete, endpoint, host, marker, ours

CREATE = Create(endpoint("app"), (ours(),))


class Rig:
    """A view of a server's zone."""

    def __init__(self) -> None:
        self.server = FakeProvider()
        self.view = ZoneView(ZONE, self.server)

    async def look(self) -> tuple[Zone, list[Drift]]:
        return await self.view.current((await self.server.zones())[ZONE], US)

    async def apply(self, *changes: Change) -> None:
        async for applied in self.server.apply(ZONE, changes):
            self.view.take(applied)
        self.view.confirm((await self.server.zones())[ZONE])

    def readings(self) -> int:
        return self.server.calls.count("read")


async def test_the_zone_is_read_at_first_and_then_only_when_it_changed() -> None:
    rig = Rig()
    rig.server.by_hand("app", a())

    first, _ = await rig.look()
    again, _ = await rig.look()
    assert (dict(first.names), again) == ({host("app"): (a(),)}, first)
    assert rig.readings() == 1

    rig.server.by_hand("b", a())
    changed, _ = await rig.look()
    assert set(changed.names) == {host("app"), host("b")}
    assert rig.readings() == 2


async def test_a_serial_that_goes_back_is_a_change_too() -> None:
    rig = Rig()
    await rig.look()

    rig.server.held[ZONE].serial -= 1
    await rig.look()

    assert rig.readings() == 2


async def test_our_own_writes_are_predicted_and_need_no_reading() -> None:
    rig = Rig()
    await rig.look()

    await rig.apply(CREATE)
    zone, drift = await rig.look()

    assert zone.names[host("app")] == (ours(),)
    assert (rig.readings(), drift) == (1, [])


async def test_our_own_deletes_are_predicted_too() -> None:
    rig = Rig()
    rig.server.by_hand("app", *delete("app").before, Record("TXT", "x", 300))
    await rig.look()

    await rig.apply(delete("app"))
    zone, drift = await rig.look()

    assert zone.names[host("app")] == (Record("TXT", "x", 300),)
    assert (rig.readings(), drift) == (1, [])


async def test_a_foreign_write_between_ours_is_noticed() -> None:
    rig = Rig()
    await rig.look()
    rig.server.before_apply = lambda: rig.server.by_hand("other", a())

    await rig.apply(CREATE)
    assert rig.view.stamp is None
    zone, drift = await rig.look()

    assert set(zone.names) == {host("app"), host("other")}
    assert drift == []


async def test_what_others_did_to_our_records_is_drift() -> None:
    rig = Rig()
    for label in ("removed", "changed", "taken", "disabled", "left"):
        rig.server.by_hand(label, ours())
    rig.server.by_hand("mine", a())
    await rig.look()

    rig.server.by_hand("removed")
    rig.server.by_hand("changed", ours("10.0.0.1"))
    rig.server.by_hand("taken", a())
    rig.server.by_hand("disabled", ours(disabled=True))
    rig.server.by_hand("mine")
    _, drift = await rig.look()

    assert drift == [
        Drift(host("changed"), "changed"),
        Drift(host("disabled"), "changed"),
        Drift(host("removed"), "removed"),
        Drift(host("taken"), "taken"),
    ]


async def test_a_record_beside_ours_that_does_not_answer_is_no_drift() -> None:
    rig = Rig()
    rig.server.by_hand("app", ours())
    await rig.look()

    rig.server.by_hand("app", ours(), Record("TXT", "x", 300))

    assert (await rig.look())[1] == []


async def test_what_another_cluster_does_to_its_own_records_is_no_drift() -> None:
    rig = Rig()
    theirs = marker(cluster="aaaaaaaa")
    rig.server.by_hand("app", a(comment=theirs))
    await rig.look()

    rig.server.by_hand("app", a("10.0.0.1", comment=theirs))

    assert (await rig.look())[1] == []


async def test_the_first_reading_shows_no_drift() -> None:
    rig = Rig()
    rig.server.by_hand("app", ours())

    assert (await rig.look())[1] == []


async def test_a_change_of_unknown_end_is_read_again_and_is_no_drift() -> None:
    rig = Rig()
    await rig.look()

    failed = Applied(CREATE, Verdict.FAILED, None, 0, ProviderUnavailableError("timeout"))
    rig.server.by_hand("app", ours())
    rig.view.take(failed)

    assert rig.view.stamp is None
    zone, drift = await rig.look()
    assert (zone.names[host("app")], drift) == ((ours(),), [])


async def test_a_stale_change_shows_what_was_found_and_asks_for_a_reading() -> None:
    rig = Rig()
    await rig.look()
    rig.server.by_hand("app", a("10.0.0.1"))

    await rig.apply(CREATE)

    assert rig.view.stamp is None
    assert list(rig.view.contents.names) == [host("app")]


async def test_an_invalidated_zone_is_read_again_and_still_shows_drift() -> None:
    rig = Rig()
    rig.server.by_hand("app", ours())
    await rig.look()

    rig.view.invalidate()
    rig.server.held[ZONE].names.clear()

    assert (await rig.look())[1] == [Drift(host("app"), "removed")]


async def test_our_records_are_counted_by_type() -> None:
    rig = Rig()
    rig.server.by_hand("app", ours(), ours("10.0.0.1"))
    rig.server.by_hand("b", Record("AAAA", "fd00::1", 300, marker()))
    rig.server.by_hand("mine", a())
    rig.server.by_hand("theirs", a(comment=marker(cluster="aaaaaaaa")))
    await rig.look()

    assert rig.view.managed(US) == {"A": 2, "AAAA": 1}


async def test_only_names_with_a_record_of_ours_and_of_this_cluster_are_ours() -> None:
    rig = Rig()
    rig.server.by_hand("mine", a(comment=marker()))
    rig.server.by_hand("theirs", a(comment=marker(cluster="aaaaaaaa")))
    rig.server.by_hand("foreign", a())
    await rig.look()
    names = [host(label) for label in ("mine", "theirs", "foreign", "nobodys")]

    assert rig.view.ours(names, US) == {host("mine")}
    assert rig.view.ours(names, replace(US, cluster=None)) == {host("mine"), host("theirs")}
