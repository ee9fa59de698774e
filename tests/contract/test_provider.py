"""What a Provider promises, shown by the one for Technitium on the embedded server, over HTTP."""

import asyncio
import itertools
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import dns.asyncquery
import dns.message
import dns.rcode
import pytest

from catalyst_dns_sync.control.ports import (
    HostedZone,
    ProviderError,
    ProviderRejectedError,
    ProviderUnavailableError,
    Verdict,
)
from catalyst_dns_sync.core.changes import Change
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.ownership import answering
from catalyst_dns_sync.core.records import Record, Records, Zone
from catalyst_dns_sync.providers.dryrun import DryRunProvider
from catalyst_dns_sync.providers.technitium.client import TechnitiumClient
from catalyst_dns_sync.providers.technitium.codec import Payload, slimmed
from catalyst_dns_sync.providers.technitium.errors import (
    NotReachedError,
    TokenRefusedError,
    ZoneRefusedError,
)
from catalyst_dns_sync.providers.technitium.listing import Keep
from catalyst_dns_sync.providers.technitium.provider import TechnitiumProvider
from catalyst_dns_sync.providers.technitium.tokens import TokenSource
from catalyst_dns_sync.sandbox.technitium import (
    Fault,
    Kind,
    Technitium,
    ZoneType,
)
from catalyst_dns_sync.sandbox.technitium import Record as ServerRecord
from catalyst_dns_sync.sandbox.technitium.model.access import Access
from catalyst_dns_sync.sandbox.technitium.model.rdata import parse_address
from fakes.technitium import NAME, OURS, ZONE, Rig, a, aaaa, change, cname, running

WRITES = r"/records/(add|update|delete)"


def replanned(zone: Zone, goals: Mapping[DnsName, Records]) -> list[Change]:
    """Return what a next pass would plan."""
    found = {name: answering(zone.names.get(name, ()), name, ZONE) for name in goals}
    return [change(found[name], goal, name) for name, goal in goals.items() if found[name] != goal]


STATES: dict[str, Records] = {
    "nothing": (),
    "one": (a(1),),
    "another": (a(2),),
    "other ttl": (a(1, ttl=60),),
    "other comment": (a(1, comment=OURS + " | by hand"),),
    "expiring": (a(1, expiry=86400),),
    "two": (a(1), a(2)),
    "three at another ttl": (a(1, ttl=60), a(3, ttl=60), a(4, ttl=60)),
    "two, one remarked": (a(1, comment=OURS + " | x"), a(2)),
    "IPv6": (aaaa(1),),
    "both": (a(1), a(2), aaaa(1), aaaa(2)),
    "alias": (cname("x.lab.test"),),
    "other alias": (cname("y.test", ttl=60),),
}


async def prepare(rig: Rig, names: Mapping[DnsName, Records]) -> None:
    made = await rig.apply(*(change((), held, name) for name, held in names.items() if held))
    assert all(applied.verdict is Verdict.DONE for applied in made)


@pytest.mark.parametrize("version", ["13.6", "14.3", "15.1", "15.2"])
async def test_every_state_of_a_name_becomes_every_other_as_predicted(version: str) -> None:
    pairs = [
        (DnsName(f"n{number}.lab.test"), before, goal)
        for number, (before, goal) in enumerate(itertools.permutations(STATES.values(), 2))
    ]
    async with running(version=version) as rig:
        await prepare(rig, {name: before for name, before, _ in pairs})
        serial = await rig.serial()

        done = await rig.apply(*(change(before, goal, name) for name, before, goal in pairs))

        zone = await rig.provider.read(ZONE)
        assert {one.change.name: one.records for one in done} == {
            name: goal for name, _, goal in pairs
        }
        assert {name: zone.names.get(name, ()) for name, _, _ in pairs} == {
            name: goal for name, _, goal in pairs
        }
        assert {one.verdict for one in done} == {Verdict.DONE}
        assert zone.stamp.serial == serial + sum(one.writes for one in done)


async def test_a_record_is_answered_as_soon_as_it_is_made() -> None:
    async with running() as rig:
        await rig.apply(change((), (a(1), aaaa(1))))

        v4, v6 = await rig.query(NAME, "A"), await rig.query(NAME, "AAAA")

    assert [str(rrset[0]) for rrset in (v4.answer[0], v6.answer[0])] == ["192.0.2.1", "2001:db8::1"]


