"""The objects that the sandbox starts with: what a small homelab looks like."""

from typing import Any


def scenario(zone: str) -> list[dict[str, Any]]:
    """Return a few realistic objects whose names lie in ``zone``."""
    return [
        _route("monitoring", "grafana", f"Host(`grafana.{zone}`)"),
        _route("monitoring", "grafana-http", f"Host(`grafana.{zone}`)", entry_point="web"),
        _route("media", "jellyfin", f"Host(`jellyfin.{zone}`) && PathPrefix(`/`)"),
        _route("home", "home-assistant", f"Host(`ha.{zone}`) || Host(`home-assistant.{zone}`)"),
        _ingress("argocd", "argocd-server", f"argocd.{zone}"),
        _route_tcp("databases", "postgres", f"HostSNI(`postgres.{zone}`)"),
    ]


def example(zone: str) -> dict[str, Any]:
    """Return the object that people are invited to apply."""
    return _route("default", "hello", f"Host(`hello.{zone}`)")


def _route(namespace: str, name: str, match: str, entry_point: str = "websecure") -> dict[str, Any]:
    service = name.removesuffix("-http")
    return {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": "IngressRoute",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "entryPoints": [entry_point],
            "routes": [
                {"kind": "Rule", "match": match, "services": [{"name": service, "port": 80}]}
            ],
        },
    }


def _route_tcp(namespace: str, name: str, match: str) -> dict[str, Any]:
    return {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": "IngressRouteTCP",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "entryPoints": ["postgres"],
            "routes": [{"match": match, "services": [{"name": name, "port": 5432}]}],
            "tls": {"passthrough": True},
        },
    }


def _ingress(namespace: str, name: str, host: str) -> dict[str, Any]:
    backend = {"service": {"name": name, "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "ingressClassName": "traefik",
            "rules": [{"host": host, "http": {"paths": [path]}}],
        },
    }
