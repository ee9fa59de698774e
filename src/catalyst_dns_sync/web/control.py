"""What a person tells the running daemon: release, pause and resume, over a Unix socket."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from catalyst_dns_sync.control.controls import Controls, release, set_paused
from catalyst_dns_sync.core.names import DnsName, InvalidNameError, parse_name
from catalyst_dns_sync.web.records import peer
from catalyst_dns_sync.web.server import Handler
from catalyst_dns_sync.web.standby import words_of_standby

LOG_LEVEL = "/api/v1/log-level"


class Commands:
    """What a person can tell the daemon, each with the answer that is sent back.

    ``look_again`` makes the daemon look at every zone. ``leader`` says which other instance does
    the work, and nothing where this one does.
    """

    def __init__(
        self,
        controls: Controls,
        look_again: Callable[[], None],
        leader: Callable[[], str] = lambda: "",
    ) -> None:
        self._controls = controls
        self._look_again = look_again
        self._leader = leader

    def status(self) -> dict[str, Any]:
        """Say whether the daemon is paused, which names wait and for what, and who else leads."""
        controls, leader = self._controls, self._leader()
        status = {"paused": controls.paused, "releasable": dict(controls.releasable())}
        if waiting := controls.waiting():
            status["waiting"] = {name: round(left, 1) for name, left in waiting.items()}
        return status | ({"leader": leader} if leader else {})

    def release(self, body: object, who: str = "") -> dict[str, Any]:
        """Let the names in the body go that wait for a person; raises `ValueError`."""
        released = release(self._controls, self._look_again, _names(body), who=who)
        return {"released": released}

    def pause(self, who: str = "") -> dict[str, Any]:
        """Begin no more changes."""
        set_paused(self._controls, self._look_again, paused=True, who=who)
        return {"paused": True}

    def resume(self, who: str = "") -> dict[str, Any]:
        """End the pause."""
        set_paused(self._controls, self._look_again, paused=False, who=who)
        return {"paused": False}


@dataclass(frozen=True, slots=True)
class LogLevel:
    """How the level of the log is read and set; ``levels`` are those that there are."""

    levels: Collection[str]
    read: Callable[[], str]
    write: Callable[[str], None]


def control_app(
    controls: Controls,
    look_again: Callable[[], None],
    log_level: LogLevel,
    leader: Callable[[], str] = lambda: "",
) -> web.Application:
    """Return the application; see `Commands`."""
    commands = Commands(controls, look_again, leader)

    async def status(_request: web.Request) -> web.Response:
        return web.json_response(commands.status())

    async def release(request: web.Request) -> web.Response:
        try:
            return web.json_response(commands.release(await request.json(), peer(request)))
        except (ValueError, InvalidNameError) as error:
            return web.json_response({"error": str(error)}, status=400)

    async def pause(request: web.Request) -> web.Response:
        return web.json_response(commands.pause(peer(request)))

    async def resume(request: web.Request) -> web.Response:
        return web.json_response(commands.resume(peer(request)))

    @web.middleware
    async def led(request: web.Request, handler: Handler) -> web.StreamResponse:
        is_own = request.method == "GET" or request.path == LOG_LEVEL
        if not is_own and (name := leader()):
            return web.json_response({"error": words_of_standby(name)}, status=503)
        return await handler(request)

    app = web.Application(middlewares=[led])
    _add_log_level(app, log_level)
    app.router.add_get("/api/v1/status", status)
    app.router.add_post("/api/v1/release", release)
    app.router.add_post("/api/v1/pause", pause)
    app.router.add_post("/api/v1/resume", resume)
    return app


def _add_log_level(app: web.Application, log_level: LogLevel) -> None:
    async def level(_request: web.Request) -> web.Response:
        return web.json_response({"level": log_level.read()})

    async def set_level(request: web.Request) -> web.Response:
        try:
            wanted = _level(await request.json(), log_level.levels)
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        log_level.write(wanted)
        return web.json_response({"level": log_level.read()})

    app.router.add_get(LOG_LEVEL, level)
    app.router.add_post(LOG_LEVEL, set_level)


def _level(body: object, levels: Collection[str]) -> str:
    level = body.get("level") if isinstance(body, dict) else None
    if level not in levels:
        raise ValueError(f'a JSON object {{"level": ...}} is wanted, of {", ".join(levels)}')
    return str(level)


def _names(body: object) -> list[DnsName]:
    names = body.get("names") if isinstance(body, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError('a JSON object {"names": [...]} is wanted')
    return [parse_name(name) for name in names]
