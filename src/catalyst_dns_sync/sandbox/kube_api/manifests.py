"""The CustomResourceDefinitions that the server starts with, as real objects.

Their schemas are the outer part of the real ones (Traefik v3, Gateway API v1, cert-manager v1):
what matters for names and for mistakes that people make; the rest is accepted as it comes.
"""

from typing import TypeAlias

from catalyst_dns_sync.sandbox.kube_api.encoding import Json

_ANYTHING: Json = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_ITEM: Json = {"x-kubernetes-preserve-unknown-fields": True}
_ANYTHINGS: Json = {"type": "array", "items": _ITEM}
_STRING: Json = {"type": "string"}
_STRINGS: Json = {"type": "array", "items": _STRING}
_INTEGER: Json = {"type": "integer"}
_HOST_NAME: Json = {
    "type": "string",
    "minLength": 1,
    "maxLength": 253,
    "pattern": (r"^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"),
}


def _struct(properties: Json, *required: str) -> Json:
    schema: Json = {"type": "object", "properties": properties}
    return schema | ({"required": list(required)} if required else {})


def _list_of(schema: Json) -> Json:
    return {"type": "array", "items": schema}


def _routes(**more: Json) -> Json:
    return _list_of(
        _struct(
            {
                "kind": {"type": "string", "enum": ["Rule"]},
                "match": _STRING | {"description": "The router's rule: which requests it takes."},
                "middlewares": _list_of(_struct({"name": _STRING, "namespace": _STRING}, "name")),
                "priority": _INTEGER,
                "services": _ANYTHINGS,
                "syntax": _STRING | {"description": "The router's rule syntax: v3 or v2."},
                **more,
            },
            "match",
        )
    )


_INGRESS_ROUTE = _struct(
    {
        "entryPoints": _STRINGS,
        "parentRefs": _ANYTHINGS,
        "routes": _routes(observability=_ANYTHING),
        "tls": _ANYTHING,
    },
    "routes",
)
_INGRESS_ROUTE_TCP = _struct(
    {"entryPoints": _STRINGS, "routes": _routes(), "tls": _ANYTHING}, "routes"
)
_HTTP_ROUTE = _struct(
    {
        "hostnames": _list_of(_HOST_NAME) | {"maxItems": 16},
        "parentRefs": _list_of(_struct({"name": _STRING}, "name") | _ITEM),
        "rules": _ANYTHINGS,
    }
)
_GATEWAY = _struct(
    {
        "addresses": _ANYTHINGS,
        "allowedListeners": _ANYTHING,
        "backendTLS": _ANYTHING,
        "gatewayClassName": _STRING,
        "infrastructure": _ANYTHING,
        "listeners": _list_of(
            _struct(
                {
                    "name": _STRING,
                    "hostname": _HOST_NAME,
                    "port": _INTEGER | {"minimum": 1, "maximum": 65535},
                    "protocol": _STRING,
                    "tls": _ANYTHING,
                    "allowedRoutes": _ANYTHING,
                },
                "name",
                "port",
                "protocol",
            )
        ),
        "tls": _ANYTHING,
    },
    "gatewayClassName",
    "listeners",
)
_DNS_ENDPOINT = _struct(
    {
        "endpoints": _list_of(
            _struct(
                {
                    "dnsName": _STRING,
                    "labels": {"type": "object", "additionalProperties": _STRING},
                    "providerSpecific": _list_of(_struct({"name": _STRING, "value": _STRING})),
                    "recordTTL": _INTEGER,
                    "recordType": _STRING,
                    "setIdentifier": _STRING,
                    "targets": _STRINGS,
                }
            )
        )
    }
)
_CERTIFICATE = _struct(
    {
        "commonName": _STRING,
        "dnsNames": _STRINGS,
        "duration": _STRING,
        "issuerRef": _struct({"name": _STRING, "kind": _STRING, "group": _STRING}, "name"),
        "renewBefore": _STRING,
        "secretName": _STRING,
    },
    "issuerRef",
    "secretName",
) | {"x-kubernetes-preserve-unknown-fields": True}


