"""What a person writes into an object of the cluster, and what it means, in plain words.

The laws look here for what an object claims: nothing of the daemon's own reading is used.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeAlias

Ref: TypeAlias = tuple[str, str, str]
"""Kind, namespace and name."""
Value: TypeAlias = tuple[str, str]
"""Type and text of one record's value."""

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
PREFIX = "catalyst-dns-sync.io/"
DEFAULT_TARGET = "192.0.2.1"
DEFAULT_TTL = 300
PREVIEW_TTL = 60
KINDS = ("Ingress", "IngressRoute", "IngressRouteTCP")
MORE_KINDS = ("HTTPRoute", "DNSEndpoint", "Gateway")
"""Kinds that are off by default: only the profile `gateways` has them."""
ALL_KINDS = (*KINDS, *MORE_KINDS, "Service", "Certificate", "Secret")
BUILT_IN = frozenset({"Ingress", "Service", "Secret"})
"""Kinds that no CRD defines."""
CLAIMLESS = frozenset({"Gateway", "Service", "Certificate", "Secret"})
"""Kinds that are watched for what they tell of addresses, or beside the records."""
REFUSED = "refused"
"""The fault of a route that its Gateway's controller does not accept: it loses its names by it."""
NARROW = ("narrow.test",)
"""The hostname of a Gateway's listener that no route of the scripts meets."""
CLAIMS_NOTHING = frozenset({"target", "pending", REFUSED})
API_VERSIONS = {
    "Service": "v1",
    "Secret": "v1",
    "Certificate": "cert-manager.io/v1",
    "HTTPRoute": "gateway.networking.k8s.io/v1",
    "Gateway": "gateway.networking.k8s.io/v1",
    "DNSEndpoint": "externaldns.k8s.io/v1alpha1",
    "Ingress": "networking.k8s.io/v1",
    "IngressRoute": "traefik.io/v1alpha1",
    "IngressRouteTCP": "traefik.io/v1alpha1",
}


@dataclass(frozen=True, slots=True)
class Spec:
    """One object. ``fault`` is ``rule``, ``host``, ``target`` or nothing; texts are as written.

    Of a route it may be ``refused``, or ``pending`` while its controller has not judged it.

    Its annotation says that it ``ends`` at a time of the world's clock; ``over`` is what follows.
    ``entry`` is its entry point, ``address`` what its own status has; ``about`` and ``whose`` are
    told to people.
    """

    kind: str
    namespace: str
    name: str
    hosts: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    target: str = ""
    ttl: str = ""
    ignore: bool = False
    fault: str = ""
    klass: str = ""
    label: str = ""
    noise: str = ""
    ends: float | None = None
    over: bool = False
    entry: str = ""
    address: str = ""
    about: str = ""
    whose: str = ""
    priority: int = 0

    def at(self, now: float) -> "Spec":
        """Return it as it counts at a time: ``over`` once its own end has come."""
        is_over = self.over or (self.ends is not None and self.ends <= now)
        return replace(self, over=is_over)

    @property
    def ref(self) -> Ref:
        return (self.kind, self.namespace, self.name)

    @property
    def origin(self) -> str:
        return f"{self.kind}/{self.namespace}/{self.name}"

    @property
    def note(self) -> str:
        """What its record's comment tells people; both texts are plain ASCII."""
        if self.about and self.whose:
            return f"{self.about}, owner: {self.whose}"
        return self.about or (f"owner: {self.whose}" if self.whose else "")

    @property
    def ways(self) -> frozenset[str]:
        """How it is reached, as the table of targets calls it."""
        entry = self.entry if self.kind != "Ingress" else ""
        return frozenset({entry, self.klass}) - {""}


@dataclass(frozen=True, slots=True)
class Issued(Spec):
    """A Certificate of cert-manager: ``hosts`` are its names, ``issuer`` is ``Kind/name``.

    ``labels`` are in order; ``more`` is what else its spec says, as JSON.
    """

    secret: str = ""
    issuer: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    more: str = "{}"


@dataclass(frozen=True, slots=True)
class Claim:
    """What an object wants of one name; both are None where it does not say."""

    values: frozenset[Value] | None
    ttl: int | None


@cache
def claims_of(spec: Spec) -> Mapping[str, Claim]:
    """Return what a valid part of an object claims."""
    if spec.ignore or spec.over or spec.fault in CLAIMS_NOTHING or spec.kind in CLAIMLESS:
        return {}
    hosts = () if spec.fault == "rule" else spec.hosts
    values = values_of(spec.target) if spec.target else None
    ttl = int(spec.ttl) if spec.ttl.isdigit() else None
    return {host.lower().rstrip("."): Claim(values, ttl) for host in (*hosts, *spec.extra)}


@cache
def meant_by(spec: Spec) -> frozenset[str]:
    """Return every name that stands in an object, valid or not, claimed or not."""
    if spec.ignore or spec.over or spec.fault == REFUSED or spec.kind in CLAIMLESS:
        return frozenset()
    return frozenset(host.lower().rstrip(".") for host in (*spec.hosts, *spec.extra))


