"""Everything that is left alone, as a value: what, why, and what a person can do about it."""

from dataclasses import dataclass
from enum import StrEnum

from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.records import ObjectRef


class SkipReason(StrEnum):
    """Why a name, or a part of an object, is left alone."""

    # The object's side.
    INVALID_RULE = "invalid-rule"
    INVALID_HOST = "invalid-host"
    INVALID_ANNOTATION = "invalid-annotation"
    NO_TARGET = "no-target"
    CONFLICT = "conflict"
    UNSUPPORTED = "unsupported"
    NOT_ACCEPTED = "not-accepted"
    NO_LISTENER = "no-listener"
    GATEWAY_UNKNOWN = "gateway-unknown"
    NOT_ALLOWED = "not-allowed"
    EXPIRED = "expired"
    PREVIEW_LIMIT = "preview-limit"
    # The zone's side, for a name that is wanted.
    NOT_OURS = "not-ours"
    ADOPTABLE = "adoptable"
    DELEGATED = "delegated"
    SHADOWED = "shadowed"
    CNAME_BLOCKED = "cname-blocked"
    # The zone's side, wanted or not.
    HELD = "held"
    OTHER_CLUSTER = "other-cluster"
    # Records of ours that nobody claims and that stay.
    ORPHAN = "orphan"
    FAULTY_OBJECT = "faulty-object"
    SOURCE_UNKNOWN = "source-unknown"
    SOURCE_ABSENT = "source-absent"
    WITHHELD = "withheld"
    POLICY = "policy"
    DRIFT = "drift"


ADVICE: dict[SkipReason, str] = {
    SkipReason.INVALID_RULE: "mend the rule; names it held before stay meanwhile",
    SkipReason.INVALID_HOST: "mend the host; names it held before stay meanwhile",
    SkipReason.INVALID_ANNOTATION: "mend the annotation",
    SkipReason.NO_TARGET: "set DNS_IP_ADDRESS, or the annotation catalyst-dns-sync.io/target",
    SkipReason.CONFLICT: "let only one object claim the name, or give both the same target",
    SkipReason.UNSUPPORTED: "use A, AAAA or CNAME, a LoadBalancer; in a hosts file use plain names",
    SkipReason.NOT_ALLOWED: "let DNS_CLAIMS name the host for its namespace, or take the host out",
    SkipReason.NOT_ACCEPTED: "mend the route till its Gateway accepts it (kubectl describe it)",
    SkipReason.NO_LISTENER: "give the Gateway a listener for it, or the route other hostnames",
    SkipReason.GATEWAY_UNKNOWN: "make the Gateway, or name its namespace in WATCH_NAMESPACE",
    SkipReason.EXPIRED: "remove or change its annotation expires-at or ttl-after to have it back",
    SkipReason.PREVIEW_LIMIT: "remove previews that nobody needs, or raise PREVIEW_LIMIT",
    SkipReason.NOT_OURS: "delete it by hand, where it stands, if the cluster should have the name; "
    "take over what another owner's marker is on: `adopt --from-owner`",
    SkipReason.ADOPTABLE: "it says what is wanted but is not ours: `adopt` hands it over",
    SkipReason.DELEGATED: "the name lies below a delegation: the other zone's server answers it",
    SkipReason.SHADOWED: "the server has a closer zone: add that zone to DNS_ZONES",
    SkipReason.CNAME_BLOCKED: "a CNAME can't stand beside other records or at a zone's apex",
    SkipReason.HELD: "the record is disabled in the DNS console: enable or delete it there",
    SkipReason.OTHER_CLUSTER: "another cluster with our OWNER_ID wrote it: `adopt --from-cluster`",
    SkipReason.ORPHAN: "the settings leave it out: mend them, or let `purge --orphans` delete it",
    SkipReason.FAULTY_OBJECT: "its object has a fault: mend the object",
    SkipReason.SOURCE_UNKNOWN: "not all that lives is known for sure yet: what is there stays",
    SkipReason.SOURCE_ABSENT: "the cluster does not serve the kind any more: `release` lets it go",
    SkipReason.WITHHELD: "look whether it should go: `release` lets it go",
    SkipReason.POLICY: "the policy forbids this change",
    SkipReason.DRIFT: "not repaired: put it right by hand, or set DRIFT_POLICY=repair",
}


ABOUT_OBJECTS = frozenset(
    {
        SkipReason.INVALID_RULE,
        SkipReason.INVALID_HOST,
        SkipReason.INVALID_ANNOTATION,
        SkipReason.NOT_ALLOWED,
        SkipReason.EXPIRED,
        SkipReason.PREVIEW_LIMIT,
    }
)
"""Reasons that lie in an object alone, and are the same for whatever it is written to."""


@dataclass(frozen=True, slots=True)
class Skip:
    """One thing left alone. ``name`` is None where no valid name could be had."""

    reason: SkipReason
    name: DnsName | None
    detail: str
    origin: ObjectRef | None = None
