"""The Provider port on a hosts file, and the people and programs that write to it meanwhile."""

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from catalyst_dns_sync.control.ports import (
    Applied,
    ProviderRejectedError,
    ProviderUnavailableError,
    Verdict,
)
from catalyst_dns_sync.core.changes import Change, Create, Delete, Update
from catalyst_dns_sync.core.hostsfile import read
from catalyst_dns_sync.core.names import ROOT, DnsName, parse_name
from catalyst_dns_sync.core.records import Endpoint, Record, Zone, parse_targets
from catalyst_dns_sync.providers.hosts import command
from catalyst_dns_sync.providers.hosts.files import HostsFileStore, Reading
from catalyst_dns_sync.providers.hosts.provider import HostsFileProvider
from fakes.values import host, marker, ref

EARLIER = 1_700_000_000
OURS = "catalyst-dns-sync/v1 owner=default origin= kinds="


class Meddled(HostsFileStore):
    """Somebody else writes to the file around each of our writes."""

    def __init__(self, file: Path, before: bytes | None = None, after: bytes | None = None) -> None:
        super().__init__(file, file.parent / "state")
        self.before, self.after = before, after
        self.writes = 0

    def write(self, reading: Reading, content: bytes) -> None:
        self.writes += 1
        if self.before is not None:
            put(self.path, self.path.read_bytes() + self.before)
        super().write(reading, content)
        if self.after is not None:
            put(self.path, self.after)


