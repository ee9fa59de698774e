"""The DNS server: the sandbox's model of Technitium, a person at its console, and our way in."""

import asyncio
import ipaddress
import json
import random
import re
from collections.abc import Callable, Mapping
from contextvars import Context, ContextVar
from datetime import datetime, timedelta
from typing import Any, Protocol

import aiohttp

from catalyst_dns_sync.providers.technitium.client import Observer, TechnitiumClient, _Answer
from catalyst_dns_sync.providers.technitium.listing import Keep
from catalyst_dns_sync.providers.technitium.tokens import TokenSource
from catalyst_dns_sync.sandbox.technitium import Technitium
from catalyst_dns_sync.sandbox.technitium.api.call import Call, Flat
from catalyst_dns_sync.sandbox.technitium.api.parameters import Parameters
from catalyst_dns_sync.sandbox.technitium.api.routes import CALLS
from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError
from catalyst_dns_sync.sandbox.technitium.model.nodes import Node
from catalyst_dns_sync.sandbox.technitium.model.rdata import Address, Target
from catalyst_dns_sync.sandbox.technitium.model.records import Record
from simulation.faults import Faults, Rule
from simulation.objects import EPOCH, Value

TIMEOUT = 10.0
IMPORT = "/api/zones/import"
WRITES = (
    IMPORT,
    "/api/zones/records/add",
    "/api/zones/records/update",
    "/api/zones/records/delete",
)
_CLASH = (
    "Cannot add record: a CNAME record cannot exists with other record types for the same name."
)
_LINE = re.compile(r"(\S+)\. (\d+) IN (\S+) (\S+)(?: ;(.*))?")
_HERE = ipaddress.ip_address("127.0.0.1")


class Dns:
    """The server; ``offset`` is how far its wall clock has jumped."""

    def __init__(self, clock: Callable[[], float], zones: tuple[str, ...]) -> None:
        self.offset = timedelta()
        self._clock = clock
        self.server = Technitium(now=self.now)
        for zone in zones:
            self.server.create_zone(zone)
        self._person = self.server.create_token(name="person")
        self.token = self.server.create_token(name="daemon")
        self.server.zones.disk.save(self.now())

    def now(self) -> datetime:
        return EPOCH + self.offset + timedelta(seconds=self._clock())

    def nodes(self, zone: str) -> dict[str, Node]:
        """Return what a zone holds, by name; the values are never changed in place."""
        found = self.server.zones.find(zone)
        return dict(found.nodes.items()) if found is not None else {}

    def zone_names(self) -> list[str]:
        return [zone.name for zone in self.server.zones if not zone.internal]

    def answer(self, path: str, form: Mapping[str, str]) -> dict[str, object]:
        """Do what a call asks for."""
        self.server.zones.expire_due()
        try:
            session = self.server.accounts.session(form.get("token", ""))
            parameters = Parameters({}, {key.lower(): text for key, text in form.items()})
            lines = form.get("records")
            result = CALLS[path.lower()](Call(self.server, parameters, _HERE, session, lines))
        except ApiError as error:
            return {"status": error.status, "errorMessage": error.text}
        if isinstance(result, Flat):
            return {**result.fields, "status": "ok"}
        return {"response": result, "status": "ok"}

    def person(self, path: str, **form: str) -> dict[str, object]:
        """Do what a person does in the console; what is refused is refused."""
        return self.answer(f"/api/zones/{path}", form | {"token": self._person})


_SENDER: ContextVar[asyncio.Task[Any] | None] = ContextVar("_SENDER", default=None)


def sender() -> "asyncio.Task[Any] | None":
    """Return the task of a daemon that sent the call which is being carried out."""
    return _SENDER.get() or asyncio.current_task()


class Listener(Protocol):
    """Is told of what a daemon's calls do to the server."""

    def reading(self, name: str) -> None:
        """Take that a reading of a name was asked for."""

    def read(self, name: str, node: Node) -> None:
        """Take what a reading of a name showed."""

    def looked(self, asked_at: float) -> None:
        """Take that the zones' serials were shown, by a call that was sent at that time."""

    def sending(self, path: str, form: Mapping[str, str]) -> None:
        """Take that a call that writes is on its way."""

    def sent(self, path: str, form: Mapping[str, str]) -> None:
        """Take that a call that writes has ended."""

    def wrote(self, path: str, form: Mapping[str, str], before: dict[str, Node]) -> None:
        """Take that a call that writes was carried out, well or not."""

    def later(self, path: str, form: Mapping[str, str]) -> Callable[[dict[str, Node]], None]:
        """Return what to tell when a call that we give up on is carried out after all."""


