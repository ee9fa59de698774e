"""What machines ask for: metrics and probes; and people too, with ``?verbose``."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from aiohttp import web

from catalyst_dns_sync.control.health import Part

_NO_STORE = {"Cache-Control": "no-store"}


def metrics_app(render: Callable[[str], tuple[bytes, str]]) -> web.Application:
    """Return the application for the metrics port; ``render`` takes the Accept header."""

    async def metrics(request: web.Request) -> web.Response:
        body, content_type = render(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type} | _NO_STORE)

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    return app


def probes_app(
    liveness: Callable[[], Sequence[Part]], readiness: Callable[[], Sequence[Part]]
) -> web.Application:
    """Return the application for the probes' port.

    Each probe answers 200 or 503, with its parts as JSON; ``?verbose`` makes it the text that
    the Kubernetes API server's own probes give.
    """

    async def healthz(request: web.Request) -> web.Response:
        return _answer(request, liveness())

    async def readyz(request: web.Request) -> web.Response:
        return _answer(request, readiness())

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/livez", healthz)
    app.router.add_get("/readyz", readyz)
    return app


def _answer(request: web.Request, parts: Sequence[Part]) -> web.Response:
    ok = all(part.ok for part in parts)
    status = 200 if ok else 503
    if _is_wanted(request, "verbose"):
        verdict = f"{request.path.strip('/')} check {'passed' if ok else 'failed'}"
        text = "\n".join([*_lines(parts), verdict]) + "\n"
        return web.Response(text=text, status=status, headers=_NO_STORE)
    now = datetime.now(UTC)
    body = {
        "status": "ok" if ok else "failing",
        "parts": [_as_json(part, now) for part in parts],
    }
    return web.json_response(body, status=status, headers=_NO_STORE)


def _is_wanted(request: web.Request, flag: str) -> bool:
    return request.query.get(flag, "false").lower() not in ("false", "0")


def _as_json(part: Part, now: datetime) -> dict[str, object]:
    return {
        "part": part.part,
        "ok": part.ok,
        "state": part.state,
        "since": moment(part.since, now),
        "error": part.error,
        "last_error": part.last_error,
        "last_error_at": moment(part.last_error_ago, now),
    }


def moment(seconds_ago: float | None, now: datetime) -> str | None:
    """Return when it was so many seconds ago, as RFC 3339 has it; None where it never was."""
    if seconds_ago is None:
        return None
    return (now - timedelta(seconds=seconds_ago)).isoformat(timespec="seconds")


def _lines(parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        line = f"[{'+' if part.ok else '-'}]{part.part} {part.state}"
        if part.since >= 1.0:
            line += f" for {_span(part.since)}"
        if part.error:
            yield f"{line}: {part.error}"
        elif part.last_error and part.last_error_ago is not None:
            yield f"{line} (last error {_span(part.last_error_ago)} ago: {part.last_error})"
        else:
            yield line


def _span(seconds: float) -> str:
    whole = int(seconds)
    for size, unit, rest, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "m")):
        if whole >= size:
            return f"{whole // size}{unit}{whole % size // rest}{smaller}"
    return f"{whole // 60}m{whole % 60}s" if whole >= 60 else f"{whole}s"
