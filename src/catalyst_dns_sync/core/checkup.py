"""What may be wrong around the daemon, and the line that mends it: pure, from facts to findings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.objects import Balancer


class Level(StrEnum):
    """How bad a finding is: an error keeps names from being synced, a hint is advice."""

    OK = "ok"
    HINT = "hint"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; ``mend`` is what to do, perhaps some lines to paste."""

    level: Level
    check: str
    text: str
    mend: str = ""

    @property
    def is_trouble(self) -> bool:
        """Whether something has to be mended."""
        return self.level in (Level.ERROR, Level.WARNING)


@dataclass(frozen=True, order=True, slots=True)
class Permission:
    """One right in the cluster; no ``namespace`` is the cluster scope, no ``name`` the whole kind.

    ``why`` says what is lost without it, ``vital`` whether that is the sync itself.
    """

    group: str
    resource: str
    verb: str
    namespace: str = ""
    name: str = ""
    why: str = field(default="", compare=False)
    vital: bool = field(default=True, compare=False)

    @property
    def scope(self) -> str:
        """Where it holds, in words."""
        return f"in namespace {self.namespace}" if self.namespace else "in the whole cluster"

    @property
    def kind(self) -> str:
        """The resource as messages call it."""
        return f"{self.resource}.{self.group}" if self.group else self.resource


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """What was found out of the cluster.

    ``rights`` says of each right whether we have it, None where nobody would tell. ``crds`` says
    of each CRD that the sources need whether it is there. ``error`` is why nothing is known.
    ``target_service`` names the Service that gives targets, ``target`` is what it is, or the text
    of why that is not known.
    """

    host: str
    error: str = ""
    rights: Mapping[Permission, bool | None] = field(default_factory=dict)
    crds: Mapping[str, bool | None] = field(default_factory=dict)
    target_service: str = ""
    target: Balancer | str | None = None


@dataclass(frozen=True, slots=True)
class ClusterNode:
    """A node of a Technitium cluster; ``is_self`` is the one that we speak to."""

    name: str
    url: str
    is_primary: bool
    is_self: bool


@dataclass(frozen=True, slots=True)
class ZoneFacts:
    """What was found out of one managed zone; ``kind`` is empty where the server does not show it.

    The rights are None where nobody would tell. ``minimum`` and ``expire`` are those of the SOA,
    in seconds.
    """

    kind: str = ""
    writable: bool = True
    disabled: bool = False
    may_view: bool | None = None
    may_modify: bool | None = None
    may_delete: bool | None = None
    minimum: int | None = None
    expire: int | None = None
    wildcards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What was found out of the DNS server; ``error`` is why nothing is known.

    ``name_in_url`` is the host of its URL, None where that is an address.
    """

    url: str
    error: str = ""
    version: str = ""
    name_in_url: DnsName | None = None
    nodes: tuple[ClusterNode, ...] = ()
    may_import: bool | None = None
    zones: Mapping[DnsName, ZoneFacts] = field(default_factory=dict)


def rule_for(permissions: Iterable[Permission]) -> str:
    """Return the rules of a Role that give these rights, as YAML to paste."""
    rules: dict[tuple[str, str, str], list[str]] = {}
    for one in permissions:
        rules.setdefault((one.group, one.resource, one.name), []).append(one.verb)
    lines: list[str] = []
    for (group, resource, name), verbs in rules.items():
        lines += [f'- apiGroups: ["{group}"]', f"  resources: [{resource}]"]
        lines += [f"  resourceNames: [{name}]"] if name else []
        lines += [f"  verbs: [{', '.join(verbs)}]"]
    return "\n".join(lines)
