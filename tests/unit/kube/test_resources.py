from catalyst_dns_sync.kube.resources import RESOURCES, watched_resources


def test_each_source_has_its_path_its_namespaced_path_and_its_crd() -> None:
    table = {
        name: (resource.path(), resource.path("web"), resource.crd)
        for name, resource in RESOURCES.items()
    }

    new, old = "/apis/traefik.io/v1alpha1", "/apis/traefik.containo.us/v1alpha1"
    assert table == {
        "ingress": (
            "/apis/networking.k8s.io/v1/ingresses",
            "/apis/networking.k8s.io/v1/namespaces/web/ingresses",
            None,
        ),
        "ingressroute": (
            f"{new}/ingressroutes",
            f"{new}/namespaces/web/ingressroutes",
            "ingressroutes.traefik.io",
        ),
        "ingressroutetcp": (
            f"{new}/ingressroutetcps",
            f"{new}/namespaces/web/ingressroutetcps",
            "ingressroutetcps.traefik.io",
        ),
        "ingressroute-legacy": (
            f"{old}/ingressroutes",
            f"{old}/namespaces/web/ingressroutes",
            "ingressroutes.traefik.containo.us",
        ),
        "ingressroutetcp-legacy": (
            f"{old}/ingressroutetcps",
            f"{old}/namespaces/web/ingressroutetcps",
            "ingressroutetcps.traefik.containo.us",
        ),
        "service": ("/api/v1/services", "/api/v1/namespaces/web/services", None),
        "dnsendpoint": (
            "/apis/externaldns.k8s.io/v1alpha1/dnsendpoints",
            "/apis/externaldns.k8s.io/v1alpha1/namespaces/web/dnsendpoints",
            "dnsendpoints.externaldns.k8s.io",
        ),
        "httproute": (
            "/apis/gateway.networking.k8s.io/v1/httproutes",
            "/apis/gateway.networking.k8s.io/v1/namespaces/web/httproutes",
            "httproutes.gateway.networking.k8s.io",
        ),
        "grpcroute": (
            "/apis/gateway.networking.k8s.io/v1/grpcroutes",
            "/apis/gateway.networking.k8s.io/v1/namespaces/web/grpcroutes",
            "grpcroutes.gateway.networking.k8s.io",
        ),
        "tlsroute": (
            "/apis/gateway.networking.k8s.io/v1/tlsroutes",
            "/apis/gateway.networking.k8s.io/v1/namespaces/web/tlsroutes",
            "tlsroutes.gateway.networking.k8s.io",
        ),
    }


def test_gateways_are_watched_where_routes_are() -> None:
    with_routes = watched_resources(["ingress", "tlsroute"])

    assert [resource.kind for resource in with_routes] == ["Ingress", "TLSRoute", "Gateway"]
    assert [resource.kind for resource in watched_resources(["ingress"])] == ["Ingress"]


def test_a_tlsroute_is_looked_for_in_each_version_that_there_was() -> None:
    group = "/apis/gateway.networking.k8s.io"

    assert RESOURCES["tlsroute"].paths("web") == tuple(
        f"{group}/{version}/namespaces/web/tlsroutes" for version in ("v1", "v1alpha3", "v1alpha2")
    )


def test_only_the_old_group_is_legacy() -> None:
    assert {name for name, resource in RESOURCES.items() if resource.legacy} == {
        "ingressroute-legacy",
        "ingressroutetcp-legacy",
    }
