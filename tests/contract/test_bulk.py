"""What the Provider promises where it imports zone files, on the embedded server, over HTTP."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import dns.rcode
import pytest

from catalyst_dns_sync.control.ports import Applied, Verdict, always
from catalyst_dns_sync.core.changes import Change
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.records import Record, Records, Zone
from catalyst_dns_sync.providers.technitium.client import TechnitiumClient
from catalyst_dns_sync.providers.technitium.errors import NotReachedError, RecordRefusedError
from catalyst_dns_sync.providers.technitium.provider import TechnitiumProvider
from catalyst_dns_sync.providers.technitium.tokens import TokenSource
from catalyst_dns_sync.sandbox.technitium import Fault, Kind
from catalyst_dns_sync.sandbox.technitium import Record as ServerRecord
from catalyst_dns_sync.sandbox.technitium.model.access import Access
from catalyst_dns_sync.sandbox.technitium.model.rdata import Target, parse_address
from fakes.technitium import ZONE, Rig, a, aaaa, change, cname, running
from fakes.values import host

NAMES = [host(f"n{number}") for number in range(6)]
HUMAN = a(99, ttl=300, comment="human")
ONE = (a(1),)
IMPORT = "/api/zones/import"


def creates(*names: DnsName, goal: Records = ONE) -> list[Change]:
    return [change((), goal, name) for name in names or NAMES]


def updates(before: Records, goal: Records) -> list[Change]:
    return [change(before, goal, name) for name in NAMES]


def verdicts(applied: Sequence[Applied]) -> dict[DnsName, Verdict]:
    return {one.change.name: one.verdict for one in applied}


def all_of(verdict: Verdict, *but: tuple[DnsName, Verdict]) -> dict[DnsName, Verdict]:
    return dict.fromkeys(NAMES, verdict) | dict(but)


def calls(rig: Rig) -> Counter[str]:
    """Return the calls that our provider made since the last look, by the end of the path."""
    made = Counter(path.removeprefix("/api/zones/") for path, _ in rig.notes.outcomes)
    rig.notes.outcomes.clear()
    return made


def at_call(rig: Rig, path: str, act: Callable[[], None]) -> None:
    """Do something right after our provider's next call of a path."""

    def after(called: str) -> None:
        if called.endswith(path):
            rig.notes.then = lambda _path: None
            act()

    rig.notes.then = after


def by_hand(rig: Rig, name: DnsName, record: Record) -> Callable[[], None]:
    """Return what puts a record beside the others of a name, as a person may at any moment."""

    def put() -> None:
        zone = rig.server.zones.find(ZONE)
        assert zone is not None
        is_alias = record.type == "CNAME"
        data = Target.of(record.value) if is_alias else parse_address(record.value, record.type)
        made = ServerRecord(name, record.type, record.ttl, data, record.comment)
        if is_alias:
            zone.put(made)
        else:
            zone.add(made)

    return put


async def apply(
    rig: Rig,
    *changes: Change,
    may_begin: Callable[[Change], bool] = always,
    seen: Zone | None = None,
) -> list[Applied]:
    """Apply the changes as planned on a reading, by default on one of just now."""
    return await rig.apply(
        *changes, may_begin=may_begin, seen=seen or await rig.provider.read(ZONE)
    )


@pytest.mark.parametrize("version", ["13.6", "14.3", "15.2"])
async def test_new_names_and_moved_ones_take_one_import_each(version: str) -> None:
    two, other = (a(1), a(2), aaaa(1)), (a(2, ttl=60), a(3, ttl=60), aaaa(2))
    async with running(version=version, bulk_threshold=6) as rig:
        seen = await rig.provider.read(ZONE)
        calls(rig)

        made = await apply(rig, *creates(goal=two), seen=seen)
        after_making = await rig.provider.read(ZONE)
        made_by = calls(rig)
        moved = await apply(rig, *updates(two, other), seen=after_making)
        after_moving = await rig.provider.read(ZONE)
        moved_by = calls(rig)

    assert verdicts(made) == verdicts(moved) == all_of(Verdict.DONE)
    assert {one.change.name: one.records for one in made} == dict.fromkeys(NAMES, two)
    assert {name: after_moving.names[name] for name in NAMES} == dict.fromkeys(NAMES, other)
    assert made_by == moved_by == {"list": 1, "import": 1, "records/get": 2}
    assert after_making.stamp.serial == seen.stamp.serial + sum(one.writes for one in made)
    assert after_moving.stamp.serial == after_making.stamp.serial + sum(one.writes for one in moved)


