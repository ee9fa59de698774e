"""The embedded API server on a port of the loopback interface."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from aiohttp import web

from catalyst_dns_sync.connection import logger
from catalyst_dns_sync.sandbox.door import Door
from catalyst_dns_sync.sandbox.kube_api.api import KubeApi

_log = logger(__name__)

# A watch ends by itself at once; this is for those who do not read what they asked for.
_SHUTDOWN_TIMEOUT = 0.5


@asynccontextmanager
async def serve(
    api: KubeApi, host: str = "127.0.0.1", port: int = 0, *, door: Door | None = None
) -> AsyncIterator[int]:
    """Serve the API while the block runs; yield the port. Raises `OSError` for a port in use.

    ``door`` is given where the port shall be shut now and then. The same `KubeApi` can be served
    again later: its objects stay.
    """
    runner = web.AppRunner(
        api.app(),
        handler_cancellation=True,
        shutdown_timeout=_SHUTDOWN_TIMEOUT,
    )
    await runner.setup()
    try:
        async with (door or Door()).opened(runner, host, port, _log) as bound:
            api.lifecycle.start()
            yield bound
    finally:
        api.lifecycle.stop()
        await runner.cleanup()


def kubeconfig(url: str, token: str | None = None) -> str:
    """Return a kubeconfig for kubectl and for the daemon, as JSON, which is YAML.

    The token stands in the server's URL, as the password of basic authentication: kubectl drops
    the token of a kubeconfig where the server's address is plain HTTP (see `access.Access`).
    """
    if token is not None:
        parts = urlsplit(url)
        url = parts._replace(netloc=f"sandbox:{token}@{parts.netloc}").geturl()
    name = "sandbox"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": url}}],
        "users": [{"name": name, "user": {}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
    return json.dumps(config, indent=2) + "\n"