async def test_a_deleted_name_does_not_exist() -> None:
    async with running() as rig:
        await prepare(rig, {NAME: (a(1),)})

        await rig.apply(change((a(1),), ()))

        assert (await rig.query(NAME, "A")).rcode() == dns.rcode.NXDOMAIN


@pytest.mark.parametrize(
    ("before", "goal"),
    [
        ((a(1),), (a(2),)),
        ((a(1),), (a(2, ttl=60),)),
        ((a(1),), (a(1, ttl=60),)),
        ((a(1), a(2)), (a(3), a(4))),
        ((a(1), a(2)), (a(3, ttl=60), a(4, ttl=60))),
        ((cname("x.lab.test"),), (cname("y.lab.test"),)),
    ],
    ids=["value", "value and ttl", "ttl", "two values", "two values and ttl", "alias"],
)
async def test_a_resolver_that_asks_all_the_time_never_gets_an_empty_answer(
    before: Records, goal: Records
) -> None:
    stop = False
    answers: list[int] = []

    async def poll(rig: Rig) -> None:
        while not stop:
            answer = await rig.query(NAME, before[0].type)
            assert answer.rcode() == dns.rcode.NOERROR
            answers.append(sum(len(rrset) for rrset in answer.answer))

    async with running() as rig:
        await prepare(rig, {NAME: before})
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(poll(rig))
            for _ in range(5):
                there = await rig.apply(change(before, goal))
                back = await rig.apply(change(goal, before))
                assert {one.verdict for one in there + back} == {Verdict.DONE}
            stop = True

    assert len(answers) > 10
    assert min(answers) >= 1


async def test_another_family_never_takes_the_name_away() -> None:
    stop = False
    codes: list[int] = []

    async def poll(rig: Rig) -> None:
        while not stop:
            codes.append(int((await rig.query(NAME, "A")).rcode()))

    async with running() as rig:
        await prepare(rig, {NAME: (a(1),)})
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(poll(rig))
            for _ in range(5):
                await rig.apply(change((a(1),), (aaaa(1),)))
                await rig.apply(change((aaaa(1),), (a(1),)))
            stop = True

    assert len(codes) > 10
    assert set(codes) == {int(dns.rcode.NOERROR)}


FOREIGN = {
    DnsName("txt.lab.test"): Record("TXT", "by hand", 77, "human"),
    DnsName("hand.lab.test"): a(99, ttl=77, comment="human"),
    DnsName("-x.lab.test"): a(98, ttl=77, comment="human"),
}


async def test_what_others_made_stays_as_it_is() -> None:
    async with running() as rig:
        for name, record in FOREIGN.items():
            await rig.by_hand(name, record, disable=True)
        await rig.by_hand(NAME, Record("TXT", "beside ours", 77, "human"))
        before = {name: await rig.held(name) for name in FOREIGN}
        (text,) = await rig.held()

        (made,) = await rig.apply(change((), (a(1), a(2))))
        (moved,) = await rig.apply(change((a(1), a(2)), (a(3, ttl=60), a(4, ttl=60))))
        (ended,) = await rig.apply(change((a(3, ttl=60), a(4, ttl=60)), ()))

        assert made.records == (a(1), a(2), text)
        assert moved.records == (a(3, ttl=60), a(4, ttl=60), text)
        assert ended.records == (text,)
        assert await rig.held() == (text,)
        assert {name: await rig.held(name) for name in FOREIGN} == before


def put_directly(server: Technitium, record: Record) -> None:
    """Do what a person could do between any two of our calls."""
    zone = server.zones.find(ZONE)
    assert zone is not None
    data = parse_address(record.value, record.type)
    zone.add(ServerRecord(NAME, record.type, record.ttl, data, record.comment))


INTRUDERS = {
    "same type": a(9, ttl=77, comment="human"),
    "same value": a(1, ttl=300, comment="human"),
    "our value, another ttl": a(2, ttl=77, comment="human"),
    "other type": Record("AAAA", "2001:db8::9", 77, "human"),
}


@pytest.mark.parametrize("intruder", INTRUDERS.values(), ids=INTRUDERS)
async def test_a_name_that_was_taken_meanwhile_is_left_alone(intruder: Record) -> None:
    async with running() as rig:
        await rig.by_hand(NAME, intruder)
        before = rig.write_calls

        (applied,) = await rig.apply(change((), (a(1), a(2))))

        assert (applied.verdict, applied.records) == (Verdict.STALE, (intruder,))
        assert applied.writes == 0
        assert rig.write_calls == before


