"""Everything that can go wrong, one after the other, with the log at debug: what is written."""

import io
import json
import logging
import re
import sys
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from catalyst_dns_sync.kube.reflector import SILENCE_SECONDS
from catalyst_dns_sync.sandbox.technitium.faults import Fault, Kind
from catalyst_dns_sync.telemetry import logs
from fakes.world import TARGET, ZONE, World, running, settle, world

pytestmark = [pytest.mark.looptime, pytest.mark.timeout(60)]

EVERYTHING = 100_000
KEY = re.compile(r"[A-Za-z][\w.-]*")
HAPPENINGS = {
    "record created",
    "record updated",
    "record deleted",
    "somebody changed a record of ours",
    "token read again",
}
"""What is no state, and is said as often as it happens."""
SUBJECT = ("msg", "zone", "dns_name", "resource", "resource_type", "reason", "error", "detail")
OVER = {
    "zone can't be synced": "zone is reached again",
    "change failed, will be tried again": "change does not fail any more",
    "left alone": "no longer left alone",
    "source out of touch": "source is in touch again",
}


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Let the log at debug go where it can be read, as JSON."""
    root = logging.getLogger()
    handlers, level, hook = list(root.handlers), root.level, sys.excepthook
    stream = io.StringIO()
    logs.configure("debug", "json", stream)
    yield stream
    root.handlers[:] = handlers
    logs.set_level(logging.getLevelName(level))
    logging.captureWarnings(capture=False)
    sys.excepthook = hook


async def dns_faults(here: World) -> None:
    for kind in Kind:
        fault = Fault(kind, times=None)
        here.dns_faults.add(fault)
        here.route("moving", f"Host(`moving-{kind.name.lower().replace('_', '-')}.{ZONE}`)")
        await settle(50)
        here.dns_faults.end(fault)
        await settle(40)
    here.dns_faults.add(Fault(Kind.STATUS, path="records/add", times=4))
    here.route("moving", f"Host(`moving.{ZONE}`)")
    await settle(40)


async def api_faults(here: World) -> None:
    faults = here.api.faults
    for status in (401, 403, 429, 500):
        faults.answer(status, times=EVERYTHING)
        here.api.end_watches()
        await settle(30)
        faults.clear()
        await settle(20)
    for breaks in (faults.reset, faults.hang, lambda **times: faults.cut(10, **times)):
        breaks(times=EVERYTHING)
        here.api.end_watches()
        await settle(60)
        faults.clear()
        await settle(60)
    faults.silence_watch(times=3)
    here.api.end_watches()
    await settle(SILENCE_SECONDS + 20)
    here.api.expire_history()
    here.api.end_watches()
    await settle(20)


async def objects(here: World) -> None:
    await here.by_hand("taken.lab.test", "192.0.2.9")
    here.ingress("taken", "taken.lab.test")
    here.route("bad", "Hots(`bad.lab.test`)")
    target = {"catalyst-dns-sync.io/target": "192.0.2.7"}
    here.route("rival", "Host(`kept.lab.test`)", annotations=target)
    await settle(20)
    for name in ("rival", "bad"):
        here.delete_route(name)
    here.delete_ingress("taken")
    await settle(20)


async def token(here: World) -> None:
    here.dns.revoke_token(here.token)
    await settle(60)
    here.token = here.dns.create_token()
    (here.folder / "token").write_text(here.token)
    await settle(60)


async def others(here: World) -> None:
    kept = {"zone": ZONE, "domain": "kept.lab.test", "type": "A", "ipAddress": TARGET}
    await here.console("zones/records/delete", **kept)
    await settle(20)
    here.dns.crash()
    await settle(70)
    await here.console("zones/delete", zone=ZONE)
    await settle(60)
    here.dns.create_zone(ZONE)
    await settle(60)


STORIES: tuple[Callable[[World], Awaitable[None]], ...] = (
    dns_faults,
    api_faults,
    objects,
    token,
    others,
)


async def test_each_line_is_flat_json_without_a_token_and_no_state_is_said_twice(
    stream: io.StringIO,
) -> None:
    async with world() as here:
        tokens = {here.token, "kube-token"}
        (here.folder / "token").write_text(here.token)
        here.route("kept", "Host(`kept.lab.test`)")
        file = here.folder / "token"
        async with running(here, dns_api_token=None, dns_api_token_file=file) as daemon:
            for story in STORIES:
                await story(here)
                tokens.add(here.token)
            ready, _ = await daemon.get("/readyz")

    text = stream.getvalue()
    lines = [json.loads(line) for line in text.splitlines()]
    said = [line for line in lines if line["level"] != "DEBUG"]
    assert ready == 200
    assert not [secret for secret in tokens if secret in text]
    assert [line for line in lines if not is_flat(line)] == []
    assert {line["level"] for line in lines} == {"DEBUG", "INFO", "WARNING"}
    assert repeated(said) == []
    # Each sort of trouble was met, and each ended with a word of its own.
    messages = [line["msg"] for line in said]
    assert set(OVER) <= set(messages)
    assert set(OVER.values()) <= set(messages)
    assert messages.count("source is in touch again") >= 3


def is_flat(line: dict[str, Any]) -> bool:
    keys = all(KEY.fullmatch(key) for key in line)
    return keys and all(isinstance(value, str | int | float) for value in line.values())


def repeated(said: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    """Return what was said again although it was not over."""
    begun: set[tuple[object, ...]] = set()
    again = []
    for line in said:
        subject = tuple(line.get(key) for key in SUBJECT)
        if line["msg"] in HAPPENINGS:
            continue
        if subject in begun:
            again.append(subject)
        begun.add(subject)
        begun = {one for one in begun if not _is_over(one, line)}
    return again


def _is_over(subject: tuple[object, ...], line: dict[str, Any]) -> bool:
    """Tell whether the line ends the state that the subject is about, or is of the other side."""
    pairs = {**OVER, **{end: begin for begin, end in OVER.items()}}
    pairs["source absent"] = pairs["source synced"] = "source out of touch"
    same = all(
        subject[SUBJECT.index(key)] == line.get(key)
        for key in ("zone", "dns_name", "resource", "resource_type", "reason")
    )
    return same and pairs.get(str(subject[0])) == line["msg"]