@cache
def values_of(text: str) -> frozenset[Value]:
    """Return the values that a list of targets means, as an annotation or a setting has it."""
    return frozenset(map(_value, text.split(","))) if text else frozenset()


def _value(word: str) -> Value:
    if word.replace(".", "").isdigit():
        return ("A", word)
    return ("AAAA" if ":" in word else "CNAME", word)


def attached(spec: Spec, gateways: Iterable[Spec]) -> Spec:
    """Return an object as it counts beside Gateways: who meets no listener has lost its names."""
    if spec.kind != "HTTPRoute" or spec.fault or all(one.hosts != NARROW for one in gateways):
        return spec
    return replace(spec, fault=REFUSED)


def manifest(spec: Spec, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the object as the API server sends it."""
    annotations = {
        f"{PREFIX}{key}": text
        for key, text in (
            ("target", "no address!" if spec.fault == "target" else spec.target),
            ("ttl", spec.ttl),
            ("hostname", ",".join(spec.extra)),
            ("ignore", "true" if spec.ignore else ""),
            ("expires-at", "" if spec.ends is None else _time(spec.ends)),
            ("description", spec.about),
            ("owner", spec.whose),
            ("priority", str(spec.priority) if spec.priority else ""),
        )
        if text
    }
    if spec.klass:
        annotations["kubernetes.io/ingress.class"] = spec.klass
    if spec.noise:
        annotations["noise"] = spec.noise
    about: dict[str, Any] = {"name": spec.name, "namespace": spec.namespace, **metadata}
    if annotations:
        about["annotations"] = annotations
    if spec.label:
        about["labels"] = {"tier": spec.label}
    if isinstance(spec, Issued):
        about["labels"] = dict(spec.labels)
    return {
        "apiVersion": API_VERSIONS[spec.kind],
        "kind": spec.kind,
        "metadata": about,
        "spec": _body(spec),
        **({"status": _status(spec)} if spec.kind in MORE_KINDS else {}),
        **({"status": _balancer(spec)} if spec.address and spec.kind in BUILT_IN else {}),
    }


def _balancer(spec: Spec) -> dict[str, Any]:
    return {"loadBalancer": {"ingress": [{"ip": word} for word in spec.address.split(",")]}}


def _time(seconds: float) -> str:
    return (EPOCH + timedelta(seconds=seconds)).isoformat()


def _status(spec: Spec) -> dict[str, Any]:
    """Return what a controller says: of routes, if it accepts them; of a Gateway, its addresses."""
    verdict = {"type": "Accepted", "status": "False" if spec.fault == REFUSED else "True"}
    conditions = [] if spec.fault == "pending" else [verdict]
    parents = [{"parentRef": _PARENT, "conditions": conditions}]
    addresses = [{"value": word} for word in spec.address.split(",") if word]
    return {"parents": parents, "addresses": addresses}


_PARENT = {"name": "gw", "namespace": "a"}


def _more(spec: Spec, hosts: tuple[str, ...]) -> dict[str, Any]:
    if spec.kind == "Gateway":
        allowed = {"namespaces": {"from": "All"}}
        listener = {"name": "web", "port": 80, "protocol": "HTTP", "allowedRoutes": allowed}
        named = {"hostname": spec.hosts[0]} if spec.hosts else {}
        return {"listeners": [listener | named]}
    if spec.kind == "HTTPRoute":
        return {"parentRefs": [_PARENT], "hostnames": list(hosts)}
    return {"endpoints": [{"dnsName": host, "recordType": "A"} for host in hosts]}


def _ordered(spec: Issued) -> dict[str, Any]:
    kind, _, name = spec.issuer.partition("/")
    issuer = {"group": "cert-manager.io", "kind": kind, "name": name}
    names = list(spec.hosts)
    return {**json.loads(spec.more), "secretName": spec.secret, "dnsNames": names} | {
        "issuerRef": issuer
    }


def _body(spec: Spec) -> dict[str, Any]:
    if isinstance(spec, Issued):
        return _ordered(spec)
    bad = ("bad..host",) if spec.fault == "host" else ()
    if spec.kind in MORE_KINDS:
        return _more(spec, (*spec.hosts, *bad))
    if spec.kind == "Service":
        return {"type": "LoadBalancer"}
    if spec.kind == "Ingress":
        return {"rules": [{"host": host} for host in (*spec.hosts, *bad)]}
    matcher = "Host" if spec.kind == "IngressRoute" else "HostSNI"
    match = " || ".join(f"{matcher}(`{host}`)" for host in (*spec.hosts, *bad))
    if spec.fault == "rule":
        match = match.removesuffix(")")
    tls: dict[str, Any] = {} if spec.kind == "IngressRoute" else {"tls": {}}
    routes = [{"kind": "Rule", "match": match}] if match else []
    entries: dict[str, Any] = {"entryPoints": [spec.entry]} if spec.entry else {}
    return {"routes": routes, **entries, **tls}