def put(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    os.utime(file, (EARLIER, EARLIER))


def text_of(file: Path) -> bytes:
    return file.read_bytes()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "hosts"
    put(file, b"127.0.0.1 localhost\n10.0.0.9 mine.lab.test\n")
    return file


def provider(store: HostsFileStore, **kind: Any) -> HostsFileProvider:
    made = HostsFileProvider(store, owner="default", zones={ROOT}, **kind)
    made.wanted = lambda: {host("mine"), host("a")}
    return made


def goal(*values: str, comment: str = "") -> tuple[Record, ...]:
    targets = parse_targets(",".join(values)) if values else ()
    return tuple(Record(one.type.value, one.value, 300, comment or marker()) for one in targets)


def create(label: str, *values: str) -> Create:
    endpoint = Endpoint(host(label), parse_targets(",".join(values)), 300, (ref("Ingress/a/b"),))
    return Create(endpoint, goal(*values))


async def applied(one: HostsFileProvider, *changes: Change) -> list[Applied]:
    return [result async for result in one.apply(ROOT, changes)]


async def made_up(one: HostsFileProvider, changes: Sequence[Change]) -> Zone:
    await applied(one, *changes)
    return await one.read(ROOT)


async def test_reading_shows_the_block_and_the_wanted_names_outside(file: Path) -> None:
    one = provider(HostsFileStore(file, file.parent))

    zone = await made_up(one, [create("a", "192.0.2.1", "2001:db8::1")])

    assert dict(zone.names) == {
        host("a"): (Record("A", "192.0.2.1", 0, OURS), Record("AAAA", "2001:db8::1", 0, OURS)),
        host("mine"): (Record("A", "10.0.0.9", 0, ""),),
    }


async def test_many_changes_are_one_write(file: Path) -> None:
    store = Meddled(file)
    one = provider(store)
    (before,) = (await one.zones()).values()

    results = await applied(one, *(create(f"n{number}", "192.0.2.1") for number in range(9)))

    (after,) = (await one.zones()).values()
    assert [one.verdict for one in results] == [Verdict.DONE] * 9
    assert (store.writes, sum(one.writes for one in results)) == (1, 1)
    assert after.stamp.serial == before.stamp.serial + 1


async def test_changes_are_updated_and_deleted(file: Path) -> None:
    one = provider(HostsFileStore(file, file.parent))
    first = create("a", "192.0.2.1")
    await applied(one, first, create("b", "192.0.2.1"))

    moved = Update(create("a", "192.0.2.2").endpoint, goal("192.0.2.1"), goal("192.0.2.2"))
    gone = Delete(host("b"), goal("192.0.2.1"), frozenset())
    results = await applied(one, moved, gone)

    assert [result.records for result in results] == [goal_in_file("192.0.2.2"), ()]
    assert read(text_of(file), ()).entries == {host("a"): parse_targets("192.0.2.2")}


def goal_in_file(value: str) -> tuple[Record, ...]:
    return (Record("A", value, 0, OURS),)


async def test_a_name_that_is_not_as_planned_is_stale_and_the_rest_goes_on(file: Path) -> None:
    one = provider(HostsFileStore(file, file.parent))
    unplanned = Delete(host("x"), goal("192.0.2.1"), frozenset())

    results = await applied(one, unplanned, create("mine", "192.0.2.1"), create("a", "192.0.2.1"))

    assert [result.verdict for result in results] == [Verdict.STALE, Verdict.STALE, Verdict.DONE]
    assert results[1].records == (Record("A", "10.0.0.9", 0, ""),)


async def test_a_line_of_the_user_is_never_changed(file: Path) -> None:
    one = provider(HostsFileStore(file, file.parent))
    before = (Record("A", "10.0.0.9", 0, ""),)
    takeover = Update(create("mine", "10.0.0.9").endpoint, before, goal("10.0.0.9"))

    (result,) = await applied(one, takeover)

    assert isinstance(result.error, ProviderRejectedError)
    assert b"BEGIN" not in text_of(file)


async def test_what_comes_between_reading_and_writing_is_kept(file: Path) -> None:
    store = Meddled(file, before=b"10.0.0.7 nas\n")
    one = provider(store)

    with pytest.raises(ProviderUnavailableError, match="does not come to rest"):
        await applied(one, create("a", "192.0.2.1"))

    store.before = None
    await applied(one, create("a", "192.0.2.1"))
    assert b"10.0.0.7 nas\n" in text_of(file)
    assert host("a") in read(text_of(file), ()).entries


async def test_an_edit_right_after_our_write_is_noticed(file: Path) -> None:
    one = provider(Meddled(file, after=b"127.0.0.1 localhost\n"))
    (before,) = (await one.zones()).values()

    (result,) = await applied(one, create("a", "192.0.2.1"))

    (after,) = (await one.zones()).values()
    assert after.stamp.serial > before.stamp.serial + result.writes


async def test_changes_elsewhere_in_the_file_are_none_of_our_business(file: Path) -> None:
    one = provider(HostsFileStore(file, file.parent))
    before = await made_up(one, [create("a", "192.0.2.1")])

    put(file, text_of(file) + b"10.0.0.7 nas\n")

    assert (await one.read(ROOT)).stamp == before.stamp


async def test_a_name_that_becomes_wanted_and_stands_outside_is_a_change(file: Path) -> None:
    one = provider(HostsFileStore(file, file.parent))
    one.wanted = frozenset
    before = await one.read(ROOT)

    one.wanted = lambda: {host("mine")}
    after = await one.read(ROOT)

    assert before.names == {}
    assert after.names.keys() == {host("mine")}
    assert after.stamp != before.stamp


async def test_zones_divide_the_names_of_one_file(file: Path) -> None:
    zones: set[DnsName] = {parse_name("lab.test"), parse_name("sub.lab.test")}
    one = HostsFileProvider(HostsFileStore(file, file.parent), owner="default", zones=zones)
    for name in ("a.lab.test", "b.sub.lab.test", "c.other.test"):
        endpoint = Endpoint(parse_name(name), parse_targets("192.0.2.1"), 300, (ref("I/a/b"),))
        await applied(one, Create(endpoint, goal("192.0.2.1")))

    assert {zone: set((await one.read(zone)).names) for zone in zones} == {
        "lab.test": {"a.lab.test"},
        "sub.lab.test": {"b.sub.lab.test"},
    }


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((sys.executable, "-c", "import sys; sys.exit('no luck')"), "exit code 1: no luck"),
        (("/no/such/program",), "No such file"),
        (("",), "Permission denied|No such file|empty"),
    ],
)
def test_a_command_that_fails_is_said_and_no_more(
    words: tuple[str, ...], says: str, caplog: pytest.LogCaptureFixture
) -> None:
    command.run_after_write(words)

    (record,) = caplog.records
    assert re.search(says, vars(record)["error"])


def test_a_command_that_does_not_end_is_killed(caplog: pytest.LogCaptureFixture) -> None:
    command.run_after_write(("sleep", "60"), patience=0.2)

    assert "did not end" in vars(caplog.records[0])["error"]
