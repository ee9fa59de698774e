"""The pages on which people change something: each first shows what it would come to."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from aiohttp import web

from catalyst_dns_sync.control.orders import OrderError, OrderFailedError
from catalyst_dns_sync.core.names import InvalidNameError, parse_name
from catalyst_dns_sync.web.access import Access, keep_cookie
from catalyst_dns_sync.web.guard import body_of
from catalyst_dns_sync.web.problems import ProblemError
from catalyst_dns_sync.web.standby import check_leads
from catalyst_dns_sync.web.ui import forms
from catalyst_dns_sync.web.ui.model import Hands, Reader

if TYPE_CHECKING:
    from catalyst_dns_sync.web.access import Person

_EMPTY = dict.fromkeys(("name", "targets", "ttl", "text", "server"), "")

Show = Callable[..., Awaitable[web.Response]]
"""Shows a page: the request, the template, the page's place, what it is filled with."""


class Doing:
    """Answers for the pages that change something; ``show`` fills in a page."""

    def __init__(self, reader: Reader, hands: Hands, access: Access, show: Show) -> None:
        self._reader = reader
        self._hands = hands
        self._access = access
        self._show = show

    async def login(self, request: web.Request) -> web.Response:
        """Ask for the token, or take it."""
        if request.method != "POST":
            return await self._show(request, "login", "login", {"error": ""})
        given = await _form(request)
        try:
            session = await self._access.log_in(request, given.get("token", ""))
        except ProblemError as error:
            context = {"error": str(error)}
            return await self._show(request, "login", "login", context, status=error.status)
        response = _to("./")
        keep_cookie(response, session, request)
        return response

    async def logout(self, request: web.Request) -> web.Response:
        """End the session."""
        person, _ = await self._writer(request)
        self._access.log_out(person)
        return _to("./")

    async def custom(self, request: web.Request) -> web.Response:
        """Show the form for a custom record, or make one."""
        if request.method != "POST":
            context = {"given": _EMPTY | dict(request.query), "error": ""}
            return await self._show(request, "custom", "custom", context)
        person, given = await self._changer(request)
        try:
            order = forms.custom_order(given)
            server = given.get("server", "")
            await self._hands.carry_out(order, server, who=person.who, shown=None)
        except (OrderError, ValueError) as error:
            context = {"given": _EMPTY | given, "error": str(error)}
            return await self._show(request, "custom", "custom", context, status=_status(error))
        return _to(f"names/{order.name}")

    async def act(self, request: web.Request) -> web.Response:
        """Show what would be done with a name, or do it."""
        if request.method != "POST":
            return await self._act_page(request, dict(request.query), "")
        person, given = await self._changer(request)
        try:
            name = parse_name(given.get("name", ""))
            order = forms.order_of(given.get("do", ""), name)
            shown, server = given.get("shown", ""), given.get("server", "")
            await self._hands.carry_out(order, server, who=person.who, shown=shown)
        except (OrderError, ValueError) as error:
            return await self._act_page(request, given, str(error), _status(error))
        return _to(f"names/{name}")

    async def _act_page(
        self, request: web.Request, given: Mapping[str, str], error: str, status: int = 200
    ) -> web.Response:
        deed = forms.DEEDS.get(given.get("do", ""))
        if deed is None:
            raise ProblemError(404, "there is nothing of the kind that can be done")
        name, server, foreseen = given.get("name", ""), given.get("server", ""), ""
        try:
            order = forms.order_of(given["do"], parse_name(name))
            foreseen = self._hands.foresee(order, server)
        except (OrderError, ValueError) as trouble:
            error, status = error or str(trouble), max(status, _status(trouble))
        context = {"deed": deed, "given": {**given, "server": server}, "name": name}
        context |= {"foreseen": foreseen, "error": error}
        return await self._show(request, "act", "records", context, status=status)

    async def release(self, request: web.Request) -> web.Response:
        """Show which deletes are withheld, or release exactly those that were shown."""
        if request.method != "POST":
            context: dict[str, Any] = {
                "withheld": (await self._reader.overview()).withheld,
                "released": None,
            }
            return await self._show(request, "release", "", context)
        fields = await _fields(request)
        person = await self._access.writer(request, fields.get("csrf", [""])[0])
        check_leads(self._hands.leader)
        try:
            names = [parse_name(name) for name in fields.get("name", [])]
        except InvalidNameError as error:
            raise ProblemError(400, str(error)) from error
        released = sorted(self._hands.release(names, who=person.who))
        context = {"withheld": (), "released": released}
        return await self._show(request, "release", "", context)

    async def resync(self, request: web.Request) -> web.Response:
        """Read everything anew."""
        person, _ = await self._changer(request)
        try:
            self._hands.resync(who=person.who)
        except OrderError as error:
            raise ProblemError(_status(error), str(error)) from error
        return _to("./")

    async def pause(self, request: web.Request) -> web.Response:
        """Begin no more changes."""
        return await self._set_paused(request, paused=True)

    async def resume(self, request: web.Request) -> web.Response:
        """End the pause."""
        return await self._set_paused(request, paused=False)

    async def _set_paused(self, request: web.Request, *, paused: bool) -> web.Response:
        person, _ = await self._changer(request)
        self._hands.set_paused(paused=paused, who=person.who)
        return _to("./")

    async def test(self, request: web.Request) -> web.Response:
        """Ask DNS for a name, and show who answers what."""
        text, tests, error = request.query.get("name", ""), (), ""
        found: Any = tests
        if text:
            try:
                found = await self._hands.test_dns(parse_name(text))
            except (OrderError, InvalidNameError) as trouble:
                error = str(trouble)
        context = {"name": text, "tests": found, "error": error}
        status = 400 if error else 200
        return await self._show(request, "test", "test", context, status=status)

    async def _changer(self, request: web.Request) -> "tuple[Person, dict[str, str]]":
        person, given = await self._writer(request)
        check_leads(self._hands.leader)
        return person, given

    async def _writer(self, request: web.Request) -> "tuple[Person, dict[str, str]]":
        given = await _form(request)
        return await self._access.writer(request, given.get("csrf", "")), given


async def _form(request: web.Request) -> dict[str, str]:
    return {key: values[-1] for key, values in (await _fields(request)).items()}


async def _fields(request: web.Request) -> dict[str, list[str]]:
    try:
        text = (await body_of(request)).decode()
        return parse_qs(text, keep_blank_values=True, max_num_fields=2000)
    except ValueError as error:
        raise ProblemError(400, "this is no form") from error


def _status(error: Exception) -> int:
    if isinstance(error, OrderFailedError):
        return HTTPStatus.BAD_GATEWAY
    return HTTPStatus.CONFLICT if isinstance(error, OrderError) else HTTPStatus.BAD_REQUEST


def _to(where: str) -> web.Response:
    return web.Response(status=303, headers={"Location": where, "Cache-Control": "no-store"})