class Tokens(TokenSource):
    """The token as a file would have it that somebody keeps right."""

    def __init__(self, dns: Dns) -> None:
        self._dns = dns
        self._value = dns.token

    @property
    def may_change(self) -> bool:
        return True

    def reload(self) -> bool:
        before, self._value = self._value, self._dns.token
        return before != self._value


class Client(TechnitiumClient):
    """The real client but for HTTP: requests are carried out at once, after a moment's travel."""

    def __init__(
        self,
        dns: Dns,
        faults: Faults,
        listener: Listener,
        observer: Observer,
        rng: random.Random,
        clock: Callable[[], float],
        may_write: Callable[[], bool],
        actor: int,
    ) -> None:
        self.url = "http://dns.test:5380"
        self.refusal = None
        self.primary = None
        self.is_dead = False
        self.calls = 0
        self.dies_at = 0
        self.dies_after = False
        self.may_be_stopped = False
        self.side = "dns"
        self.die: Callable[[], None] = lambda: None
        self._arrived = 0
        self._meddlers: list[tuple[str, int, float, Callable[[], None]]] = []
        self._tokens = Tokens(dns)
        self._timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        self._observer = observer
        self._session = None
        self._may_write = may_write
        self._actor = actor
        self._dns = dns
        self._faults = faults
        self._listener = listener
        self._rng = rng
        self._clock = clock

    async def reload_token(self) -> bool:
        changed = self._tokens.reload()
        if changed:
            self.refusal = None
        return changed

    async def _post(self, path: str, fields: Mapping[str, str], keep: Keep) -> _Answer:
        del keep  # the answer comes in one piece, as bytes
        form = {**fields, "token": self._tokens.value}
        if path not in WRITES:
            if path.endswith("records/get") and "listZone" not in form:
                self._listener.reading(form["domain"])
            return await self._travel(path, form)
        self.admit(path)
        names = {one["domain"]: one for one in calls_in(path, form)}
        for one in names.values():
            self._listener.sending(path, one)
        try:
            if self.may_be_stopped:
                # The network and the server go on meanwhile.
                context, loop = Context(), asyncio.get_running_loop()
                context.run(_SENDER.set, asyncio.current_task())
                return await loop.create_task(self._travel(path, form), context=context)
            return await self._travel(path, form)
        finally:
            for one in names.values():
                self._listener.sent(path, one)

    def after(self, what: str, count: int, act: Callable[[], None]) -> None:
        """Let something happen right after the so-manieth call of a path, if it comes soon."""
        self._meddlers.append((what, count, self._clock() + 10.0, act))

    def _meddle(self, what: str) -> None:
        meddlers, self._meddlers = self._meddlers, []
        for of, count, until, act in meddlers:
            left = count - (of == what)
            if self._clock() < until:
                if left:
                    self._meddlers.append((of, left, until, act))
                else:
                    act()

    async def _travel(self, path: str, form: Mapping[str, str]) -> _Answer:
        self.calls += 1
        asked_at = self._clock()
        what = path.removeprefix("/api/").removeprefix("zones/").removeprefix("records/")
        rule = self._faults.take(self.side, what, self._clock(), self._actor)
        await asyncio.sleep(0.0005 + self._rng.random() * 0.01)
        self._arrived += 1
        if self._arrived == self.dies_at and not self.dies_after:
            self.die()
        if self.is_dead:
            await asyncio.Event().wait()
        if rule is None:
            body = json.dumps(self._carry_out(path, form)).encode()
            if what == "list":
                self._listener.looked(asked_at)
            self._meddle(what)
            if self._arrived == self.dies_at:
                self.die()
            await asyncio.sleep(self._rng.random() * 0.005)
            return _Answer(200, "", body)
        if rule.kind.startswith("after-"):
            self._leave(path, form, rule)
        return await self._fault(rule, path, form)

    async def _fault(self, rule: Rule, path: str, form: Mapping[str, str]) -> _Answer:
        match rule.kind:
            case "refused" | "after-lost":
                raise aiohttp.ClientConnectionError("connection refused")
            case "hang" | "after-hang":
                await asyncio.sleep(TIMEOUT)
                raise TimeoutError
            case "lost":
                self._carry_out(path, form)
                raise aiohttp.ServerDisconnectedError
            case "lost-hang":
                self._carry_out(path, form)
                await asyncio.sleep(TIMEOUT)
                raise TimeoutError
            case "late":
                return await self._late(path, form, rule.seconds)
            case "cut":
                body = json.dumps(self._carry_out(path, form)).encode()
                return _Answer(200, "", body[: len(body) // 2])
            case "echo":
                return _Answer(500, "", f"failed: token={form['token']}".encode())
            case "nonsense":
                return _Answer(200, "", b"<html>log in</html>")
            case "half" | "skips":
                odd = self._import_half if rule.kind == "half" else self._import_after_others
                return odd(path, form)
            case "again":
                text = "Cannot set records. Please try again."
                return _Answer(200, "", _error(text))
            case "denied":
                return _Answer(200, "", _error("Access was denied."))
            case status:
                return _Answer(int(status), "", b"no")

    async def _late(self, path: str, form: Mapping[str, str], seconds: float) -> _Answer:
        asked_at = self._clock()
        await asyncio.sleep(seconds)
        body = json.dumps(self._carry_out(path, form)).encode()
        if path == "/api/zones/list":
            self._listener.looked(asked_at)
        return _Answer(200, "", body)

    def _import_half(self, path: str, form: Mapping[str, str]) -> _Answer:
        """Stop half-way with an error, as at a CNAME."""
        lines = form["records"].splitlines(keepends=True)
        self._carry_out(path, {**form, "records": "".join(lines[: len(lines) // 2])})
        return _Answer(200, "", _error(_CLASH))

    def _import_after_others(self, path: str, form: Mapping[str, str]) -> _Answer:
        """Let a person make some of the records right before: those are skipped in silence."""
        for one in calls_in(path, form)[::2] if form["overwrite"] == "false" else ():
            self._dns.person("records/add", **{**one, "comments": ""})
        return _Answer(200, "", json.dumps(self._carry_out(path, form)).encode())

    def _leave(self, path: str, form: Mapping[str, str], rule: Rule) -> None:
        """Let the server carry a call out when nobody waits for its answer any more."""
        if path not in WRITES:
            return
        tell = self._listener.later(path, form)

        def act() -> None:
            before = self._dns.nodes(form["zone"])
            self._dns.answer(path, form)
            tell(before)

        delay = rule.seconds + (TIMEOUT if rule.kind == "after-hang" else 0.0)
        asyncio.get_running_loop().call_later(delay, act)

    def _carry_out(self, path: str, form: Mapping[str, str]) -> dict[str, object]:
        if path in WRITES:
            before = self._dns.nodes(form["zone"])
            answer = self._dns.answer(path, form)
            self._listener.wrote(path, form, before)
            return answer
        answer = self._dns.answer(path, form)
        if path.endswith("records/get") and "listZone" not in form and answer["status"] == "ok":
            name = form["domain"]
            self._listener.read(name, self._dns.nodes(form["zone"]).get(name, {}))
        return answer


def calls_in(path: str, form: Mapping[str, str]) -> list[Mapping[str, str]]:
    """Return a call that writes as calls for one record each."""
    if path != IMPORT:
        return [form]
    overwrite = form["overwrite"]
    found: list[Mapping[str, str]] = []
    for line in form["records"].splitlines():
        match = _LINE.fullmatch(line)
        assert match is not None, line
        name, ttl, kind, value, comment = match.groups(default="")
        key = "cname" if kind == "CNAME" else "ipAddress"
        one = {"zone": form["zone"], "domain": name, "type": kind, "ttl": ttl}
        found.append({**one, key: value, "comments": comment, "overwrite": overwrite})
    return found


def value_of(record: Record) -> Value:
    """Return a record's value as the laws write it."""
    match record.data:
        case Address(ip=ip):
            return (record.type, str(ip))
        case Target(key=key):
            return (record.type, key)
        case data:
            return (record.type, repr(data))


def _error(text: str) -> bytes:
    return json.dumps({"status": "error", "errorMessage": text}).encode()
