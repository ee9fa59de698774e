"""The resources that we can watch."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of the API.

    ``source`` is its name in the setting SOURCES and in metrics. ``custom`` says that a CRD
    defines it, so that its objects can vanish with that. ``legacy`` is for ``traefik.containo.us``,
    whose rules are always in Traefik's v2 syntax. ``also`` are older versions of the API, for
    clusters that do not serve ``version``.
    """

    source: str
    kind: str
    group: str
    version: str
    plural: str
    custom: bool
    legacy: bool = False
    also: tuple[str, ...] = ()

    @property
    def crd(self) -> str | None:
        """The name of the CRD that defines it."""
        return f"{self.plural}.{self.group}" if self.custom else None

    def paths(self, namespace: str | None = None) -> tuple[str, ...]:
        """Return the paths of its collection, by version, the best first."""
        others = (replace(self, version=version).path(namespace) for version in self.also)
        return (self.path(namespace), *others)

    def path(self, namespace: str | None = None) -> str:
        """Return the path of its collection, in all namespaces or in one."""
        base = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        return (
            f"{base}/{self.plural}"
            if namespace is None
            else (f"{base}/namespaces/{namespace}/{self.plural}")
        )


def _traefik(source: str, kind: str, *, legacy: bool = False) -> Resource:
    group = "traefik.containo.us" if legacy else "traefik.io"
    return Resource(source, kind, group, "v1alpha1", f"{kind.lower()}s", custom=True, legacy=legacy)


def _gateway(source: str, kind: str, *also: str) -> Resource:
    group = "gateway.networking.k8s.io"
    return Resource(source, kind, group, "v1", f"{kind.lower()}s", custom=True, also=also)


GATEWAYS = _gateway("gateway", "Gateway")
"""Watched for the sake of the routes; it is no source of its own."""
ROUTE_SOURCES = frozenset({"httproute", "grpcroute", "tlsroute"})

RESOURCES: Mapping[str, Resource] = MappingProxyType(
    {
        resource.source: resource
        for resource in (
            Resource("ingress", "Ingress", "networking.k8s.io", "v1", "ingresses", custom=False),
            _traefik("ingressroute", "IngressRoute"),
            _traefik("ingressroutetcp", "IngressRouteTCP"),
            _traefik("ingressroute-legacy", "IngressRoute", legacy=True),
            _traefik("ingressroutetcp-legacy", "IngressRouteTCP", legacy=True),
            Resource("service", "Service", "", "v1", "services", custom=False),
            Resource(
                "dnsendpoint",
                "DNSEndpoint",
                "externaldns.k8s.io",
                "v1alpha1",
                "dnsendpoints",
                custom=True,
            ),
            _gateway("httproute", "HTTPRoute"),
            _gateway("grpcroute", "GRPCRoute"),
            # v1 since Gateway API 1.5; in the experimental channel before.
            _gateway("tlsroute", "TLSRoute", "v1alpha3", "v1alpha2"),
        )
    }
)
"""Everything that we can watch, by the name of the source."""


SERVICES = Resource("target-service", "Service", "", "v1", "services", custom=False)
"""Where the one Service is that names targets; its source is no choice of SOURCES."""


def watched_resources(sources: Collection[str]) -> list[Resource]:
    """Return what has to be watched for these sources: routes need their Gateways."""
    found = [RESOURCES[source] for source in sources]
    return [*found, GATEWAYS] if ROUTE_SOURCES.intersection(sources) else found


def crd_path(name: str) -> str:
    """Return where the API server has the definition of a kind."""
    return f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}"