async def test_a_disabled_record_of_ours_makes_a_change_stale() -> None:
    async with running() as rig:
        await rig.by_hand(NAME, a(1), disable=True)

        (applied,) = await rig.apply(change((a(1),), (a(2),)))

        assert applied.verdict is Verdict.STALE
        assert applied.records == (replace(a(1), disabled=True),)


async def test_a_person_who_steps_in_between_two_calls_is_noticed() -> None:
    async with running() as rig:
        await prepare(rig, {NAME: (a(1), a(2))})
        hand = a(9, comment="human")

        def step_in(path: str) -> None:
            if path.endswith("/add"):
                rig.notes.then = lambda _path: None
                put_directly(rig.server, hand)

        rig.notes.then = step_in
        (applied,) = await rig.apply(change((a(1), a(2)), (a(3), a(4))))

        assert applied.verdict is Verdict.STALE
        assert applied.records == (a(1), a(2), a(3), hand)
        assert applied.writes == 1
        assert await rig.held() == applied.records


async def test_a_record_that_appears_between_reading_and_adding_is_left_alone() -> None:
    async with running() as rig:
        hand = a(1, comment="human")

        def step_in(path: str) -> None:
            if path.endswith("/get"):
                rig.notes.then = lambda _path: None
                put_directly(rig.server, hand)

        rig.notes.then = step_in
        (applied,) = await rig.apply(change((), (a(1),)))

        assert (applied.verdict, applied.records) == (Verdict.STALE, (hand,))
        assert await rig.held() == (hand,)


async def test_a_record_that_is_already_there_as_it_should_be_counts_as_made() -> None:
    async with running() as rig:

        def step_in(path: str) -> None:
            if path.endswith("/get"):
                rig.notes.then = lambda _path: None
                put_directly(rig.server, a(1))

        rig.notes.then = step_in
        (applied,) = await rig.apply(change((), (a(1),)))

        assert (applied.verdict, applied.records, applied.writes) == (Verdict.DONE, (a(1),), 0)


async def test_a_record_that_is_already_gone_counts_as_deleted() -> None:
    async with running() as rig:
        await prepare(rig, {NAME: (a(1),)})

        def step_in(path: str) -> None:
            if path.endswith("/get"):
                rig.notes.then = lambda _path: None
                zone = rig.server.zones.find(ZONE)
                assert zone is not None
                zone.delete_set(NAME, "A")

        rig.notes.then = step_in
        (applied,) = await rig.apply(change((a(1),), ()))

        assert (applied.verdict, applied.records, applied.writes) == (Verdict.DONE, (), 0)


@pytest.mark.parametrize("goal", [(), (Record("PTR", "b.lab.test", 300, OURS),)])
async def test_a_pointer_that_went_with_its_address_is_changed_or_deleted_all_the_same(
    goal: Records,
) -> None:
    back, net = DnsName("1.2.0.192.in-addr.arpa"), DnsName("192.in-addr.arpa")
    before = (Record("PTR", "a.lab.test", 300, OURS),)
    async with running() as rig:
        rig.server.create_zone(net)

        (applied,) = [one async for one in rig.provider.apply(net, [change(before, goal, back)])]

        assert (applied.verdict, applied.records) == (Verdict.DONE, goal)
        assert (await rig.provider.read(net)).names.get(back, ()) == goal


LOST_RACE = '{"status":"error","errorMessage":"Cannot delete record: no such record exists."}'


@pytest.mark.parametrize(("times", "verdict"), [(1, Verdict.DONE), (2, Verdict.STALE)])
async def test_an_answer_that_the_name_belies_is_believed_the_second_time(
    times: int, verdict: Verdict
) -> None:
    async with running() as rig:
        await prepare(rig, {NAME: (a(1),)})
        rig.faults.add(Fault(Kind.STATUS, "/delete", times=times, status=200, body=LOST_RACE))

        (applied,) = await rig.apply(change((a(1),), ()))

        assert applied.verdict is verdict
        assert applied.records == await rig.held()


