"""Certificates beside the records: watched for metrics and `explain`, wildcard ones kept.

They never bear on records: their Stores are none of the Sources.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Collection
from typing import Never

from catalyst_dns_sync.app.intents import zones_of
from catalyst_dns_sync.control.store import SourceState, Store, StoreChange
from catalyst_dns_sync.core.backoff import Backoff
from catalyst_dns_sync.core.certificates import (
    Certificate,
    certificate_of,
    concerning,
    wildcard,
)
from catalyst_dns_sync.core.names import ROOT, DnsName
from catalyst_dns_sync.core.rawjson import Json
from catalyst_dns_sync.kube.api import NO_PARAMS, Params, WritableApi, pages
from catalyst_dns_sync.kube.certificates import (
    CERTIFICATES,
    SECRETS,
    TLS_SECRETS,
    Kept,
    keep,
    tls_secret_of,
)
from catalyst_dns_sync.kube.errors import KubeError
from catalyst_dns_sync.kube.reflector import Reflector
from catalyst_dns_sync.kube.resources import Resource
from catalyst_dns_sync.settings.model import Settings
from catalyst_dns_sync.settings.servers import views_of

log = logging.getLogger(__name__)

LOOK_AGAIN = 300.0
"""Seconds after which a Certificate that we keep is looked at, whatever was seen."""

_READ: tuple[tuple[Resource, Callable[[object], Certificate | None], Params], ...] = (
    (CERTIFICATES, certificate_of, NO_PARAMS),
    (SECRETS, tls_secret_of, TLS_SECRETS),
)

BACKOFF = Backoff(first=1.0, at_most=60.0)


class CertificateWatch:
    """The certificates of the cluster that cover something in our zones."""

    def __init__(self, settings: Settings, kube: WritableApi, leads: Callable[[], bool]) -> None:
        clock = asyncio.get_running_loop().time
        self.zones = _zones(settings)
        self._settings = settings
        self._kube = kube
        self._leads = leads
        self._changed = asyncio.Event()
        self._said: dict[str, str] = {}
        self.stores: list[Store] = []
        self.reflectors: list[Reflector] = []
        self._namespaces: tuple[str | None, ...] = settings.watch_namespaces or (None,)
        for namespace in self._namespaces:
            for resource, parse, chosen in _READ:
                store = Store(
                    resource.source, resource.kind, clock, self._note, namespace=namespace
                )
                self.stores.append(store)
                self.reflectors.append(
                    Reflector(resource, namespace, kube, store, parse, random.random, chosen=chosen)
                )

    def certificates(self) -> list[Certificate]:
        """Return those that cover something in our zones."""
        found = (obj for store in self.stores for obj in store.objects.values())
        return concerning((one for one in found if isinstance(one, Certificate)), self.zones)

    async def read(self) -> list[Certificate]:
        """Read them once, as far as they may be read, without watching anything."""
        found: list[Certificate] = []
        for namespace in self._namespaces:
            for resource, parse, chosen in _READ:
                try:
                    async for page in pages(self._kube, resource.path(namespace), chosen):
                        found += (one for raw in page.items if (one := parse(raw)) is not None)
                except KubeError as error:
                    log.debug("not read", extra={"kind": resource.kind, "error": str(error)})
        return concerning(found, self.zones)

    async def keep_wildcards(self) -> Never:
        """Keep one wildcard Certificate for each zone, as long as this instance leads."""
        failures = 0
        while True:
            self._changed.clear()
            if self._leads() and self._is_served():
                failures = 0 if await self._keep_all() else failures + 1
            pause = BACKOFF.delay(failures, 0.5) if failures else LOOK_AGAIN
            try:
                async with asyncio.timeout(pause):
                    await self._changed.wait()
            except TimeoutError:
                continue

    @property
    def keeps_wildcards(self) -> bool:
        """Whether the settings want wildcard Certificates."""
        return self._settings.wildcard_certificate

    def _is_served(self) -> bool:
        states = [one.state for one in self.stores if one.kind == CERTIFICATES.kind]
        return SourceState.SYNCED in states

    async def _keep_all(self) -> bool:
        return all([await self._keep(wanted) for wanted in wildcards(self._settings, self.zones)])

    async def _keep(self, wanted: Json) -> bool:
        name = wanted["metadata"]["name"]
        extra = {"certificate": name, "namespace": wanted["metadata"]["namespace"]}
        try:
            kept = await keep(self._kube, wanted)
        except KubeError as error:
            if self._said.get(name) != str(error):
                log.warning("certificate can't be kept", extra={**extra, "error": str(error)})
            self._said[name] = str(error)
            return False
        if kept in (Kept.CREATED, Kept.REPAIRED):
            log.info("certificate kept", extra={**extra, "done": kept.value})
        elif kept is Kept.FOREIGN and self._said.get(name) != kept:
            mend = "delete it, or give it our labels, if it is to be kept by us"
            log.warning("certificate is not ours and left alone", extra={**extra, "mend": mend})
        self._said[name] = kept
        return True

    def _note(self, _change: StoreChange) -> None:
        self._changed.set()


def wildcards(settings: Settings, zones: Collection[DnsName]) -> list[Json]:
    """Return the Certificates that the settings want."""
    issuer, namespace = settings.certificate_issuer, settings.certificate_namespace
    if not settings.wildcard_certificate or issuer is None or namespace is None:
        return []
    return [wildcard(zone, namespace, issuer, settings.owner_id) for zone in sorted(zones)]


def _zones(settings: Settings) -> frozenset[DnsName]:
    found = frozenset[DnsName]().union(*(zones_of(view.settings) for view in views_of(settings)))
    return found - {ROOT}