async def test_without_a_reading_that_the_plan_rests_on_every_name_is_read() -> None:
    async with running(bulk_threshold=3) as rig:
        await rig.apply(*creates())

        assert calls(rig) == {"records/add": 6, "records/get": 6}


async def test_few_changes_are_made_one_by_one() -> None:
    async with running(bulk_threshold=7) as rig:
        await apply(rig, *creates())

        assert calls(rig) == {"records/add": 6, "records/get": 7}


async def test_aliases_and_deletes_go_beside_the_import() -> None:
    async with running(bulk_threshold=6) as rig:
        await apply(rig, *creates(host("old")))
        calls(rig)

        done = await apply(
            rig,
            *creates(),
            change((a(1),), (), host("old")),
            change((), (cname("x.lab.test"),), host("alias")),
        )

        assert {one.verdict for one in done} == {Verdict.DONE}
        assert len(done) == 8
        made = calls(rig)
        assert (made["import"], made["records/add"], made["records/delete"]) == (1, 1, 1)


async def test_a_name_that_holds_anything_of_somebody_else_is_in_no_import() -> None:
    text = Record("TXT", "by hand", 77, "human")
    async with running(bulk_threshold=3) as rig:
        await rig.by_hand(NAMES[0], text)
        await rig.by_hand(NAMES[1], HUMAN)
        (written,) = await rig.held(NAMES[0])
        seen = await rig.provider.read(ZONE)
        calls(rig)

        done = await apply(rig, *creates(), seen=seen)

        assert verdicts(done) == all_of(Verdict.DONE, (NAMES[1], Verdict.STALE))
        assert await rig.held(NAMES[0]) == (a(1), written)
        assert await rig.held(NAMES[1]) == (HUMAN,)
        assert calls(rig)["records/add"] == 1


@pytest.mark.parametrize("before", [(), (a(1),)], ids=["new", "moved"])
async def test_what_somebody_did_since_the_plan_was_made_is_seen_by_the_serial(
    before: Records,
) -> None:
    async with running(bulk_threshold=3) as rig:
        if before:
            await apply(rig, *creates(goal=before))
        seen = await rig.provider.read(ZONE)
        by_hand(rig, NAMES[2], HUMAN)()
        calls(rig)

        done = await apply(rig, *updates(before, (a(2),)), seen=seen)

        assert verdicts(done) == all_of(Verdict.DONE, (NAMES[2], Verdict.STALE))
        assert await rig.held(NAMES[2]) == (*before, HUMAN)
        assert {one.writes for one in done} == {0}, "the view must read the zone again"
        assert calls(rig)["list"] == 2


async def test_a_serial_of_another_day_is_not_the_same() -> None:
    async with running(bulk_threshold=3) as rig:
        seen = await rig.provider.read(ZONE)
        before = replace(seen, stamp=replace(seen.stamp, last_modified="2020-01-01T00:00:00Z"))
        by_hand(rig, NAMES[2], HUMAN)()
        serial = (await rig.provider.zones())[ZONE].stamp.serial
        came_back = replace(before, stamp=replace(before.stamp, serial=serial))

        done = await rig.apply(*creates(), seen=came_back)

        assert verdicts(done) == all_of(Verdict.DONE, (NAMES[2], Verdict.STALE))
        assert await rig.held(NAMES[2]) == (HUMAN,)


async def test_the_serial_is_looked_at_before_each_chunk() -> None:
    async with running(bulk_threshold=3, chunk_lines=2) as rig:
        await apply(rig, *creates())
        seen = await rig.provider.read(ZONE)
        calls(rig)
        at_call(rig, "/import", by_hand(rig, NAMES[5], HUMAN))

        done = await apply(rig, *updates((a(1),), (a(2),)), seen=seen)

        assert verdicts(done) == all_of(Verdict.DONE, (NAMES[5], Verdict.STALE))
        assert await rig.held(NAMES[5]) == (a(1), HUMAN)
        made = calls(rig)
        assert (made["import"], made["list"], made["records/update"]) == (3, 4, 0)