GOALS = {
    DnsName("new.lab.test"): (a(1),),
    DnsName("gone.lab.test"): (),
    DnsName("moved.lab.test"): (a(2, ttl=60), a(3, ttl=60)),
    DnsName("alias.lab.test"): (cname("x.lab.test"),),
    DnsName("back.lab.test"): (a(1), aaaa(1)),
}
BEFORE = {
    DnsName("gone.lab.test"): (a(1), a(2)),
    DnsName("moved.lab.test"): (a(1), a(2)),
    DnsName("alias.lab.test"): (a(1),),
    DnsName("back.lab.test"): (cname("x.lab.test"),),
}


@pytest.mark.parametrize("kind", [Kind.RESET, Kind.LOSE_ANSWER, Kind.STATUS])
async def test_after_a_crash_at_any_call_the_next_pass_gets_there(kind: Kind) -> None:
    for after in range(40):
        async with running(concurrency=1) as rig:
            await prepare(rig, BEFORE)
            made = rig.write_calls
            rig.faults.add(Fault(kind, WRITES, times=None, after=after))
            first = await rig.apply(*replanned(await rig.provider.read(ZONE), GOALS))
            rig.faults.clear()

            second = await rig.apply(*replanned(await rig.provider.read(ZONE), GOALS))

            zone = await rig.provider.read(ZONE)
            assert {name: zone.names.get(name, ()) for name in GOALS} == GOALS
            assert {one.verdict for one in second} <= {Verdict.DONE}
            if all(one.verdict is Verdict.DONE for one in first):
                assert rig.write_calls - made == after, "the last round met no fault"
                return
    pytest.fail("it takes more calls than that?")


async def test_a_failed_change_fails_alone() -> None:
    names = [DnsName(f"n{number}.lab.test") for number in range(5)]
    async with running(concurrency=1) as rig:
        rig.faults.add(Fault(Kind.STATUS, WRITES, times=1, after=2, status=502, body="<html>"))

        done = await rig.apply(*(change((), (a(1),), name) for name in names))

        verdicts = [one.verdict for one in done]
        assert verdicts == [Verdict.DONE] * 2 + [Verdict.FAILED] + [Verdict.DONE] * 2
        assert isinstance(done[2].error, ProviderUnavailableError)
        assert done[2].records is None


async def test_a_server_that_does_not_answer_is_not_asked_for_every_change() -> None:
    names = [DnsName(f"n{number}.lab.test") for number in range(100)]
    async with running(concurrency=4) as rig:
        rig.faults.add(Fault(Kind.RESET, ".*", times=None))

        done = await rig.apply(*(change((), (a(1),), name) for name in names))

        assert len(done) == 100
        assert {one.verdict for one in done} == {Verdict.FAILED}
        assert {type(one.error) for one in done} == {NotReachedError}
        assert len(rig.notes.outcomes) == 4


async def test_a_token_that_is_revoked_on_the_way_ends_the_writing() -> None:
    names = [DnsName(f"n{number}.lab.test") for number in range(100)]
    async with running(concurrency=1) as rig:

        def revoke(_path: str) -> None:
            if len(rig.notes.outcomes) == 10:
                rig.server.revoke_token(rig.token)

        rig.notes.then = revoke
        done = await rig.apply(*(change((), (a(1),), name) for name in names))
        again = await rig.apply(change((), (a(1),), names[-1]))

        assert [one.verdict for one in done] == [Verdict.DONE] * 5 + [Verdict.FAILED] * 95
        assert {type(one.error) for one in [*done[5:], *again]} == {TokenRefusedError}
        assert rig.notes.outcomes[10:] == [("/api/zones/records/get", "invalid-token")]


async def test_a_wrong_token_is_refused_everywhere_and_no_log_in_is_tried() -> None:
    async with running(token="0" * 64) as rig:
        for ask in (rig.provider.zones, rig.provider.started_at):
            with pytest.raises(TokenRefusedError, match="DNS_API_TOKEN"):
                await ask()
        with pytest.raises(TokenRefusedError, match="DNS_API_TOKEN"):
            await rig.provider.read(ZONE)

        assert {path for path in rig.server.traffic.calls if "/user/" in path} == {
            "/api/user/session/get"
        }


async def test_a_zone_that_is_missing_is_never_empty() -> None:
    missing, below = DnsName("other.test"), DnsName("sub.lab.test")
    async with running() as rig:
        with pytest.raises(ZoneRefusedError, match=r"create zone other\.test"):
            await rig.provider.read(missing)
        with pytest.raises(ZoneRefusedError, match=r"no zone sub\.lab\.test, only lab\.test"):
            await rig.provider.read(below)

        assert ZONE in await rig.provider.zones()


