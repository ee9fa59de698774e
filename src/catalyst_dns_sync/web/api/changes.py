"""What the API changes: each for somebody whom we know, and logged with who it was."""

from aiohttp import web

from catalyst_dns_sync.control.actions import Acted, Actions
from catalyst_dns_sync.control.controls import release, set_paused
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.records import Targets, parse_targets, parse_ttl
from catalyst_dns_sync.web.access import Access
from catalyst_dns_sync.web.api.fields import fields_of, name_of
from catalyst_dns_sync.web.api.model import Office
from catalyst_dns_sync.web.problems import ProblemError


class Changes:
    """Carries out what a person wants; every method raises `ProblemError` or `OrderError`."""

    def __init__(self, office: Office, access: Access) -> None:
        self._office = office
        self._access = access

    async def release(self, request: web.Request, _: str) -> web.Response:
        """Let withheld deletes go, those that are named and no others."""
        who = await self._who(request)
        fields = await fields_of(request, {"names"})
        names = [name_of(text) for text in fields.texts("names")]
        released = release(self._office.controls, self._office.look_again, names, who=who)
        return web.json_response({"released": released})

    async def resync(self, request: web.Request, _: str) -> web.Response:
        """Read zones anew."""
        who = await self._who(request)
        fields = await fields_of(request, {"zone", "server"}, needed=False)
        wanted = fields.text("server", "")
        if "zone" not in fields.values:
            zones = [
                one
                for server in self._office.servers
                if wanted in ("", server.name)
                for one in server.actions.resync(who=who)
            ]
            return web.json_response({"zones": zones}, status=202)
        zone = name_of(fields.text("zone"))
        actions = self._office.server_of(zone, wanted).actions
        return web.json_response({"zones": actions.resync(zone, who=who)}, status=202)

    async def pause(self, request: web.Request, _: str) -> web.Response:
        """Begin no more changes."""
        return await self._set_paused(request, paused=True)

    async def resume(self, request: web.Request, _: str) -> web.Response:
        """End the pause."""
        return await self._set_paused(request, paused=False)

    async def delete(self, request: web.Request, text: str) -> web.Response:
        """Delete a record of ours."""
        who, name = await self._who(request), name_of(text)
        return _done(await self._actions(request, name).delete(name, who=who))

    async def adopt(self, request: web.Request, text: str) -> web.Response:
        """Take a record over."""
        who, name = await self._who(request), name_of(text)
        return _done(await self._actions(request, name).adopt(name, who=who))

    async def add_custom(self, request: web.Request, _: str) -> web.Response:
        """Make a custom record."""
        who = await self._who(request)
        fields = await fields_of(request, {"name", "targets", "ttl", "text", "server"})
        name, text, ttl = (
            name_of(fields.text("name")),
            fields.text("text", ""),
            fields.number("ttl"),
        )
        if not text.isprintable():
            raise ProblemError(400, "text: it has characters that can't be shown")
        targets = _targets(fields.texts("targets"))
        actions = self._office.server_of(name, fields.text("server", "")).actions
        acted = await actions.add_custom(name, targets, _ttl(ttl), text.strip(), who=who)
        return _done(acted, status=201 if acted.action == "create" else 200)

    async def remove_custom(self, request: web.Request, text: str) -> web.Response:
        """End a custom record."""
        who, name = await self._who(request), name_of(text)
        return _done(await self._actions(request, name).remove_custom(name, who=who))

    async def _set_paused(self, request: web.Request, *, paused: bool) -> web.Response:
        who = await self._who(request)
        set_paused(self._office.controls, self._office.look_again, paused=paused, who=who)
        return web.json_response({"paused": paused})

    def _actions(self, request: web.Request, name: DnsName) -> Actions:
        return self._office.server_of(name, request.query.get("server", "")).actions

    async def _who(self, request: web.Request) -> str:
        person = await self._access.writer(request)
        self._office.check_leads()
        return person.who


def _done(acted: Acted, status: int = 200) -> web.Response:
    body = {"name": acted.name, "action": acted.action, "change": acted.change}
    return web.json_response(body, status=status)


def _targets(texts: list[str]) -> Targets:
    if any(not text or "," in text or text.split() != [text] for text in texts):
        raise ProblemError(400, "targets: each text is one address, or the only one a host name")
    try:
        return parse_targets(",".join(texts))
    except ValueError as error:
        raise ProblemError(400, f"targets: {error}") from error


def _ttl(ttl: int | None) -> int | None:
    try:
        return None if ttl is None else parse_ttl(str(ttl))
    except ValueError as error:
        raise ProblemError(400, f"ttl: {error}") from error
