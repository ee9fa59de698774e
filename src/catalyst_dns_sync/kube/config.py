"""Where the API server is and how we prove who we are, from a kubeconfig or from inside a pod."""

import asyncio
import os
import re
import ssl
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

from aiohttp import ClientError

from catalyst_dns_sync.kube.errors import KubeConfigError, short
from catalyst_dns_sync.kube.lean import config_module

DEFAULT_KUBECONFIG = "~/.kube/config"
_SERVICE_HOST = "KUBERNETES_SERVICE_HOST"
_IN_BRACES = re.compile(r"\{.*\}", re.DOTALL)


@dataclass(slots=True, repr=False)
class Access:
    """How to reach the API server; kubernetes_asyncio's loaders set these attributes.

    It stands in for that library's `Configuration`, which would bring urllib3 along (2 MB). It has
    no repr, because it holds secrets.
    """

    host: str = ""
    ssl_ca_cert: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    verify_ssl: bool = True
    tls_server_name: str | None = None
    proxy: str | None = None
    api_key: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the server is, without the user and password that its address may hold."""
        url = urlsplit(self.host)
        return urlunsplit(url._replace(netloc=url.netloc.rpartition("@")[2]))

    @property
    def authorization(self) -> str | None:
        """The header that says who we are; None where a client certificate does, or nothing."""
        if value := self.api_key.get("BearerToken"):
            return " ".join(value.split())
        url = urlsplit(self.host)
        if url.username is None:
            return None
        pair = f"{unquote(url.username)}:{unquote(url.password or '')}"
        return f"Basic {b64encode(pair.encode()).decode()}"


@dataclass(frozen=True, slots=True)
class Login:
    """Fills in an `Access`.

    ``load`` does so from nothing, as at the start and after a 401, and returns what renews it: a
    token file is read again, an exec plugin is run again when its answer has run out. Both raise
    `KubeConfigError`. ``patience`` is the least number of seconds from one ``load`` to the next,
    since an exec plugin must not be run every other second.
    """

    load: Callable[[Access], Awaitable[Callable[[], Awaitable[None]]]]
    patience: float


def login_for(kubeconfig: str | None, context: str | None) -> Login:
    """Choose where the configuration comes from.

    The given file, else KUBECONFIG, else the service account of the pod, else ~/.kube/config.
    """
    paths = kubeconfig or os.environ.get("KUBECONFIG")
    if paths:
        return _kubeconfig_login(paths, context)
    if os.environ.get(_SERVICE_HOST):
        return Login(_load_in_cluster, patience=1.0)
    if not Path(DEFAULT_KUBECONFIG).expanduser().exists():
        raise KubeConfigError(
            "no Kubernetes cluster is configured: set KUBECONFIG to a kubeconfig file, "
            f"or put one at {DEFAULT_KUBECONFIG}"
        )
    return _kubeconfig_login(DEFAULT_KUBECONFIG, context)


def tls_of(access: Access) -> ssl.SSLContext:
    """Return what a connection over TLS is checked with."""
    try:
        tls = ssl.create_default_context(cafile=access.ssl_ca_cert)
        # Python 3.13 refuses CA certificates without a key identifier, which kubeadm and others
        # make; kubectl takes them.
        tls.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if not access.verify_ssl:
            tls.check_hostname = False
            tls.verify_mode = ssl.CERT_NONE
        load_client_certificate(tls, access)
    except OSError as error:
        raise KubeConfigError(
            f"a certificate of the Kubernetes configuration cannot be used: {short(error)}"
        ) from error
    return tls


def load_client_certificate(tls: ssl.SSLContext, access: Access) -> None:
    """Use the client certificate as its file is now, for connections that are made from now on."""
    if access.cert_file:
        tls.load_cert_chain(access.cert_file, access.key_file)


def proxy_of(access: Access) -> str | None:
    """Return the proxy to go through: the kubeconfig's, else that of the environment."""
    url = urlsplit(access.host)
    proxy = access.proxy
    if proxy is None and url.hostname and not proxy_bypass(url.hostname):
        proxy = getproxies().get(url.scheme)
    if proxy is not None and urlsplit(proxy).scheme not in ("http", "https"):
        raise KubeConfigError(
            "the proxy for the Kubernetes API must be an http:// or https:// address"
        )
    return proxy


def _kubeconfig_login(paths: str, context: str | None) -> Login:
    async def load(access: Access) -> Callable[[], Awaitable[None]]:
        library = await asyncio.to_thread(config_module, "kube_config")
        # What a broken file makes the library raise, which checks little of what it reads.
        broken = (
            library.ConfigException, library.yaml.YAMLError, AssertionError, AttributeError,
            ClientError, KeyError, OSError, TypeError, ValueError,
        )  # fmt: skip
        try:
            loader = await library.load_kube_config(paths, context, access)
        except broken as error:
            raise _unusable(paths, error) from error

        async def renew() -> None:
            try:
                await loader.load_and_set(access)
            except broken as error:
                raise _unusable(paths, error) from error

        _check_host(access, paths)
        return renew

    if not any(Path(path).expanduser().exists() for path in paths.split(os.pathsep) if path):
        raise KubeConfigError(f"the kubeconfig {paths} does not exist")
    return Login(load, patience=10.0)


async def _load_in_cluster(access: Access) -> Callable[[], Awaitable[None]]:
    library = config_module("incluster_config")

    def load() -> None:
        library.load_incluster_config(client_configuration=access, try_refresh_token=False)

    async def renew() -> None:
        try:
            await asyncio.to_thread(load)
        except (library.ConfigException, OSError, ValueError) as error:
            raise KubeConfigError(
                f"the pod's service account cannot be used: {short(error)}; "
                "is automountServiceAccountToken off?"
            ) from error

    await renew()
    return renew


def _check_host(access: Access, paths: str) -> None:
    url = urlsplit(access.host)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise KubeConfigError(
            f"the kubeconfig {paths} names no server that begins with http:// or https://"
        )


def _unusable(paths: str, error: BaseException) -> KubeConfigError:
    # The library names a part of the file by all that it holds, keys and tokens included.
    detail = _IN_BRACES.sub("…", str(error)) or type(error).__name__
    return KubeConfigError(f"the kubeconfig {paths} cannot be used: {short(detail)}")
