"""The checks of the cluster's side."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from catalyst_dns_sync.core.checkup import ClusterFacts, Finding, Level, Permission, rule_for

ClusterCheck: TypeAlias = Callable[[ClusterFacts], Iterator[Finding]]


CERTIFICATES_CRD = "certificates.cert-manager.io"
"""What is looked for where certificates are; no names come from it."""


def check_reach(facts: ClusterFacts) -> Iterator[Finding]:
    """Check that the API server answers, and knows us."""
    if facts.error:
        mend = (
            "mend KUBECONFIG, or in a pod its service account; then look at the network between: "
            "a NetworkPolicy, a firewall"
        )
        yield Finding(Level.ERROR, "cluster", f"{facts.host}: {facts.error}", mend)
    else:
        yield Finding(Level.OK, "cluster", f"{facts.host} answers")


def check_rights(facts: ClusterFacts) -> Iterator[Finding]:
    """Check each right that is needed."""
    missing: dict[tuple[str, str, str, str], list[Permission]] = {}
    unknown = 0
    for one, given in facts.rights.items():
        if given is False:
            key = (one.group, one.resource, one.namespace, one.name)
            missing.setdefault(key, []).append(one)
        unknown += given is None
    for group in missing.values():
        yield _missing(group)
    if unknown:
        text = f"the API server would not tell of {unknown} rights whether we have them"
        yield Finding(Level.WARNING, "rights", text, "try again")
    if facts.rights and not missing and not unknown:
        yield Finding(Level.OK, "rights", f"all {len(facts.rights)} rights that are needed")


def _missing(group: list[Permission]) -> Finding:
    first, verbs = group[0], " and ".join(one.verb for one in group)
    what = f'{first.kind} "{first.name}"' if first.name else first.kind
    level = Level.ERROR if any(one.vital for one in group) else Level.WARNING
    where = f"a Role in namespace {first.namespace}" if first.namespace else "the ClusterRole"
    mend = f"add to the rules of {where} that the service account has:\n{rule_for(group)}"
    return Finding(level, "rights", f"may not {verbs} {what} {first.scope}: {first.why}", mend)


def check_crds(facts: ClusterFacts) -> Iterator[Finding]:
    """Check that the kinds are there that the sources name."""
    for crd, there in sorted(facts.crds.items()):
        if there is False and crd == CERTIFICATES_CRD:
            text = f"the cluster has no {crd}: only TLS secrets are looked at, until it has"
            yield Finding(Level.HINT, "CRDs", text, "install cert-manager, if it is wanted")
        elif there is False:
            yield Finding(
                Level.WARNING,
                "CRDs",
                f"the cluster has no {crd}: names from it are kept, and none are made",
                "install what brings it (Traefik's CRDs), or take the kind out of SOURCES",
            )
        elif there:
            yield Finding(Level.OK, "CRDs", f"{crd} is there")


def check_target_service(facts: ClusterFacts) -> Iterator[Finding]:
    """Check that the Service is there that names targets, and has an address."""
    if not facts.target_service:
        return
    what = f"Service {facts.target_service}"
    if isinstance(facts.target, str):
        mend = "let DNS_TARGET_SERVICE name the load balancer's Service: until then names wait"
        yield Finding(Level.ERROR, "target", f"{what}: {facts.target}", mend)
    elif facts.target is None or not facts.target.addresses:
        mend = "look why its load balancer (MetalLB, kube-vip, k3s) gives none: new names wait"
        yield Finding(Level.WARNING, "target", f"{what} has no address", mend)
    else:
        values = ", ".join(target.value for target in facts.target.addresses)
        yield Finding(Level.OK, "target", f"{what} has {values}")


CLUSTER_CHECKS: tuple[ClusterCheck, ...] = (
    check_reach,
    check_rights,
    check_crds,
    check_target_service,
)
"""All checks of the cluster's side, in the order in which they are told."""
