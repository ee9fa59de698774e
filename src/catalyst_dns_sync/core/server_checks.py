"""The checks of the DNS server's side; what Technitium does is said in its own words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from catalyst_dns_sync.core.checkup import Finding, Level, ServerFacts, ZoneFacts
from catalyst_dns_sync.core.names import is_reverse, zone_of
from catalyst_dns_sync.core.policy import Policy

OLDEST = (13, 6)
"""Before it, the answers to an add and to a delete can't be relied on."""
LONG_MINIMUM = 60


@dataclass(frozen=True, slots=True)
class Wishes:
    """The settings that the server must bear with."""

    ttl: int
    policy: Policy
    imports: bool
    points_back: bool = False


ServerCheck: TypeAlias = Callable[[ServerFacts, Wishes], Iterator[Finding]]


def check_reach(facts: ServerFacts, _wishes: Wishes) -> Iterator[Finding]:
    """Check that the server answers, and takes the token."""
    if facts.error:
        mend = "mend what it names: DNS_SERVER_URL, the token, or the network between"
        yield Finding(Level.ERROR, "DNS server", facts.error, mend)
    else:
        yield Finding(Level.OK, "DNS server", f"{facts.url} answers, and takes the token")


def check_version(facts: ServerFacts, _wishes: Wishes) -> Iterator[Finding]:
    """Check that the server's version is one that we know."""
    if not facts.version:
        return
    found = tuple(int(part) for part in facts.version.split(".")[:2] if part.isdecimal())
    if found and found < OLDEST:
        text = f"version {facts.version}: before 13.6 its answers can't be relied on"
        yield Finding(Level.WARNING, "DNS server", text, "update the Technitium server")
    else:
        yield Finding(Level.OK, "DNS server", f"version {facts.version}")


def check_url(facts: ServerFacts, _wishes: Wishes) -> Iterator[Finding]:
    """Check that the server's name does not hang on the zones that it serves."""
    name = facts.name_in_url
    zone = zone_of(name, facts.zones) if name is not None else None
    if zone is not None:
        text = (
            f"DNS_SERVER_URL names {name}, which lies in zone {zone}: whoever breaks that name "
            "there, or the server while it starts, keeps us from mending it"
        )
        yield Finding(Level.WARNING, "DNS server", text, "put its address into DNS_SERVER_URL")


def check_cluster(facts: ServerFacts, _wishes: Wishes) -> Iterator[Finding]:
    """Check that of a cluster's nodes we speak to the one that takes changes."""
    us = next((node for node in facts.nodes if node.is_self), None)
    primary = next((node for node in facts.nodes if node.is_primary), None)
    if us is None or us.is_primary:
        return
    where = f"{primary.name}, {primary.url}" if primary is not None else "the primary node"
    text = f"{us.name} is a secondary node of its cluster: zones of the cluster are copies there"
    yield Finding(Level.ERROR, "DNS server", text, f"let DNS_SERVER_URL name {where}")


def check_zones(facts: ServerFacts, _wishes: Wishes) -> Iterator[Finding]:
    """Check that each zone is there, and takes changes."""
    for name, zone in sorted(facts.zones.items()):
        check = f"zone {name}"
        if not zone.kind:
            yield Finding(
                Level.ERROR,
                check,
                "the server does not show it: it is missing, or the token's user may not view it",
                f"in the DNS console create zone {name}, or give the token's user View, Modify "
                "and Delete on it; or mend DNS_ZONES",
            )
        elif not zone.writable:
            text = f"it is a {zone.kind} zone here, which takes no changes"
            mend = "let DNS_SERVER_URL name the server where it is a primary zone"
            yield Finding(Level.ERROR, check, text, mend)
        elif zone.disabled:
            text = "it is disabled: the server keeps it, and answers no query from it"
            yield Finding(Level.WARNING, check, text, "enable it in the DNS console")


def check_zone_rights(facts: ServerFacts, wishes: Wishes) -> Iterator[Finding]:
    """Check what the token may do in each zone."""
    for name, zone in sorted(facts.zones.items()):
        rights = {"View": zone.may_view, "Modify": zone.may_modify, "Delete": zone.may_delete}
        if wishes.policy is not Policy.SYNC:
            del rights["Delete"]
        missing = [right for right, given in rights.items() if given is False]
        if missing and zone.kind:
            mend = f"in the DNS console: Zones, {name}, Permissions: give the token's user "
            text = f"the token's user lacks {' and '.join(missing)} on it"
            yield Finding(Level.ERROR, f"zone {name}", text, mend + " and ".join(missing))
        elif _is_well(zone) and all(rights.values()):
            text = f"{zone.kind}, and the token may {', '.join(rights).lower()}"
            yield Finding(Level.OK, f"zone {name}", text)


def check_import(facts: ServerFacts, wishes: Wishes) -> Iterator[Finding]:
    """Check whether the token may import, which is how many changes are made at once."""
    if wishes.imports and facts.may_import is False:
        text = "the token may not import: many changes at once are made one by one, which is slower"
        mend = (
            "nothing, or in the DNS console: Administration, Permissions, Zones: Modify for the "
            "token's user"
        )
        yield Finding(Level.HINT, "DNS server", text, mend)


def check_soa(facts: ServerFacts, wishes: Wishes) -> Iterator[Finding]:
    """Check the zone's own times against ours."""
    for name, zone in sorted(facts.zones.items()):
        check = f"zone {name}"
        if not zone.writable:
            continue
        if zone.expire is not None and wishes.ttl > zone.expire:
            text = f"DNS_TTL_DEFAULT {wishes.ttl} is above the SOA's expire {zone.expire}: refused"
            mend = f"set DNS_TTL_DEFAULT to {zone.expire} or less, or raise the SOA's expire"
            yield Finding(Level.ERROR, check, text, mend)
        if zone.minimum is not None and zone.minimum > LONG_MINIMUM:
            text = (
                f"the SOA's minimum is {zone.minimum} s: a name that is asked for before it exists "
                "stays unknown in resolvers for that long"
            )
            mend = f"in the DNS console set the SOA's minimum of {name} to {LONG_MINIMUM} or less"
            yield Finding(Level.HINT, check, text, mend)


def check_wildcards(facts: ServerFacts, _wishes: Wishes) -> Iterator[Finding]:
    """Check whether names that we delete would go on to resolve."""
    for name, zone in sorted(facts.zones.items()):
        for wildcard in zone.wildcards:
            text = (
                f"{wildcard} answers for every name below it that does not exist, deleted ones too"
            )
            mend = f"delete {wildcard} in the DNS console, if that is not wanted"
            yield Finding(Level.HINT, f"zone {name}", text, mend)


def check_pointers(facts: ServerFacts, wishes: Wishes) -> Iterator[Finding]:
    """Check that there is a zone for the PTR records that are wanted."""
    if wishes.points_back and facts.zones and not any(map(is_reverse, facts.zones)):
        text = "DNS_PTR is on, and no reverse zone is among the zones: no PTR record is made"
        mend = "add one to DNS_ZONES that the server has, like 1.168.192.in-addr.arpa"
        yield Finding(Level.WARNING, "DNS server", text, mend)


def _is_well(zone: ZoneFacts) -> bool:
    return bool(zone.kind) and zone.writable and not zone.disabled


SERVER_CHECKS: tuple[ServerCheck, ...] = (
    check_reach,
    check_version,
    check_url,
    check_cluster,
    check_zones,
    check_zone_rights,
    check_import,
    check_soa,
    check_wildcards,
    check_pointers,
)
"""All checks of the DNS server's side, in the order in which they are told."""
