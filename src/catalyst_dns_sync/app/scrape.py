"""Sets the metrics that are only looked at when somebody asks for them."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from catalyst_dns_sync.app.clocks import now_utc
from catalyst_dns_sync.app.lanes import Lane
from catalyst_dns_sync.control.sources import Sources
from catalyst_dns_sync.control.status import all_in_step_at
from catalyst_dns_sync.control.store import SourceState
from catalyst_dns_sync.core.certificates import Certificate
from catalyst_dns_sync.core.skips import SkipReason
from catalyst_dns_sync.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from catalyst_dns_sync.control.previews import Previews


def look(
    metrics: Metrics,
    sources: Sources,
    lanes: Sequence[Lane],
    previews: "Previews | None" = None,
    *,
    leads: bool,
) -> None:
    """Set what is known now; costs a count of the objects, and nothing between two scrapes.

    Who does not lead knows nothing of the zones: what it knew when it led is not told any more.
    """
    metrics.leader.set(leads)
    _count_sources(metrics, sources)
    if previews is not None:
        ages = previews.ages
        metrics.previews.set(len(ages))
        metrics.oldest_preview.set(max(ages, default=0.0))
        metrics.preview_age.set(sum(ages) / len(ages) if ages else 0.0)
    for reason in SkipReason:
        count = sum(lane.worker.skips.reasons[reason] for lane in lanes)
        metrics.skips.labels(reason.value).set(count if leads else 0)
    for lane in lanes:
        for zone, count in lane.worker.skips.withheld.items():
            metrics.withheld.labels(lane.labels[zone]).set(count if leads else 0)
    if not leads:
        metrics.forget_records()
    metrics.overdue.set(max(lane.queue.overdue() for lane in lanes))
    if (at := all_in_step_at(lane.board for lane in lanes)) is not None:
        ago = asyncio.get_running_loop().time() - at
        metrics.success.set(now_utc().timestamp() - ago)


def look_at_certificates(metrics: Metrics, certificates: Iterable[Certificate]) -> None:
    """Set when each certificate ends, and whether it is ready."""
    metrics.certificate_expiry.clear()
    metrics.certificate_ready.clear()
    for one in certificates:
        if one.ends is not None:
            metrics.certificate_expiry.labels(one.ref.namespace, one.ref.name).set(one.ends)
        if one.ready is not None:
            metrics.certificate_ready.labels(one.ref.namespace, one.ref.name).set(one.ready)


def _count_sources(metrics: Metrics, sources: Sources) -> None:
    # Namespaces come and go: those without objects are forgotten.
    metrics.resources.clear()
    unknown: Counter[str] = Counter()
    for store in sources.stores:
        unknown[store.source] += store.state is SourceState.UNKNOWN
        counts = Counter(ref.namespace for ref in store.objects)
        for namespace, count in counts.items():
            metrics.resources.labels(namespace, store.source).inc(count)
    for source, count in unknown.items():
        metrics.synced.labels(source).set(not count)