async def test_nothing_is_written_into_the_zone_above_a_missing_one() -> None:
    below = DnsName("sub.lab.test")
    changes = [change((), (a(1),), DnsName(f"n{number}.sub.lab.test")) for number in range(20)]
    async with running(concurrency=2) as rig:
        done = [one async for one in rig.provider.apply(below, changes)]

        assert {type(one.error) for one in done} == {ZoneRefusedError}
        assert len(rig.notes.outcomes) == 2
        assert rig.write_calls == 0


async def test_a_zone_that_the_token_may_not_see_says_what_to_grant() -> None:
    async with running() as rig:
        rig.server.accounts.add_user("small", "pw")
        tokens = TokenSource(rig.server.create_token("small"))
        async with TechnitiumClient(rig.ports.url, tokens) as client:
            provider = TechnitiumProvider(client)
            assert ZONE not in await provider.zones()
            with pytest.raises(ProviderRejectedError, match=r"View on zone lab\.test"):
                await provider.read(ZONE)


async def test_a_zone_that_the_token_may_only_see_says_what_to_grant() -> None:
    async with running() as rig:
        rig.server.accounts.add_user("small", "pw")
        zone = rig.server.zones.find(ZONE)
        assert zone is not None
        zone.permission.users["small"] = Access.VIEW
        tokens = TokenSource(rig.server.create_token("small"))
        async with TechnitiumClient(rig.ports.url, tokens) as client:
            provider = TechnitiumProvider(client)
            done = [one async for one in provider.apply(ZONE, [change((), (a(1),))])]

    (applied,) = done
    assert str(applied.error) == (
        "/api/zones/records/add: the server says 'Access was denied.': in the DNS console, give"
        " the token's user Modify on zone lab.test"
    )


async def test_a_secondary_zone_is_read_and_not_written() -> None:
    copy = DnsName("copy.test")
    name = DnsName("a.copy.test")
    async with running() as rig:
        rig.server.create_zone(copy, ZoneType.SECONDARY)

        hosted = (await rig.provider.zones())[copy]
        done = [one async for one in rig.provider.apply(copy, [change((), (a(1),), name)])]

    assert not hosted.writable
    assert [type(one.error) for one in done] == [ZoneRefusedError]
    assert "let DNS_SERVER_URL name its primary server" in str(done[0].error)


async def test_a_ttl_above_the_soa_expire_says_what_to_mend() -> None:
    async with running() as rig:
        (applied,) = await rig.apply(change((), (a(1, ttl=604_801),)))

    assert "lower DNS_TTL_DEFAULT" in str(applied.error)


async def test_nothing_to_do_is_no_write() -> None:
    async with running() as rig:
        await prepare(rig, {NAME: (a(1), a(2))})
        made = rig.write_calls

        await rig.apply()
        (applied,) = await rig.apply(change((a(1), a(2)), (a(2), a(1))))

        assert (applied.verdict, applied.writes) == (Verdict.DONE, 0)
        assert rig.write_calls == made


async def test_a_dry_run_reads_and_never_writes() -> None:
    async with running() as rig:
        provider = DryRunProvider(rig.provider)

        done = [one async for one in provider.apply(ZONE, [change((), (a(1),))])]

        assert done == []
        assert await provider.read(ZONE) == await rig.provider.read(ZONE)
        assert await provider.zones() == await rig.provider.zones()
        assert await provider.started_at() == await rig.provider.started_at()
        assert rig.write_calls == 0


async def test_wildcards_and_the_apex_are_names_like_others() -> None:
    names = [DnsName("*.apps.lab.test"), ZONE]
    async with running() as rig:
        made = await rig.apply(*(change((), (a(1),), name) for name in names))
        moved = await rig.apply(*(change((a(1),), (a(2),), name) for name in names))

        assert {one.verdict for one in made + moved} == {Verdict.DONE}
        assert await rig.held(names[0]) == (a(2),)
        assert [record.type for record in await rig.held(ZONE)] == ["A", "NS", "SOA"]
        assert await rig.held(ZONE) == moved[1].records


