"""Certificates of cert-manager as the API server keeps them for one daemon, and their laws."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from catalyst_dns_sync.core.rawjson import Json
from catalyst_dns_sync.kube.answers import Answer, error_of
from simulation.cluster import Cluster
from simulation.objects import Issued, Ref

if TYPE_CHECKING:
    from simulation.life import Life

KIND = "Certificate"
NAMESPACE = "infra"
ISSUER = "ClusterIssuer/acme"
PATH = f"/apis/cert-manager.io/v1/namespaces/{NAMESPACE}/certificates"

Wrote: TypeAlias = Callable[[Issued | None, Issued], None]
"""Is told what was there before a write, None where nothing was, and what is there now."""


def wildcard_of(zone: str, owner: str = "default") -> Issued:
    """Return the Certificate that a zone is to have."""
    labels = {
        "app.kubernetes.io/managed-by": "catalyst-dns-sync",
        "catalyst-dns-sync.io/owner": owner,
    }
    name = f"wildcard-{zone}"
    return Issued(
        KIND, NAMESPACE, name, (zone, f"*.{zone}"),
        secret=f"{name}-tls", issuer=ISSUER, labels=tuple(labels.items()),
    )  # fmt: skip


class Certificates:
    """Those of one namespace; ``wrote`` is told of each write that was carried out."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.wrote: Wrote = lambda _old, _new: None

    def read(self, path: str) -> Json:
        """Return one."""
        self._require_served(path)
        name = path.removeprefix(f"{PATH}/")
        found = self._cluster.state.objects.get((KIND, NAMESPACE, name))
        if found is None:
            raise _refusal(path, 404, "NotFound", name)
        return json.loads(json.dumps(found.body))  # type: ignore[no-any-return]

    def create(self, path: str, body: Json) -> Json:
        """Make one, unless there is one of that name, or the CRD is about to go."""
        self._require_served(path)
        new = _issued(body)
        if new.ref in self._cluster.state.objects:
            raise _refusal(path, 409, "AlreadyExists", new.name)
        if not self._cluster.put(new):
            raise _refusal(path, 405, "MethodNotAllowed", "")
        self.wrote(None, new)
        return self.read(f"{PATH}/{new.name}")

    def replace(self, path: str, body: Json) -> Json:
        """Change one, if it is still as it was read."""
        self._require_served(path)
        new = _issued(body)
        old = self._cluster.state.objects.get(new.ref)
        if old is None:
            raise _refusal(path, 404, "NotFound", new.name)
        # A body without a version is written over whatever is there.
        version = body["metadata"].get("resourceVersion", str(old.version))
        if version != str(old.version):
            raise _refusal(path, 409, "Conflict", new.name)
        assert isinstance(old.spec, Issued)
        self._cluster.put(new)
        self.wrote(old.spec, new)
        return self.read(path)

    def _require_served(self, path: str) -> None:
        if not path.startswith(PATH):
            raise AssertionError(path)
        if not self._cluster.is_served(KIND):
            raise error_of(Answer(path, 404, b"404 page not found\n"))


def broken(life: "Life", old: Issued | None, new: Issued) -> Iterator[tuple[str, str]]:
    """Yield which laws a write of a Certificate breaks, and how."""
    wanted = _wanted(life).get(new.ref)
    if wanted is None:
        yield "only_wildcards", f"{new} is written, and no zone is to have it"
    elif not _is_as_wanted(new, wanted):
        yield "only_wildcards", f"{new} is written, and not {wanted}"
    elif old is not None and not set(wanted.labels) <= set(old.labels):
        yield "foreign_certificate", f"{old} is not ours, and overwritten"
    elif old is not None and _is_as_wanted(old, wanted):
        yield "only_wildcards", f"{old} was as it should be, and is written again"
    if old is not None and (old.more, old.labels) != (new.more, new.labels):
        yield "additions_stay", f"{new} is written over {old}"


def unmet(life: "Life") -> list[str]:
    """Return which Certificates are not as they should be, or not told of as they are."""
    watch, cluster = life.parts.certificates, life.cluster
    if watch is None or not cluster.is_served(KIND):
        return []
    found: list[str] = []
    for ref, wanted in _wanted(life).items():
        held = cluster.state.objects.get(ref)
        if held is None:
            found.append(f"{wanted.origin} is missing")
            continue
        assert isinstance(held.spec, Issued)
        is_ours = set(wanted.labels) <= set(held.spec.labels)
        if is_ours and not _is_as_wanted(held.spec, wanted):
            found.append(f"{held.spec} should be {wanted}")
    told = {(one.ref.namespace, one.ref.name, one.covers) for one in watch.certificates()}
    there = {
        (spec.namespace, spec.name, spec.hosts)
        for spec in cluster.specs()
        if spec.kind == KIND and any(map(life.config.zone_of, spec.hosts))
    }
    # Nothing but the end of a watch tells that a list was not complete.
    if told != there and KIND not in life.knowledge.lied:
        found.append(f"certificates that are told: {sorted(told)}, that are: {sorted(there)}")
    return found


def _wanted(life: "Life") -> Mapping[Ref, Issued]:
    every = (wildcard_of(zone, life.config.owner) for zone in life.config.zones)
    return {one.ref: one for one in every}


def _is_as_wanted(one: Issued, wanted: Issued) -> bool:
    return (one.hosts, one.secret, one.issuer) == (wanted.hosts, wanted.secret, wanted.issuer)


def _issued(body: Json) -> Issued:
    """Return what a body says."""
    metadata, spec = body["metadata"], dict(body["spec"])
    issuer = spec.pop("issuerRef")
    return Issued(
        KIND,
        metadata["namespace"],
        metadata["name"],
        tuple(spec.pop("dnsNames")),
        secret=spec.pop("secretName"),
        issuer=f"{issuer['kind']}/{issuer['name']}",
        labels=tuple(sorted(metadata.get("labels", {}).items())),
        more=json.dumps(spec, sort_keys=True),
    )


def _refusal(path: str, code: int, reason: str, name: str) -> Exception:
    details: dict[str, Any] = {"name": name} if name else {}
    status = {"kind": "Status", "reason": reason, "message": reason, "details": details}
    return error_of(Answer(path, code, json.dumps(status).encode()))
