"""TLS certificates: what they cover, when they end, and the wildcard ones that we keep."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from catalyst_dns_sync.core.names import DnsName, InvalidNameError, is_wildcard, parse_name, zone_of
from catalyst_dns_sync.core.objects import WatchedObject
from catalyst_dns_sync.core.rawjson import Json, map_at, maps_at, text_at, texts_at
from catalyst_dns_sync.core.records import ObjectRef
from catalyst_dns_sync.core.times import parse_time

KIND = "Certificate"
SECRET_KIND = "Secret"  # noqa: S105 (a kind of object)
MANAGED_BY = "app.kubernetes.io/managed-by"
PROGRAM = "catalyst-dns-sync"
OWNER = "catalyst-dns-sync.io/owner"

RENEWED_BEFORE = 14 * 86_400.0
"""A certificate that ends within so many seconds should have been renewed."""


@dataclass(frozen=True, slots=True)
class Certificate(WatchedObject):
    """One certificate: an object of cert-manager, or a TLS secret.

    ``covers`` are the DNS names in it, as they stand there; ``ends`` is the last second of its
    validity in Unix time, None where there is none yet. ``ready`` is what cert-manager says, and
    None for a bare secret. ``issuer`` is ``Kind/name``.
    """

    covers: tuple[str, ...] = ()
    ends: float | None = None
    ready: bool | None = None
    secret: str = ""
    issuer: str = ""


def certificate_of(raw: object) -> Certificate | None:
    """Read an object of cert-manager.io/v1; returns None for what has no name."""
    if not isinstance(raw, dict):
        return None
    metadata, spec, status = map_at(raw, "metadata"), map_at(raw, "spec"), map_at(raw, "status")
    name = text_at(metadata, "name")
    if not name:
        return None
    issuer = map_at(spec, "issuerRef")
    return Certificate(
        ObjectRef(KIND, text_at(metadata, "namespace"), name),
        text_at(metadata, "creationTimestamp"),
        covers=tuple(texts_at(spec, "dnsNames")),
        ends=parse_time(text_at(status, "notAfter")),
        ready=_is_ready(status),
        secret=text_at(spec, "secretName"),
        issuer=f"{text_at(issuer, 'kind') or 'Issuer'}/{text_at(issuer, 'name')}",
    )


def is_covered(name: DnsName, pattern: str) -> bool:
    """Tell whether a name in a certificate covers a host.

    RFC 9525, section 6.3: a wildcard is the whole left-most label, and stands for exactly one. A
    wildcard record is covered by the same wildcard only.
    """
    try:
        canonical = parse_name(pattern)
    except InvalidNameError:
        return False
    if canonical == name:
        return True
    if not is_wildcard(canonical) or is_wildcard(name):
        return False
    return canonical[2:] == name.partition(".")[2]


def covering(name: DnsName, certificates: Iterable[Certificate]) -> list[Certificate]:
    """Return the certificates that cover a host; the one that ends last comes first."""
    found = [one for one in certificates if any(is_covered(name, text) for text in one.covers)]
    return sorted(found, key=lambda one: (-(one.ends or 0.0), one.ref))


def concerning(
    certificates: Iterable[Certificate], zones: Collection[DnsName]
) -> list[Certificate]:
    """Return the certificates that cover something in our zones, each only once.

    The secret in which cert-manager keeps a certificate is told as that certificate.
    """
    found = [one for one in certificates if any(_is_within(text, zones) for text in one.covers)]
    kept = {(one.ref.namespace, one.secret) for one in found if one.ref.kind == KIND}
    return [
        one
        for one in found
        if one.ref.kind == KIND or (one.ref.namespace, one.ref.name) not in kept
    ]


def _is_within(pattern: str, zones: Collection[DnsName]) -> bool:
    try:
        return zone_of(parse_name(pattern), zones) is not None
    except InvalidNameError:
        return False


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs: the ``issuerRef`` of cert-manager."""

    kind: str
    name: str


def parse_issuer(text: str) -> Issuer:
    """Read ``Kind/name``; raises ValueError for anything else."""
    kind, slash, name = text.strip().partition("/")
    if not slash or kind not in ("Issuer", "ClusterIssuer") or not name:
        raise ValueError(f"{text!r} is not Issuer/NAME or ClusterIssuer/NAME")
    return Issuer(kind, name)


def wildcard(zone: DnsName, namespace: str, issuer: Issuer, owner: str) -> Json:
    """Return the Certificate that covers a zone and every name right below it."""
    name = f"wildcard-{zone}"
    return {
        "apiVersion": "cert-manager.io/v1",
        "kind": KIND,
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {MANAGED_BY: PROGRAM, OWNER: owner},
        },
        "spec": {
            "secretName": f"{name}-tls",
            "dnsNames": [zone, f"*.{zone}"],
            "issuerRef": {"group": "cert-manager.io", "kind": issuer.kind, "name": issuer.name},
        },
    }


def is_ours(current: Json, wanted: Json) -> bool:
    """Tell whether an object in the cluster carries the labels of the one that we want."""
    labels = map_at(map_at(current, "metadata"), "labels")
    return all(labels.get(key) == text for key, text in wanted["metadata"]["labels"].items())


def repaired(current: Json, wanted: Json) -> Json | None:
    """Return the object with what we want of it put right; None where nothing is wrong.

    What people add to its spec (``duration``, ``privateKey``) stays.
    """
    spec = map_at(current, "spec")
    if all(spec.get(key) == value for key, value in wanted["spec"].items()):
        return None
    return {**current, "spec": {**spec, **wanted["spec"]}}


def _is_ready(status: Json) -> bool:
    return any(
        one.get("type") == "Ready" and one.get("status") == "True"
        for one in maps_at(status, "conditions")
    )