async def test_the_server_tells_its_version_and_when_it_started() -> None:
    async with running() as rig:
        assert rig.provider.version is None

        zones = await rig.provider.zones()
        before = await rig.provider.started_at()
        rig.server.crash()
        after = await rig.provider.started_at()

    assert rig.provider.version == "15.2"
    assert isinstance(zones[ZONE], HostedZone)
    assert isinstance(before, datetime)
    assert isinstance(after, datetime)
    assert after > before


class Watched(TechnitiumClient):
    """A client that sees how many calls are under way, and on which names."""

    most = 0
    names: tuple[str, ...] = ()

    async def call(
        self,
        path: str,
        form: Mapping[str, str] | None = None,
        *,
        flat: bool = False,
        keep: Keep = slimmed,
    ) -> Payload:
        name = (form or {}).get("domain", "")
        assert name not in self.names, "two calls at once on one name"
        self.names = (*self.names, name)
        self.most = max(self.most, len(self.names))
        try:
            return await super().call(path, form, flat=flat, keep=keep)
        finally:
            self.names = tuple(other for other in self.names if other != name)


async def test_names_go_side_by_side_but_no_name_twice() -> None:
    names = [DnsName(f"n{number}.lab.test") for number in range(20)]
    first = [change((), (a(1),), name) for name in names]
    second = [change((a(1),), (a(2),), name) for name in names]
    third = [change((a(2),), (), name) for name in names]
    changes = [*first, *itertools.chain.from_iterable(zip(second, third, strict=True))]
    async with (
        running() as rig,
        Watched(rig.ports.url, TokenSource(rig.token)) as client,
    ):
        provider = TechnitiumProvider(client, concurrency=5, rate=1e6)

        done = [one async for one in provider.apply(ZONE, changes)]

        assert {one.verdict for one in done} == {Verdict.DONE}
        assert 1 < client.most <= 5


@pytest.mark.looptime
async def test_changes_keep_to_the_rate() -> None:
    loop = asyncio.get_running_loop()
    names = [DnsName(f"n{number}.lab.test") for number in range(20)]
    async with running(rate=10.0) as rig:
        began = loop.time()

        done = await rig.apply(*(change((), (a(1),), name) for name in names))

        assert {one.verdict for one in done} == {Verdict.DONE}
        assert loop.time() - began >= 3.0


def working() -> list[str]:
    """Return our tasks that still run."""
    return [repr(task) for task in asyncio.all_tasks() if "carry_out" in repr(task)]


async def test_who_stops_iterating_leaves_no_work_behind() -> None:
    names = [DnsName(f"n{number}.lab.test") for number in range(50)]
    async with running() as rig:
        async for _ in rig.provider.apply(ZONE, [change((), (a(1),), name) for name in names]):
            break

        assert working() == []
        assert rig.write_calls == 8


@pytest.mark.looptime
async def test_a_cancelled_apply_leaves_no_work_behind() -> None:
    names = [DnsName(f"n{number}.lab.test") for number in range(50)]
    async with running() as rig:
        rig.faults.add(Fault(Kind.HANG, WRITES, times=None))

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await rig.apply(*(change((), (a(1),), name) for name in names))

        assert working() == []


@pytest.mark.looptime
async def test_the_token_is_in_no_log_line_and_no_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    errors: list[ProviderError] = []
    async with running() as rig:
        for kind in Kind:
            rig.faults.add(Fault(kind, "/zones/list", body=f"token={rig.token}", seconds=0.0))
            try:
                await rig.provider.zones()
            except ProviderError as error:
                errors.append(error)
        await rig.apply(change((), (a(1),)))
        rig.server.revoke_token(rig.token)
        with pytest.raises(TokenRefusedError) as caught:
            await rig.provider.started_at()
        errors.append(caught.value)

        told = [f"{error} {error!r} {error.__cause__!r}" for error in errors]
        logged = [f"{record.getMessage()} {vars(record)}" for record in caplog.records]
        assert len(errors) == 7
        assert len(logged) > 5
        assert not [line for line in told + logged if rig.token in line]


async def test_a_name_that_was_claimed_while_it_was_read_is_not_deleted() -> None:
    asked: list[Change] = []

    def is_unclaimed_at_first(one: Change) -> bool:
        asked.append(one)
        return len(asked) == 1

    delete = change((a(1),), ())
    async with running() as rig:
        await prepare(rig, {NAME: (a(1),)})

        done = await rig.apply(delete, may_begin=is_unclaimed_at_first)

        assert (done, asked, await rig.held()) == ([], [delete, delete], (a(1),))
