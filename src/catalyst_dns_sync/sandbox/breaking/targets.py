"""How each of the two servers is broken, and mended: a request mapped to the server's faults."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from catalyst_dns_sync.sandbox import kube_api, technitium
from catalyst_dns_sync.sandbox.breaking.breakage import Breakage, What
from catalyst_dns_sync.sandbox.door import Door
from catalyst_dns_sync.sandbox.kube_api.faults import FaultKind

OPEN_AGAIN_EVERY = 0.5
"""Seconds between tries to have a port back that somebody else took."""

AnyFault = TypeVar("AnyFault", kube_api.Fault, technitium.Fault)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InForce:
    """Something that is broken: how to mend it, and how often it can still happen."""

    mend: Callable[[], Awaitable[None]]
    left: Callable[[], int | None] = lambda: None
    """How many requests it will still hit; None is no limit, 0 means that it is over."""


class Target(Protocol):
    """A server that can be broken."""

    async def begin(self, wanted: Breakage) -> InForce | None:
        """Break it; returns None for what is done at once and needs no mending."""


class BreakableKubernetes:
    """The embedded API server, with its door."""

    def __init__(self, api: kube_api.KubeApi, door: Door) -> None:
        self._api, self._door = api, door
        self._token = api.access.token

    async def begin(self, wanted: Breakage) -> InForce | None:
        """Break it; see `Target`."""
        api = self._api
        match wanted.what:
            case What.REFUSE:
                return _shut(self._door)
            case What.EXPIRE_HISTORY:
                api.expire_history()
                return None
            case What.DROP_WATCHES:
                api.reset_watches(wanted.resource)
                lasts = wanted.times is not None or wanted.seconds is not None
                return self._with_fault(wanted) if lasts else None
            case What.REVOKE_TOKEN:
                api.access.token = secrets.token_urlsafe(24)
                return InForce(self._give_token_back)
            case _:
                return self._with_fault(wanted)

    async def _give_token_back(self) -> None:
        self._api.access.token = self._token

    def _with_fault(self, wanted: Breakage) -> InForce:
        faults = self._api.faults
        kind, verb = _KUBERNETES_KINDS[wanted.what], wanted.verb
        if wanted.what is What.DROP_WATCHES:
            verb = "watch"
        if wanted.what is What.HALF_OPEN and verb == "watch":
            # Half-open as watches are: begun, and then silent.
            kind = FaultKind.SILENT_WATCH
        fault = kube_api.Fault(
            kind,
            verb,
            wanted.resource,
            wanted.times,
            wanted.skip,
            status=wanted.status,
            after_bytes=wanted.after_bytes,
            seconds=wanted.delay,
            path=wanted.path,
        )
        return _begun(fault, faults.add, faults.end)


class BreakableTechnitium:
    """The embedded Technitium, with its faults and its door; ``token`` can be revoked."""

    def __init__(
        self, server: technitium.Technitium, faults: technitium.Faults, door: Door, token: str
    ) -> None:
        self._server, self._faults, self._door, self._token = server, faults, door, token

    async def begin(self, wanted: Breakage) -> InForce | None:
        """Break it; see `Target`."""
        match wanted.what:
            case What.REFUSE:
                return _shut(self._door)
            case What.FORGET:
                self._door.shut()
                self._server.crash(wanted.writes)
                await _open_again(self._door)
                return None
            case What.REVOKE_TOKEN:
                return self._without_token()
            case _:
                return self._with_fault(wanted)

    def _without_token(self) -> InForce:
        accounts = self._server.accounts
        session = accounts.close(self._token)

        async def mend() -> None:
            if session is not None:
                accounts.reopen(session)

        return InForce(mend)

    def _with_fault(self, wanted: Breakage) -> InForce:
        faults = self._faults
        fault = technitium.Fault(
            _TECHNITIUM_KINDS[wanted.what],
            wanted.path,
            wanted.times,
            wanted.skip,
            status=wanted.status,
            after_bytes=wanted.after_bytes,
            seconds=wanted.delay,
        )
        return _begun(fault, faults.add, faults.end)


def _begun(
    fault: AnyFault, add: Callable[[AnyFault], None], end: Callable[[AnyFault], None]
) -> InForce:
    add(fault)

    async def mend() -> None:
        end(fault)

    return InForce(mend, lambda: fault.times)


def _shut(door: Door) -> InForce:
    door.shut()
    return InForce(lambda: _open_again(door))


async def _open_again(door: Door) -> None:
    while True:
        try:
            await door.open()
        except OSError as error:
            log.warning("a broken server's port is taken", extra={"error": str(error)})
            await asyncio.sleep(OPEN_AGAIN_EVERY)
        else:
            return


_KUBERNETES_KINDS = {
    What.DELAY: FaultKind.DELAY,
    What.RESET: FaultKind.RESET,
    What.DROP_WATCHES: FaultKind.RESET,
    What.HALF_OPEN: FaultKind.HANG,
    What.STATUS: FaultKind.STATUS,
    What.CUT: FaultKind.CUT,
    What.PAUSE: FaultKind.PAUSE,
}

_TECHNITIUM_KINDS = {
    What.DELAY: technitium.Kind.DELAY,
    What.RESET: technitium.Kind.RESET,
    What.HALF_OPEN: technitium.Kind.HANG,
    What.STATUS: technitium.Kind.STATUS,
    What.CUT: technitium.Kind.CUT,
    What.LOSE_ANSWER: technitium.Kind.LOSE_ANSWER,
    What.PAUSE: technitium.Kind.PAUSE,
}
