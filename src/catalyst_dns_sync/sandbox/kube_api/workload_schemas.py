"""The fields of the kinds that an installation is made of: pods, rights, policies.

They are stored and checked like the others, and nothing more: no pod is ever run. Of pods, the
fields that a Deployment of a web service may have; rare ones are taken as they come.
"""

from catalyst_dns_sync.sandbox.kube_api.schemas import (
    ANYTHING,
    BOOLEAN,
    INT_OR_STRING,
    INTEGER,
    STRING,
    STRING_MAP,
    STRINGS,
    Schema,
    list_of,
    map_of,
    struct,
)

_EXPRESSION = struct(key=STRING, operator=STRING, values=STRINGS)
_SELECTOR = struct(matchLabels=STRING_MAP, matchExpressions=list_of(_EXPRESSION))
_KEY_TO_PATH = struct(key=STRING, path=STRING, mode=INTEGER)
_NAME_ONLY = struct(name=STRING, optional=BOOLEAN)
_KEY_OF = struct(name=STRING, key=STRING, optional=BOOLEAN)
_FIELD_OF = struct(apiVersion=STRING, fieldPath=STRING)
_RESOURCE_OF = struct(containerName=STRING, divisor=INT_OR_STRING, resource=STRING)
_META = struct(name=STRING, namespace=STRING, labels=STRING_MAP, annotations=STRING_MAP)

