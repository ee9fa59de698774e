"""Zones and records as the API's JSON; the order of keys is the real server's."""

from catalyst_dns_sync.sandbox.technitium.api.call import Json
from catalyst_dns_sync.sandbox.technitium.model.edition import Edition
from catalyst_dns_sync.sandbox.technitium.model.names import idn_of
from catalyst_dns_sync.sandbox.technitium.model.rdata import (
    Address,
    App,
    Caa,
    Data,
    Forward,
    Mail,
    Raw,
    Service,
    Soa,
    Target,
    Text,
)
from catalyst_dns_sync.sandbox.technitium.model.records import Record
from catalyst_dns_sync.sandbox.technitium.model.values import render_time, render_ttl
from catalyst_dns_sync.sandbox.technitium.model.zone import Zone, ZoneType

_TARGET_KEYS = {
    "CNAME": "cname",
    "NS": "nameServer",
    "PTR": "ptrName",
    "ANAME": "aname",
    "DNAME": "dname",
}
_CATALOG_MEMBERS = {
    ZoneType.PRIMARY,
    ZoneType.SECONDARY,
    ZoneType.STUB,
    ZoneType.FORWARDER,
    ZoneType.SECONDARY_FORWARDER,
}
_SIGNABLE = {ZoneType.PRIMARY, ZoneType.SECONDARY}
_EXPIRING = {
    ZoneType.SECONDARY,
    ZoneType.STUB,
    ZoneType.SECONDARY_FORWARDER,
    ZoneType.SECONDARY_CATALOG,
}
_NOTIFYING = {ZoneType.PRIMARY, ZoneType.SECONDARY, ZoneType.FORWARDER, ZoneType.CATALOG}
_DATED = {ZoneType.PRIMARY, ZoneType.FORWARDER, ZoneType.CATALOG}


def zone_json(zone: Zone, edition: Edition) -> Json:
    """Return the zone object of `zones/list` and of every change (Z:906-990)."""
    kind = zone.kind
    out: Json = {"name": zone.name}
    if idn := idn_of(zone.name):
        out["nameIdn"] = idn
    out |= {
        "type": kind.value,
        "lastModified": render_time(zone.last_modified),
        "disabled": zone.disabled,
        "soaSerial": zone.serial,
    }
    if kind is ZoneType.PRIMARY:
        out["internal"] = zone.internal
    if kind in _CATALOG_MEMBERS:
        out["catalog"] = None
    if kind in _SIGNABLE:
        out["dnssecStatus"] = "Unsigned"
        if not edition.is_before_14:
            out["hasDnssecPrivateKeys"] = False
    if kind is ZoneType.SECONDARY:
        out["validationFailed"] = False
    if kind in _EXPIRING:
        out |= {"expiry": render_time(zone.last_modified), "isExpired": False, "syncFailed": False}
    if kind in _NOTIFYING and not zone.internal:
        out |= {"notifyFailed": False, "notifyFailedFor": []}
    return out


def record_json(record: Record, zone: Zone, *, stored: bool = True) -> Json:
    """Return the record object; one that is not ``stored`` is what a call asked for."""
    out: Json = {"name": record.name}
    if idn := idn_of(record.name):
        out["nameIdn"] = idn
    out |= {
        "type": record.type,
        "ttl": record.ttl,
        "ttlString": render_ttl(record.ttl),
        "disabled": record.disabled,
    }
    if record.comments:
        out["comments"] = record.comments
    data = _data_json(record.type, record.data)
    if stored and isinstance(record.data, Soa) and zone.kind in _DATED:
        data["useSerialDateScheme"] = zone.date_scheme
    out["rData"] = data
    out |= {
        "dnssecStatus": "Unknown",
        "lastUsedOn": render_time(record.usage.at),
        "lastModified": render_time(record.last_modified),
        "expiryTtl": record.expiry_ttl,
        "expiryTtlString": render_ttl(record.expiry_ttl),
    }
    return out


def _data_json(rtype: str, data: Data) -> Json:
    match data:
        case Address(ip):
            return {"ipAddress": str(ip)}
        case Target(name):
            return _named(_TARGET_KEYS[rtype], name)
        case Text(strings):
            return {
                "text": "".join(strings),
                "splitText": len(strings) > 1,
                "characterStrings": list(strings),
            }
        case Soa():
            return _soa_json(data)
        case Mail(preference, exchange):
            return {"preference": preference} | _named("exchange", exchange.name)
        case Service(priority, weight, port, target):
            numbers: Json = {"priority": priority, "weight": weight, "port": port}
            return numbers | _named("target", target.name)
        case Caa(flags, tag, value):
            return {"flags": flags, "tag": tag, "value": value}
        case Forward(protocol, forwarder, dnssec_validation, priority):
            return {
                "protocol": protocol,
                "forwarder": forwarder,
                "priority": priority,
                "dnssecValidation": dnssec_validation,
                "proxyType": "DefaultProxy",
            }
        case App(name, class_path, text):
            return {"appName": name, "classPath": class_path, "data": text}
        case Raw(octets):
            return {"value": octets.hex(":").upper()}


def _named(key: str, name: str) -> Json:
    out: Json = {key: name or "."}
    if idn := idn_of(name):
        out[f"{key}Idn"] = idn
    return out


def _soa_json(soa: Soa) -> Json:
    return _named("primaryNameServer", soa.primary) | {
        "responsiblePerson": soa.mailbox,
        "serial": soa.serial,
        "refresh": soa.refresh,
        "retry": soa.retry,
        "expire": soa.expire,
        "minimum": soa.minimum,
        "refreshString": render_ttl(soa.refresh),
        "retryString": render_ttl(soa.retry),
        "expireString": render_ttl(soa.expire),
        "minimumString": render_ttl(soa.minimum),
    }