async def test_chunks_that_nobody_disturbs_cost_one_reading_in_all() -> None:
    async with running(bulk_threshold=3, chunk_lines=2) as rig:
        seen = await rig.provider.read(ZONE)
        calls(rig)

        done = await apply(rig, *creates(), seen=seen)

        assert verdicts(done) == all_of(Verdict.DONE)
        assert calls(rig) == {"import": 3, "list": 3, "records/get": 1}


async def test_a_zone_that_never_rests_is_written_name_by_name() -> None:
    async with running(bulk_threshold=3) as rig:
        seen = await rig.provider.read(ZONE)
        spots = iter(range(100))

        def edit(_path: str) -> None:
            by_hand(rig, host(f"x{next(spots)}"), HUMAN)()

        edit("")
        calls(rig)
        rig.notes.then = edit
        done = await apply(rig, *creates(), seen=seen)

        assert verdicts(done) == all_of(Verdict.DONE)
        assert calls(rig)["import"] == 0


async def test_an_import_that_stops_half_way_is_finished_by_single_calls() -> None:
    alias = cname("human.test")
    async with running(bulk_threshold=3) as rig:
        seen = await rig.provider.read(ZONE)
        calls(rig)
        at_call(rig, "/list", by_hand(rig, NAMES[2], alias))

        done = await apply(rig, *creates(), seen=seen)

        assert verdicts(done) == all_of(Verdict.DONE, (NAMES[2], Verdict.STALE))
        assert await rig.held(NAMES[2]) == (alias,)
        made = calls(rig)
        assert (made["import"], made["records/add"]) == (1, 3)


async def test_what_an_import_skips_in_silence_is_seen() -> None:
    hand = a(1, comment="human")
    async with running(bulk_threshold=3) as rig:
        seen = await rig.provider.read(ZONE)
        at_call(rig, "/list", by_hand(rig, NAMES[2], hand))

        done = await apply(rig, *creates(), seen=seen)

        assert verdicts(done) == all_of(Verdict.DONE, (NAMES[2], Verdict.STALE))
        assert await rig.held(NAMES[2]) == (hand,)


async def test_a_record_that_the_server_refuses_keeps_no_other_out_for_long() -> None:
    bad = change((), (a(1, ttl=604_801),), NAMES[1])
    async with running(bulk_threshold=3) as rig:
        first = await apply(rig, *creates(NAMES[0]), bad, *creates(*NAMES[2:]))
        calls(rig)
        again = await apply(rig, bad, *creates(*(host(f"m{number}") for number in range(6))))

        assert verdicts(first) == all_of(Verdict.DONE, (NAMES[1], Verdict.FAILED))
        assert [type(one.error) for one in again if one.error] == [RecordRefusedError]
        made = calls(rig)
        assert (made["import"], made["records/add"]) == (1, 1)


async def test_a_token_that_may_not_import_makes_single_calls_and_says_so_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with running() as rig:
        rig.server.accounts.add_user("small", "pw")
        zone = rig.server.zones.find(ZONE)
        assert zone is not None
        zone.permission.users["small"] = Access.VIEW | Access.MODIFY | Access.DELETE
        tokens = TokenSource(rig.server.create_token("small"))
        seen = partial(rig.provider.read, ZONE)
        caplog.set_level(logging.INFO)
        async with TechnitiumClient(rig.ports.url, tokens, observer=rig.notes) as client:
            provider = TechnitiumProvider(client, rate=1e6, bulk_threshold=3)

            made = [one async for one in provider.apply(ZONE, creates(), seen=await seen())]
            changes = updates((a(1),), (a(2),))
            moved = [one async for one in provider.apply(ZONE, changes, seen=await seen())]

        assert verdicts(made) == verdicts(moved) == all_of(Verdict.DONE)
        assert calls(rig)["import"] == 1
        (said,) = [one for one in caplog.records if "can't be imported" in one.getMessage()]
        assert "Modify on the section Zones" in vars(said)["error"]


async def test_an_import_whose_answer_is_lost_is_looked_at() -> None:
    async with running(bulk_threshold=3, chunk_lines=3) as rig:
        seen = await rig.provider.read(ZONE)
        rig.faults.add(Fault(Kind.LOSE_ANSWER, IMPORT))

        done = await apply(rig, *creates(), seen=seen)

        assert verdicts(done) == all_of(Verdict.DONE)
        assert calls(rig)["import"] == 1, "no import follows one whose end is not known"


