"""The objects that are measured with: Ingress and IngressRoute half and half, one name each."""

from collections.abc import Iterator
from typing import Any

NAMESPACES = 10
TARGET = "192.0.2.10"
MOVED = "192.0.2.20"
TARGET_ANNOTATION = "catalyst-dns-sync.io/target"
COLLECTIONS = {
    "Ingress": "/apis/networking.k8s.io/v1/namespaces/{}/ingresses",
    "IngressRoute": "/apis/traefik.io/v1alpha1/namespaces/{}/ingressroutes",
}


def zone_names(count: int) -> list[str]:
    """Return the names of so many zones."""
    return [f"z{number}.test" for number in range(count)]


def host(number: int, zones: int) -> str:
    """Return the name of the object with this number."""
    return f"app-{number}.z{number % zones}.test"


def namespace(number: int) -> str:
    """Return the namespace of the object with this number."""
    return f"team-{number % NAMESPACES}"


def kind(number: int) -> str:
    """Return the kind of the object with this number."""
    return "IngressRoute" if number % 2 else "Ingress"


def path(number: int) -> str:
    """Return the path of the collection in which the object with this number lies."""
    return COLLECTIONS[kind(number)].format(namespace(number))


def namespaces() -> Iterator[dict[str, Any]]:
    """Yield the namespaces that the objects need."""
    for number in range(NAMESPACES):
        metadata = {"name": namespace(number)}
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def raw_object(number: int, zones: int) -> dict[str, Any]:
    """Return an object as people apply it, with labels and annotations as usual."""
    name = f"app-{number}"
    metadata = {
        "name": name,
        "namespace": namespace(number),
        "labels": {
            "app.kubernetes.io/name": name,
            "app.kubernetes.io/instance": name,
            "app.kubernetes.io/managed-by": "Helm",
        },
        "annotations": {
            "meta.helm.sh/release-name": name,
            "meta.helm.sh/release-namespace": namespace(number),
        },
    }
    if kind(number) == "Ingress":
        return _ingress(name, host(number, zones), metadata)
    return _ingress_route(name, host(number, zones), metadata)


def _ingress(name: str, host: str, metadata: dict[str, Any]) -> dict[str, Any]:
    backend = {"service": {"name": name, "port": {"number": 80}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": metadata,
        "spec": {
            "ingressClassName": "traefik",
            "rules": [{"host": host, "http": {"paths": paths}}],
            "tls": [{"hosts": [host], "secretName": f"{name}-tls"}],
        },
    }


def _ingress_route(name: str, host: str, metadata: dict[str, Any]) -> dict[str, Any]:
    rule = {
        "kind": "Rule",
        "match": f"Host(`{host}`) && PathPrefix(`/`)",
        "services": [{"name": name, "port": 80}],
    }
    return {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": "IngressRoute",
        "metadata": metadata,
        "spec": {
            "entryPoints": ["websecure"],
            "routes": [rule],
            "tls": {"secretName": f"{name}-tls"},
        },
    }