_Column: TypeAlias = tuple[str, str, str, int]
"""Name, type, path and priority of what `kubectl get` prints."""


def crd(
    group: str,
    version: str,
    kind: str,
    plural: str,
    spec: Json | None = None,
    *,
    short_names: tuple[str, ...] = (),
    status: bool = False,
    columns: tuple[_Column, ...] = (),
) -> Json:
    """Return a CRD of namespaced objects; without a schema for its spec anything goes."""
    properties: Json = {
        "apiVersion": _STRING,
        "kind": _STRING,
        "metadata": {"type": "object"},
        "spec": _ANYTHING if spec is None else spec,
    }
    if status or spec is None:
        properties["status"] = _ANYTHING
    required = ["metadata"] + (["spec"] if spec is not None else [])
    schema: Json = {"type": "object", "properties": properties, "required": required}
    served: Json = {"name": version, "served": True, "storage": True}
    served["schema"] = {"openAPIV3Schema": schema}
    if status:
        served["subresources"] = {"status": {}}
    if columns:
        keys = ("name", "type", "jsonPath", "priority")
        served["additionalPrinterColumns"] = [
            {key: value for key, value in zip(keys, column, strict=True) if value != 0}
            for column in columns
        ]
    names: Json = {"kind": kind, "plural": plural, "singular": kind.lower()}
    if short_names:
        names["shortNames"] = list(short_names)
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "names": names,
            "scope": "Namespaced",
            "versions": [served],
        },
    }


def legacy_traefik_crds() -> list[Json]:
    """Return the CRDs of Traefik v2's old group, which are not there unless they are created."""
    group = "traefik.containo.us"
    return [
        crd(group, "v1alpha1", "IngressRoute", "ingressroutes", _INGRESS_ROUTE),
        crd(group, "v1alpha1", "IngressRouteTCP", "ingressroutetcps", _INGRESS_ROUTE_TCP),
    ]


def _gateway_crd(kind: str, plural: str, schema: Json, *columns: _Column, short: str = "") -> Json:
    names = (short,) if short else ()
    given = (*columns, _AGE)
    group = "gateway.networking.k8s.io"
    return crd(group, "v1", kind, plural, schema, short_names=names, status=True, columns=given)


_AGE = ("Age", "date", ".metadata.creationTimestamp", 0)
_HOSTNAMES = ("Hostnames", "string", ".spec.hostnames", 0)

BUILT_IN_CRDS = (
    crd("traefik.io", "v1alpha1", "IngressRoute", "ingressroutes", _INGRESS_ROUTE),
    crd("traefik.io", "v1alpha1", "IngressRouteTCP", "ingressroutetcps", _INGRESS_ROUTE_TCP),
    _gateway_crd("HTTPRoute", "httproutes", _HTTP_ROUTE, _HOSTNAMES),
    _gateway_crd(
        "Gateway",
        "gateways",
        _GATEWAY,
        ("Class", "string", ".spec.gatewayClassName", 0),
        ("Address", "string", ".status.addresses[*].value", 0),
        ("Programmed", "string", '.status.conditions[?(@.type=="Programmed")].status', 0),
        short="gtw",
    ),
    _gateway_crd("GRPCRoute", "grpcroutes", _HTTP_ROUTE, _HOSTNAMES),
    _gateway_crd("TLSRoute", "tlsroutes", _HTTP_ROUTE),
    crd(
        "externaldns.k8s.io",
        "v1alpha1",
        "DNSEndpoint",
        "dnsendpoints",
        _DNS_ENDPOINT,
        status=True,
    ),
    crd(
        "cert-manager.io",
        "v1",
        "Certificate",
        "certificates",
        _CERTIFICATE,
        short_names=("cert", "certs"),
        status=True,
        columns=(
            ("Ready", "string", '.status.conditions[?(@.type == "Ready")].status', 0),
            ("Secret", "string", ".spec.secretName", 0),
            ("Issuer", "string", ".spec.issuerRef.name", 1),
            _AGE,
        ),
    ),
)