async def test_an_import_that_may_still_be_under_way_is_followed_by_no_call_of_its_names() -> None:
    async with running(bulk_threshold=3, chunk_lines=3) as rig:
        rig.faults.add(Fault(Kind.RESET, IMPORT))

        done = await apply(rig, *creates())

        assert verdicts(done) == all_of(
            Verdict.DONE, *((name, Verdict.FAILED) for name in NAMES[:3])
        )
        assert {type(one.error) for one in done[:3]} == {NotReachedError}
        assert [await rig.held(name) for name in NAMES[:3]] == [(), (), ()]


@pytest.mark.parametrize("kind", [Kind.RESET, Kind.STATUS])
async def test_imports_that_never_arrive_are_given_up(
    kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(bulk_threshold=3) as rig:
        rig.faults.add(Fault(kind, IMPORT, times=None))

        tried = [await apply(rig, *creates()) for _ in range(3)]
        done = await apply(rig, *creates())

        assert [verdicts(one) for one in tried] == [all_of(Verdict.FAILED)] * 3
        assert verdicts(done) == all_of(Verdict.DONE)
        assert calls(rig)["import"] == 3
        assert [one.getMessage() for one in caplog.records if one.levelname == "WARNING"] == [
            "zone can't be imported, single calls from now on"
        ]


async def test_a_form_that_is_too_big_for_a_proxy_goes_name_by_name() -> None:
    async with running(bulk_threshold=3) as rig:
        rig.faults.add(Fault(Kind.STATUS, IMPORT, status=413, body="<html>too large"))

        done = await apply(rig, *creates())

        assert verdicts(done) == all_of(Verdict.DONE)
        assert calls(rig)["records/add"] == 6


async def test_what_can_not_be_read_after_an_import_has_failed() -> None:
    async with running(bulk_threshold=3) as rig:
        seen = await rig.provider.read(ZONE)
        rig.faults.add(Fault(Kind.RESET, "/records/get"))

        done = await apply(rig, *creates(), seen=seen)

        assert verdicts(done) == all_of(Verdict.FAILED)


async def test_a_change_that_may_not_begin_is_in_no_import() -> None:
    asked: list[DnsName] = []
    async with running(bulk_threshold=3, chunk_lines=2) as rig:

        def may_begin(one: Change) -> bool:
            asked.append(one.name)
            return one.name not in NAMES[1:4]

        done = await apply(rig, *creates(), may_begin=may_begin)

        assert verdicts(done) == dict.fromkeys([NAMES[0], *NAMES[4:]], Verdict.DONE)
        assert asked == NAMES
        assert await rig.held(NAMES[1]) == ()


async def test_no_chunk_is_begun_once_the_time_is_over() -> None:
    async with running(bulk_threshold=3, chunk_lines=2) as rig:

        def may_begin(_change: Change) -> bool:
            return not any(path == IMPORT for path, _ in rig.notes.outcomes)

        done = await apply(rig, *creates(), may_begin=may_begin)

        assert verdicts(done) == dict.fromkeys(NAMES[:2], Verdict.DONE)
        assert calls(rig)["import"] == 1


async def test_a_revoked_token_ends_it() -> None:
    async with running(bulk_threshold=3, chunk_lines=3) as rig:
        at_call(rig, "/import", lambda: rig.server.revoke_token(rig.token))

        done = await apply(rig, *creates())

        assert verdicts(done) == all_of(Verdict.FAILED)
        assert calls(rig)["import"] == 1


async def test_a_resolver_that_asks_all_the_time_never_misses_a_moved_name() -> None:
    names = [host(f"n{number}") for number in range(40)]
    here, there = (a(1), aaaa(1)), (a(2), aaaa(2))
    answers: Counter[str] = Counter()
    stop = False

    async def poll(rig: Rig) -> None:
        while not stop:
            for name in (names[0], names[20], names[39]):
                answer = await rig.query(name, "A")
                assert answer.rcode() == dns.rcode.NOERROR
                answers.update(str(rrset[0]) for rrset in answer.answer)
                answers["asked"] += 1

    async with running(bulk_threshold=3, chunk_lines=30) as rig:
        await apply(rig, *creates(*names, goal=here))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(poll(rig))
            for _ in range(3):
                await apply(rig, *(change(here, there, name) for name in names))
                await apply(rig, *(change(there, here, name) for name in names))
            stop = True

    assert answers["192.0.2.1"] + answers["192.0.2.2"] == answers["asked"] > 10