_PROBE_TARGETS = {
    "exec": struct(command=STRINGS),
    "httpGet": struct(
        host=STRING,
        httpHeaders=list_of(struct(name=STRING, value=STRING)),
        path=STRING,
        port=INT_OR_STRING,
        scheme=STRING,
    ),
    "tcpSocket": struct(host=STRING, port=INT_OR_STRING),
}
_PROBE = struct(
    **_PROBE_TARGETS,
    grpc=struct(port=INTEGER, service=STRING),
    failureThreshold=INTEGER,
    initialDelaySeconds=INTEGER,
    periodSeconds=INTEGER,
    successThreshold=INTEGER,
    terminationGracePeriodSeconds=INTEGER,
    timeoutSeconds=INTEGER,
)
_HOOK = struct(**_PROBE_TARGETS, sleep=struct(seconds=INTEGER))
_SECCOMP = struct(type=STRING, localhostProfile=STRING)
_SE_LINUX = struct(level=STRING, role=STRING, type=STRING, user=STRING)
_ENV = struct(
    name=STRING,
    value=STRING,
    valueFrom=struct(
        configMapKeyRef=_KEY_OF,
        fieldRef=_FIELD_OF,
        resourceFieldRef=_RESOURCE_OF,
        secretKeyRef=_KEY_OF,
    ),
)
_CONTAINER = struct(
    args=STRINGS,
    command=STRINGS,
    env=list_of(_ENV),
    envFrom=list_of(struct(configMapRef=_NAME_ONLY, prefix=STRING, secretRef=_NAME_ONLY)),
    image=STRING,
    imagePullPolicy=STRING,
    lifecycle=struct(postStart=_HOOK, preStop=_HOOK, stopSignal=STRING),
    livenessProbe=_PROBE,
    name=STRING,
    ports=list_of(
        struct(containerPort=INTEGER, hostIP=STRING, hostPort=INTEGER, name=STRING, protocol=STRING)
    ),
    readinessProbe=_PROBE,
    resizePolicy=list_of(ANYTHING),
    resources=struct(
        claims=list_of(ANYTHING),
        limits=map_of(INT_OR_STRING),
        requests=map_of(INT_OR_STRING),
    ),
    restartPolicy=STRING,
    securityContext=struct(
        allowPrivilegeEscalation=BOOLEAN,
        appArmorProfile=_SECCOMP,
        capabilities=struct(add=STRINGS, drop=STRINGS),
        privileged=BOOLEAN,
        procMount=STRING,
        readOnlyRootFilesystem=BOOLEAN,
        runAsGroup=INTEGER,
        runAsNonRoot=BOOLEAN,
        runAsUser=INTEGER,
        seLinuxOptions=_SE_LINUX,
        seccompProfile=_SECCOMP,
        windowsOptions=ANYTHING,
    ),
    startupProbe=_PROBE,
    stdin=BOOLEAN,
    stdinOnce=BOOLEAN,
    terminationMessagePath=STRING,
    terminationMessagePolicy=STRING,
    tty=BOOLEAN,
    volumeDevices=list_of(struct(devicePath=STRING, name=STRING)),
    volumeMounts=list_of(
        struct(
            mountPath=STRING,
            mountPropagation=STRING,
            name=STRING,
            readOnly=BOOLEAN,
            recursiveReadOnly=STRING,
            subPath=STRING,
            subPathExpr=STRING,
        )
    ),
    workingDir=STRING,
)
_RARE = ("csi", "ephemeral", "fc", "image", "iscsi", "nfs", "rbd", "cephfs", "glusterfs")
_VOLUME = struct(
    **dict.fromkeys(_RARE, ANYTHING),
    configMap=struct(
        defaultMode=INTEGER, items=list_of(_KEY_TO_PATH), name=STRING, optional=BOOLEAN
    ),
    downwardAPI=ANYTHING,
    emptyDir=struct(medium=STRING, sizeLimit=INT_OR_STRING),
    hostPath=struct(path=STRING, type=STRING),
    name=STRING,
    persistentVolumeClaim=struct(claimName=STRING, readOnly=BOOLEAN),
    projected=struct(defaultMode=INTEGER, sources=list_of(ANYTHING)),
    secret=struct(
        defaultMode=INTEGER, items=list_of(_KEY_TO_PATH), optional=BOOLEAN, secretName=STRING
    ),
)
_POD = struct(
    activeDeadlineSeconds=INTEGER,
    affinity=ANYTHING,
    automountServiceAccountToken=BOOLEAN,
    containers=list_of(_CONTAINER),
    dnsConfig=ANYTHING,
    dnsPolicy=STRING,
    enableServiceLinks=BOOLEAN,
    hostAliases=list_of(struct(hostnames=STRINGS, ip=STRING)),
    hostIPC=BOOLEAN,
    hostNetwork=BOOLEAN,
    hostPID=BOOLEAN,
    hostUsers=BOOLEAN,
    hostname=STRING,
    imagePullSecrets=list_of(struct(name=STRING)),
    initContainers=list_of(_CONTAINER),
    nodeName=STRING,
    nodeSelector=STRING_MAP,
    os=struct(name=STRING),
    overhead=map_of(INT_OR_STRING),
    preemptionPolicy=STRING,
    priority=INTEGER,
    priorityClassName=STRING,
    readinessGates=list_of(struct(conditionType=STRING)),
    resourceClaims=list_of(ANYTHING),
    restartPolicy=STRING,
    runtimeClassName=STRING,
    schedulerName=STRING,
    schedulingGates=list_of(struct(name=STRING)),
    securityContext=struct(
        appArmorProfile=_SECCOMP,
        fsGroup=INTEGER,
        fsGroupChangePolicy=STRING,
        runAsGroup=INTEGER,
        runAsNonRoot=BOOLEAN,
        runAsUser=INTEGER,
        seLinuxChangePolicy=STRING,
        seLinuxOptions=_SE_LINUX,
        seccompProfile=_SECCOMP,
        supplementalGroups=list_of(INTEGER),
        supplementalGroupsPolicy=STRING,
        sysctls=list_of(struct(name=STRING, value=STRING)),
        windowsOptions=ANYTHING,
    ),
    serviceAccount=STRING,
    serviceAccountName=STRING,
    setHostnameAsFQDN=BOOLEAN,
    shareProcessNamespace=BOOLEAN,
    subdomain=STRING,
    terminationGracePeriodSeconds=INTEGER,
    tolerations=list_of(
        struct(effect=STRING, key=STRING, operator=STRING, tolerationSeconds=INTEGER, value=STRING)
    ),
    topologySpreadConstraints=list_of(
        struct(
            labelSelector=_SELECTOR,
            matchLabelKeys=STRINGS,
            maxSkew=INTEGER,
            minDomains=INTEGER,
            nodeAffinityPolicy=STRING,
            nodeTaintsPolicy=STRING,
            topologyKey=STRING,
            whenUnsatisfiable=STRING,
        )
    ),
    volumes=list_of(_VOLUME),
)
DEPLOYMENT = struct(
    spec=struct(
        minReadySeconds=INTEGER,
        paused=BOOLEAN,
        progressDeadlineSeconds=INTEGER,
        replicas=INTEGER,
        revisionHistoryLimit=INTEGER,
        selector=_SELECTOR,
        strategy=struct(
            rollingUpdate=struct(maxSurge=INT_OR_STRING, maxUnavailable=INT_OR_STRING),
            type=STRING,
        ),
        template=struct(metadata=_META, spec=_POD),
    ),
    status=ANYTHING,
)
SERVICE_ACCOUNT = struct(
    automountServiceAccountToken=BOOLEAN,
    imagePullSecrets=list_of(struct(name=STRING)),
    secrets=list_of(ANYTHING),
)
_RULE = struct(
    apiGroups=STRINGS,
    nonResourceURLs=STRINGS,
    resourceNames=STRINGS,
    resources=STRINGS,
    verbs=STRINGS,
)
ROLE = struct(rules=list_of(_RULE))
CLUSTER_ROLE: Schema = struct(
    aggregationRule=struct(clusterRoleSelectors=list_of(_SELECTOR)), rules=list_of(_RULE)
)
BINDING = struct(
    roleRef=struct(apiGroup=STRING, kind=STRING, name=STRING),
    subjects=list_of(struct(apiGroup=STRING, kind=STRING, name=STRING, namespace=STRING)),
)
DISRUPTION_BUDGET = struct(
    spec=struct(
        maxUnavailable=INT_OR_STRING,
        minAvailable=INT_OR_STRING,
        selector=_SELECTOR,
        unhealthyPodEvictionPolicy=STRING,
    ),
    status=ANYTHING,
)
_PEERS = list_of(
    struct(
        ipBlock=struct(cidr=STRING, **{"except": STRINGS}),
        namespaceSelector=_SELECTOR,
        podSelector=_SELECTOR,
    )
)
_POLICY_PORTS = list_of(struct(endPort=INTEGER, port=INT_OR_STRING, protocol=STRING))
NETWORK_POLICY = struct(
    spec=struct(
        egress=list_of(struct(ports=_POLICY_PORTS, to=_PEERS)),
        ingress=list_of(struct(ports=_POLICY_PORTS, **{"from": _PEERS})),
        podSelector=_SELECTOR,
        policyTypes=STRINGS,
    )
)
