"""The checks, on the cluster and the DNS server that the settings name."""

import asyncio
import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from catalyst_dns_sync.app.backends import dns_client
from catalyst_dns_sync.app.intents import zones_of
from catalyst_dns_sync.app.leading import lease_namespace
from catalyst_dns_sync.control.ports import ProviderError
from catalyst_dns_sync.core.checkup import ClusterFacts, Finding, Level, Permission, ServerFacts
from catalyst_dns_sync.core.cluster_checks import CLUSTER_CHECKS
from catalyst_dns_sync.core.server_checks import SERVER_CHECKS, Wishes
from catalyst_dns_sync.kube import survey as cluster
from catalyst_dns_sync.kube.client import load_client
from catalyst_dns_sync.kube.errors import KubeConfigError
from catalyst_dns_sync.kube.resources import watched_resources
from catalyst_dns_sync.providers.technitium import survey as server
from catalyst_dns_sync.settings.model import DnsProvider, Settings, SettingsError
from catalyst_dns_sync.settings.requirements import require_dns
from catalyst_dns_sync.settings.servers import View, views_of

log = logging.getLogger(__name__)

_SAID = {
    Level.ERROR: "something is wrong around the daemon",
    Level.WARNING: "something is wrong around the daemon",
    Level.HINT: "something could be better around the daemon",
}
_LEVELS = {Level.ERROR: logging.WARNING, Level.WARNING: logging.WARNING, Level.HINT: logging.INFO}


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything, and return all that was found, good and bad.

    Raises `SettingsError` where the settings alone are wrong.
    """
    require_dns(settings)
    wanted = await asyncio.to_thread(lambda: tuple(_rights(settings)))
    facts = await _cluster_facts(settings, wanted)
    findings = [one for check in CLUSTER_CHECKS for one in check(facts)]
    if settings.dns_provider is DnsProvider.TECHNITIUM:
        for view in views_of(settings):
            findings += await _server_findings(view)
    else:
        findings.append(await asyncio.to_thread(_hosts_file, settings.hosts_file))
    return findings


async def _server_findings(view: View) -> list[Finding]:
    settings = view.settings
    found = await _server_facts(settings)
    wishes = Wishes(
        settings.dns_ttl_default,
        settings.policy,
        imports=settings.bulk_threshold > 0,
        points_back=settings.dns_ptr,
    )
    findings = [one for check in SERVER_CHECKS for one in check(found, wishes)]
    if not view.name:
        return findings
    return [replace(one, check=f"{view.name}: {one.check}") for one in findings]


def _hosts_file(path: Path) -> Finding:
    target = path if path.exists() else path.parent
    if os.access(target, os.W_OK):
        return Finding(Level.OK, "hosts file", f"{path} may be written")
    mend = "run it with sudo, or let HOSTS_FILE name a file of your own"
    return Finding(Level.ERROR, "hosts file", f"{path} may not be written", mend)


async def say_findings(settings: Settings) -> None:
    """Log what is wrong, and go on: the daemon may do most of its work all the same."""
    try:
        findings = await examine(settings)
    except SettingsError as error:
        log.warning("not checked", extra={"error": str(error)})
        return
    for one in findings:
        if one.level is not Level.OK:
            extra = {"check": one.check, "detail": one.text, "mend": one.mend}
            log.log(_LEVELS[one.level], _SAID[one.level], extra=extra)


def _rights(settings: Settings) -> Iterator[Permission]:
    """Yield the rights that these settings need in the cluster; reads a file of the pod."""
    namespaces = settings.watch_namespaces or ()
    yield from cluster.rights_to_watch(watched_resources(settings.sources), namespaces)
    if settings.leader_election:
        yield from cluster.rights_to_lead(lease_namespace(settings), settings.lease_name)
    if settings.dns_target_service is not None:
        yield from cluster.rights_to_follow(*settings.dns_target_service)
    if settings.events:
        yield from cluster.rights_to_tell(namespaces)
    if settings.certificates:
        kept_in = settings.certificate_namespace if settings.wildcard_certificate else None
        yield from cluster.rights_to_certificates(namespaces, kept_in)


async def _cluster_facts(settings: Settings, wanted: tuple[Permission, ...]) -> ClusterFacts:
    resources = list(watched_resources(settings.sources))
    if settings.certificates:
        resources.append(cluster.CERTIFICATES)
    kubeconfig = str(settings.kubeconfig) if settings.kubeconfig else None
    try:
        async with await load_client(kubeconfig, settings.kube_context) as kube:
            facts = await cluster.survey(kube, kube.host, wanted, resources)
            if settings.dns_target_service is None or facts.error:
                return facts
            service = await cluster.service_of(kube, *settings.dns_target_service)
            name = "/".join(settings.dns_target_service)
            return replace(facts, target_service=name, target=service)
    except KubeConfigError as error:
        return ClusterFacts("Kubernetes", error=str(error))


async def _server_facts(settings: Settings) -> ServerFacts:
    try:
        async with await asyncio.to_thread(dns_client, settings) as client:
            return await server.survey(client, zones_of(settings))
    except ProviderError as error:
        return ServerFacts(settings.dns_server_url or "", error=str(error))
