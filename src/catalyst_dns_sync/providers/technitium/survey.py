"""Finds out what a Technitium server lets us do: for the check command. Changes nothing."""

import ipaddress
import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from catalyst_dns_sync.control.ports import HostedZone, ProviderError
from catalyst_dns_sync.core.checkup import ClusterNode, ServerFacts, ZoneFacts
from catalyst_dns_sync.core.names import DnsName, InvalidNameError, is_wildcard, parse_name
from catalyst_dns_sync.core.records import RecordType, Zone
from catalyst_dns_sync.providers.technitium.client import SESSION_PATH, TechnitiumClient
from catalyst_dns_sync.providers.technitium.codec import Payload
from catalyst_dns_sync.providers.technitium.errors import AccessDeniedError
from catalyst_dns_sync.providers.technitium.provider import TechnitiumProvider

_ANSWERING = {RecordType.A.value, RecordType.AAAA.value, RecordType.CNAME.value}


async def survey(client: TechnitiumClient, zones: Iterable[DnsName]) -> ServerFacts:
    """Ask the server for its version, its cluster, and our rights in each zone."""
    name = _name_in(client.url)
    try:
        session = await client.call(SESSION_PATH, flat=True)
        provider = TechnitiumProvider(client)
        hosted = await provider.zones()
        found = {zone: await _zone(client, provider, zone, hosted) for zone in sorted(zones)}
    except ProviderError as error:
        return ServerFacts(client.url, str(error), name_in_url=name)
    info = _map(session.get("info"))
    modify = _map(_map(info.get("permissions")).get("Zones")).get("canModify")
    return ServerFacts(
        client.url,
        version=str(info.get("version", "")),
        name_in_url=name,
        nodes=_nodes(info),
        may_import=modify if isinstance(modify, bool) else None,
        zones=found,
    )


async def _zone(
    client: TechnitiumClient,
    provider: TechnitiumProvider,
    name: DnsName,
    hosted: Mapping[DnsName, HostedZone],
) -> ZoneFacts:
    shown = hosted.get(name)
    if shown is None:
        return ZoneFacts()
    may_view, soa, wildcards = await _contents(provider, name)
    return ZoneFacts(
        kind=shown.kind,
        writable=shown.writable,
        disabled=shown.disabled,
        may_view=may_view,
        may_modify=await _may(client, "/api/zones/records/add", name),
        may_delete=await _may(client, "/api/zones/records/delete", name),
        minimum=soa.get("minimum"),
        expire=soa.get("expire"),
        wildcards=wildcards,
    )


async def _contents(
    provider: TechnitiumProvider, name: DnsName
) -> tuple[bool, Mapping[str, Any], tuple[str, ...]]:
    try:
        zone = await provider.read(name)
    except AccessDeniedError:
        return False, {}, ()
    wildcards = sorted(one for one in zone.names if is_wildcard(one) and _answers(zone, one))
    soa = next((one for one in zone.names.get(name, ()) if one.type == "SOA"), None)
    return True, json.loads(soa.value) if soa is not None else {}, tuple(wildcards)


def _answers(zone: Zone, name: DnsName) -> bool:
    return any(one.type in _ANSWERING and not one.disabled for one in zone.names[name])


async def _may(client: TechnitiumClient, path: str, zone: DnsName) -> bool | None:
    """Tell whether we may change a zone in this way, without changing it.

    The permission is looked at before the record's type, which is left out: so a call that is
    allowed fails all the same (WebServiceZonesApi.cs, AddRecord and DeleteRecord).
    """
    try:
        await client.call(path, {"zone": zone, "domain": zone})
    except AccessDeniedError:
        return False
    except ProviderError as error:
        return True if "'type' missing" in str(error) else None
    return None


def _nodes(info: Payload) -> tuple[ClusterNode, ...]:
    nodes = info.get("clusterNodes")
    found = [_map(node) for node in nodes] if isinstance(nodes, list) else []
    return tuple(
        ClusterNode(
            name=str(node.get("name", "")),
            url=str(node.get("url", "")),
            is_primary=node.get("type") == "Primary",
            is_self=node.get("state") == "Self",
        )
        for node in found
    )


def _name_in(url: str) -> DnsName | None:
    host = urlsplit(url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        try:
            return parse_name(host)
        except InvalidNameError:
            return None
    return None


def _map(value: object) -> Payload:
    return value if isinstance(value, dict) else {}
