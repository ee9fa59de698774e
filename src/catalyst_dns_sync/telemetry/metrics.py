"""What the program counts, in a registry of its own; every series is there from the start."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import prometheus_client
from prometheus_client import (
    CollectorRegistry,
    Gauge,
    Histogram,
    Info,
    disable_created_metrics,
)
from prometheus_client.exposition import choose_encoder

from catalyst_dns_sync import __version__
from catalyst_dns_sync.control.observer import Observer
from catalyst_dns_sync.control.outcome import Outcome
from catalyst_dns_sync.control.ports import ProviderError, ProviderRejectedError, Verdict
from catalyst_dns_sync.core.changes import action_of
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.records import RecordType
from catalyst_dns_sync.core.skips import Skip, SkipReason

PREFIX = "catalyst_dns_sync"
RESOURCE = "zone"
_LATENCIES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_ENDPOINTS = (
    "user/session/get",
    "zones/list",
    "zones/records/get",
    "zones/records/add",
    "zones/records/update",
    "zones/records/delete",
)
_OUTCOMES = ("200", "error", "invalid-token", "timeout", "connection")
# A series for when each series was made tells nobody anything here.
disable_created_metrics()  # type: ignore[no-untyped-call]  # it has no annotations

_DRIFT = ("removed", "changed", "taken")


class Metrics(Observer):
    """Counts what the loop and the DNS client tell, and renders it for Prometheus."""

    def __init__(self, zones: Iterable[DnsName], sources: Iterable[str]) -> None:
        self.registry = CollectorRegistry()
        self.before_scrape: Callable[[], None] = lambda: None
        self._zones, self._sources = tuple(zones), tuple(sources)
        self._records = self._counter(
            "records", "Changes made to records, by zone and by what was done", "zone", "status"
        )
        self._requests = self._counter(
            "api_requests",
            "Calls to the DNS server; status_code is the HTTP status, or what stands for it",
            "endpoint",
            "method",
            "status_code",
        )
        self._request_seconds = self._histogram(
            "api_request_duration_seconds", "Time of a call to the DNS server", "endpoint", "method"
        )
        self._pass_seconds = self._histogram(
            "reconcile_duration_seconds", "Time of a pass over one zone", "resource_type"
        )
        self._pass_errors = self._counter(
            "reconcile_errors",
            "Passes that did not make all of their plan",
            "resource_type",
            "error_type",
        )
        self.resources = self._gauge(
            "ingress_resources", "Objects that the sources hold", "namespace", "type"
        )
        self._managed = self._gauge("managed_records", "Records that are ours", "zone", "type")
        self._skips = self._gauge("skips", "What was left alone in the last pass", "reason")
        self._withheld = self._gauge(
            "withheld_deletes", "Deletes that wait for a person to look at them", "zone"
        )
        self._drift = self._counter(
            "drift_detected", "Records of ours that others changed", "zone", "drift_type"
        )
        self._propagation = self._histogram(
            "propagation_seconds", "Time from an event to the record that it led to"
        )
        self._success = self._gauge(
            "last_success_timestamp_seconds", "When a pass last made all of its plan", "zone"
        )
        self.restarts = self._counter(
            "watch_restarts", "Watches that had to be begun again", "type", "reason"
        )
        self.synced = self._gauge("source_synced", "Whether a source is synced", "type")
        self.leader = self._gauge("leader", "Whether this instance writes, or stands by")
        self._skips_by_zone: dict[DnsName, Counter[SkipReason]] = {}
        self._faults_by_zone: dict[DnsName, frozenset[Skip]] = {}
        self._zero(sources)

    def _zero(self, sources: Iterable[str]) -> None:
        import platform

        for zone in self._zones:
            for status in ("created", "updated", "deleted"):
                self._records.labels(zone, status)
            for record_type in RecordType:
                self._managed.labels(zone, record_type.value)
            for kind in _DRIFT:
                self._drift.labels(zone, kind)
            self._withheld.labels(zone)
            self._success.labels(zone)
        for source in sources:
            self.synced.labels(source)
        for reason in SkipReason:
            self._skips.labels(reason.value)
        for error in ("unavailable", "rejected", "stale"):
            self._pass_errors.labels(RESOURCE, error)
        self._pass_seconds.labels(RESOURCE)
        for endpoint in _ENDPOINTS:
            for outcome in _OUTCOMES:
                self._requests.labels(endpoint, "POST", outcome)
            self._request_seconds.labels(endpoint, "POST")
        build = Info(f"{PREFIX}_build", "The program", registry=self.registry)
        build.info({"version": __version__, "python_version": platform.python_version()})

    def pass_ended(self, outcome: Outcome) -> None:
        """Take what a pass did."""
        zone = outcome.plan.zone
        for applied in outcome.applied:
            if applied.verdict is Verdict.DONE:
                self._records.labels(zone, f"{action_of(applied.change)}d").inc()
        for drift in outcome.drift:
            self._drift.labels(zone, drift.kind).inc()
        for record_type in RecordType:
            count = outcome.managed.get(record_type.value, 0)
            self._managed.labels(zone, record_type.value).set(count)
        self._take_skips(outcome)
        self._pass_seconds.labels(RESOURCE).observe(outcome.ended - outcome.began)
        if outcome.is_settled:
            self._success.labels(zone).set(datetime.now(UTC).timestamp())
        else:
            errors = [one.error for one in outcome.applied if one.error is not None]
            error = outcome.error or (errors[0] if errors else None)
            self._pass_errors.labels(RESOURCE, _error_type(error)).inc()

    def pass_failed(self, zone: DnsName, error: ProviderError, seconds: float) -> None:  # noqa: ARG002 (a zone is no bounded label beside an error)
        """Take that a pass could not be made."""
        self._pass_seconds.labels(RESOURCE).observe(seconds)
        self._pass_errors.labels(RESOURCE, _error_type(error)).inc()

    def propagated(self, seconds: float) -> None:
        """Take the time from an event to its record."""
        self._propagation.observe(seconds)

    def called(self, endpoint: str, method: str, outcome: str, seconds: float) -> None:
        """Take one call to the DNS server."""
        endpoint = endpoint.removeprefix("/api/")
        self._requests.labels(endpoint, method, outcome).inc()
        self._request_seconds.labels(endpoint, method).observe(seconds)

    def render(self, accept: str) -> tuple[bytes, str]:
        """Return the metrics and their content type, in the form that ``accept`` asks for."""
        self.before_scrape()
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type

    def _take_skips(self, outcome: Outcome) -> None:
        zone, skips = outcome.plan.zone, outcome.plan.skips
        counts = Counter(skip.reason for skip in skips if skip.name is not None)
        self._withheld.labels(zone).set(counts[SkipReason.WITHHELD])
        self._skips_by_zone[zone] = counts
        # A fault of an object is told in the plan of every zone, and is one all the same.
        self._faults_by_zone[zone] = frozenset(skip for skip in skips if skip.name is None)
        faults = Counter(skip.reason for skip in frozenset().union(*self._faults_by_zone.values()))
        for reason in SkipReason:
            named = sum(found[reason] for found in self._skips_by_zone.values())
            self._skips.labels(reason.value).set(named + faults[reason])

    def _counter(self, name: str, help_: str, *labels: str) -> prometheus_client.Counter:
        return prometheus_client.Counter(f"{PREFIX}_{name}", help_, labels, registry=self.registry)

    def _gauge(self, name: str, help_: str, *labels: str) -> Gauge:
        return Gauge(f"{PREFIX}_{name}", help_, labels, registry=self.registry)

    def _histogram(self, name: str, help_: str, *labels: str) -> Histogram:
        return Histogram(
            f"{PREFIX}_{name}", help_, labels, registry=self.registry, buckets=_LATENCIES
        )


def _error_type(error: ProviderError | None) -> str:
    if error is None:
        return "stale"
    return "rejected" if isinstance(error, ProviderRejectedError) else "unavailable"
