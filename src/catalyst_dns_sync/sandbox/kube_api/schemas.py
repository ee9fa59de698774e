"""The fields of the built-in kinds, with their types, as k8s.io/api has them.

Go refuses a wrong type and drops an unknown field before anything else looks at an object.
"""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

STRING: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
BOOLEAN: Schema = {"type": "boolean"}
ANYTHING: Schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
INT_OR_STRING: Schema = {"x-kubernetes-int-or-string": True}


def struct(**properties: Schema) -> Schema:
    """Return the schema of an object with these fields."""
    return {"type": "object", "properties": properties}


def list_of(items: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items}


def map_of(values: Schema) -> Schema:
    """Return the schema of an object with any keys."""
    return {"type": "object", "additionalProperties": values}


STRINGS = list_of(STRING)
STRING_MAP = map_of(STRING)

_CONDITION = struct(
    type=STRING,
    status=STRING,
    reason=STRING,
    message=STRING,
    lastTransitionTime=STRING,
    observedGeneration=INTEGER,
)
_REFERENCE = struct(
    apiVersion=STRING,
    fieldPath=STRING,
    kind=STRING,
    name=STRING,
    namespace=STRING,
    resourceVersion=STRING,
    uid=STRING,
)
_BALANCER_PORT = struct(port=INTEGER, protocol=STRING, error=STRING)
_BALANCER = struct(
    ingress=list_of(
        struct(ip=STRING, hostname=STRING, ipMode=STRING, ports=list_of(_BALANCER_PORT))
    )
)
_BACKEND = struct(
    service=struct(name=STRING, port=struct(name=STRING, number=INTEGER)),
    resource=struct(apiGroup=STRING, kind=STRING, name=STRING),
)
_INGRESS_PATH = struct(path=STRING, pathType=STRING, backend=_BACKEND)
_SERVICE_PORT = struct(
    name=STRING,
    protocol=STRING,
    appProtocol=STRING,
    port=INTEGER,
    targetPort=INT_OR_STRING,
    nodePort=INTEGER,
)

NAMESPACE = struct(
    spec=struct(finalizers=STRINGS),
    status=struct(phase=STRING, conditions=list_of(_CONDITION)),
)
CONFIG_MAP = struct(data=STRING_MAP, binaryData=STRING_MAP, immutable=BOOLEAN)
SECRET = struct(data=STRING_MAP, stringData=STRING_MAP, type=STRING, immutable=BOOLEAN)
SERVICE = struct(
    spec=struct(
        allocateLoadBalancerNodePorts=BOOLEAN,
        clusterIP=STRING,
        clusterIPs=STRINGS,
        externalIPs=STRINGS,
        externalName=STRING,
        externalTrafficPolicy=STRING,
        healthCheckNodePort=INTEGER,
        internalTrafficPolicy=STRING,
        ipFamilies=STRINGS,
        ipFamilyPolicy=STRING,
        loadBalancerClass=STRING,
        loadBalancerIP=STRING,
        loadBalancerSourceRanges=STRINGS,
        ports=list_of(_SERVICE_PORT),
        publishNotReadyAddresses=BOOLEAN,
        selector=STRING_MAP,
        sessionAffinity=STRING,
        sessionAffinityConfig=struct(clientIP=struct(timeoutSeconds=INTEGER)),
        trafficDistribution=STRING,
        type=STRING,
    ),
    status=struct(loadBalancer=_BALANCER, conditions=list_of(_CONDITION)),
)
INGRESS = struct(
    spec=struct(
        defaultBackend=_BACKEND,
        ingressClassName=STRING,
        rules=list_of(struct(host=STRING, http=struct(paths=list_of(_INGRESS_PATH)))),
        tls=list_of(struct(hosts=STRINGS, secretName=STRING)),
    ),
    status=struct(loadBalancer=_BALANCER),
)
LEASE = struct(
    spec=struct(
        acquireTime=STRING,
        holderIdentity=STRING,
        leaseDurationSeconds=INTEGER,
        leaseTransitions=INTEGER,
        preferredHolder=STRING,
        renewTime=STRING,
        strategy=STRING,
    )
)
EVENT = struct(
    action=STRING,
    count=INTEGER,
    eventTime=STRING,
    firstTimestamp=STRING,
    involvedObject=_REFERENCE,
    lastTimestamp=STRING,
    message=STRING,
    reason=STRING,
    related=_REFERENCE,
    reportingComponent=STRING,
    reportingInstance=STRING,
    series=struct(count=INTEGER, lastObservedTime=STRING),
    source=struct(component=STRING, host=STRING),
    type=STRING,
)
ENDPOINT_SLICE = struct(
    addressType=STRING,
    endpoints=list_of(ANYTHING),
    ports=list_of(struct(name=STRING, port=INTEGER, protocol=STRING, appProtocol=STRING)),
)

_NAMES = struct(
    categories=STRINGS,
    kind=STRING,
    listKind=STRING,
    plural=STRING,
    shortNames=STRINGS,
    singular=STRING,
)
_COLUMN = struct(
    name=STRING,
    type=STRING,
    format=STRING,
    description=STRING,
    priority=INTEGER,
    jsonPath=STRING,
)
_CRD_VERSION = struct(
    additionalPrinterColumns=list_of(_COLUMN),
    deprecated=BOOLEAN,
    deprecationWarning=STRING,
    name=STRING,
    schema=struct(openAPIV3Schema=ANYTHING),
    selectableFields=list_of(struct(jsonPath=STRING)),
    served=BOOLEAN,
    storage=BOOLEAN,
    subresources=struct(status=ANYTHING, scale=ANYTHING),
)
CRD = struct(
    spec=struct(
        conversion=ANYTHING,
        group=STRING,
        names=_NAMES,
        preserveUnknownFields=BOOLEAN,
        scope=STRING,
        versions=list_of(_CRD_VERSION),
    ),
    status=struct(acceptedNames=_NAMES, conditions=list_of(_CONDITION), storedVersions=STRINGS),
)
