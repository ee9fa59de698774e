"""The parts of one embedded server, as the HTTP side needs them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from catalyst_dns_sync.sandbox.kube_api.access import Access
from catalyst_dns_sync.sandbox.kube_api.faults import Faults
from catalyst_dns_sync.sandbox.kube_api.registry import Registry
from catalyst_dns_sync.sandbox.kube_api.store import ObjectStore
from catalyst_dns_sync.sandbox.kube_api.timings import Timings
from catalyst_dns_sync.sandbox.kube_api.watch import Watch
from catalyst_dns_sync.sandbox.kube_api.writes import Writer


@dataclass(slots=True)
class Parts:
    """What a request may meet; `KubeApi` builds it."""

    now: Callable[[], datetime]
    timings: Timings
    access: Access
    store: ObjectStore
    registry: Registry
    writer: Writer
    faults: Faults = field(default_factory=Faults)
    request_counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    watches: dict[Watch, Callable[[], None]] = field(default_factory=dict)
    """The open watches, and how to reset the connection of each."""
