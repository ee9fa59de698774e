"""A reverse proxy that strips its prefix, as Traefik with a StripPrefix middleware does."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from catalyst_dns_sync.web.server import serve

PREFIX = "/tools/dns"
CLIENT = "198.51.100.7"
"""Where all browsers are, as the proxy has it."""
# RFC 9110, 7.6.1; the body is sent on as it comes.
OWN = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


@asynccontextmanager
async def proxied(port: int) -> AsyncIterator[str]:
    """Serve what is at a port below the prefix while the block runs; yields the address."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
    ) as session:

        async def forward(request: web.Request) -> web.StreamResponse:
            path = request.rel_url.raw_path.removeprefix(PREFIX)
            url = f"http://127.0.0.1:{port}/{path.lstrip('/')}"
            url += f"?{request.rel_url.raw_query_string}" if request.query_string else ""
            headers = _kept(request.headers)
            headers["X-Forwarded-For"] = CLIENT
            headers["X-Forwarded-Prefix"] = PREFIX
            async with session.request(
                request.method,
                url,
                headers=headers,
                data=await request.read(),
                allow_redirects=False,
            ) as answer:
                response = web.StreamResponse(status=answer.status, headers=_kept(answer.headers))
                await response.prepare(request)
                async for piece in answer.content.iter_any():
                    await response.write(piece)
                return response

        app = web.Application()
        app.router.add_route("*", PREFIX, forward)
        app.router.add_route("*", PREFIX + "/{tail:.*}", forward)
        async with serve(app, "127.0.0.1", 0) as own:
            yield f"http://127.0.0.1:{own}{PREFIX}"


def _kept(headers: Mapping[str, str]) -> CIMultiDict[str]:
    return CIMultiDict((key, value) for key, value in headers.items() if key.lower() not in OWN)
