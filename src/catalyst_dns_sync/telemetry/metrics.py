"""What the program counts, in a registry of its own; every series is there from the start."""

import platform
from collections import Counter as Counts
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
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
from catalyst_dns_sync.core.skips import SkipReason
from catalyst_dns_sync.telemetry import helptexts

PREFIX = "catalyst_dns_sync"
RESOURCE = "zone"
_LATENCIES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_PROPAGATIONS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
_ENDPOINTS = (
    "user/session/get",
    "zones/import",
    "zones/list",
    "zones/records/add",
    "zones/records/delete",
    "zones/records/get",
    "zones/records/update",
)
_OUTCOMES = ("200", "error", "invalid-token", "timeout", "connection")
_OPEN_METRICS = "application/openmetrics-text; version=1.0.0"
_STATUSES = ("created", "updated", "deleted")
_DRIFT = ("removed", "changed", "taken")
_ERRORS = ("unavailable", "rejected", "stale")

# A series for when each series was made tells nobody anything here.
disable_created_metrics()  # type: ignore[no-untyped-call]  # it has no annotations


@dataclass(frozen=True, slots=True)
class Described:
    """One family as the documentation shows it."""

    name: str
    type: str
    labels: tuple[str, ...]
    help: str


class Metrics(Observer):
    """Counts what the loop and the DNS client tell, and renders it for Prometheus.

    ``sources`` are the names in SOURCES. ``before_scrape`` is called before each answer, to set
    what is only looked at then.
    """

    def __init__(
        self, zones: Iterable[str], sources: Iterable[str], *, commit: str = "unknown"
    ) -> None:
        self.registry = CollectorRegistry()
        self.before_scrape: Callable[[], None] = lambda: None
        self._described: list[Described] = []
        self._records = self._counter("records", "zone", "status")
        self._requests = self._counter("api_requests", "endpoint", "method", "status_code")
        self._request_seconds = self._histogram(
            "api_request_duration_seconds", "endpoint", "method"
        )
        self._pass_seconds = self._histogram("reconcile_duration_seconds", "resource_type")
        self._pass_errors = self._counter("reconcile_errors", "resource_type", "error_type")
        self.resources = self._gauge("ingress_resources", "namespace", "type")
        self._managed = self._gauge("managed_records", "zone", "type")
        self.skips = self._gauge("skips", "reason")
        self.withheld = self._gauge("withheld_deletes", "zone")
        self.previews = self._gauge("preview_environments")
        self.oldest_preview = self._gauge("preview_oldest_age_seconds")
        self.preview_age = self._gauge("preview_mean_age_seconds")
        self._drift = self._counter("drift_detected", "zone", "drift_type")
        self._propagation = self._histogram("propagation_seconds", buckets=_PROPAGATIONS)
        self.success = self._gauge("last_success_timestamp_seconds")
        self.overdue = self._gauge("queue_due_seconds")
        self.restarts = self._counter("watch_restarts", "type", "reason")
        self.synced = self._gauge("source_synced", "type")
        self.leader = self._gauge("leader")
        self.certificate_expiry = self._gauge(
            "certificate_expiry_timestamp_seconds", "namespace", "name"
        )
        self.certificate_ready = self._gauge("certificate_ready", "namespace", "name")
        self._build = self._gauge("build_info", "version", "commit", "python_version")
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._begin(tuple(zones), tuple(sources), commit)

    @property
    def described(self) -> tuple[Described, ...]:
        """Our own families, in the order of the documentation."""
        return tuple(self._described)

    def _begin(self, zones: tuple[str, ...], sources: tuple[str, ...], commit: str) -> None:
        self._zones = zones
        for zone in zones:
            for status in _STATUSES:
                self._records.labels(zone, status)
            for record_type in RecordType:
                self._managed.labels(zone, record_type.value)
            for kind in _DRIFT:
                self._drift.labels(zone, kind)
            self.withheld.labels(zone)
        for source in sources:
            self.synced.labels(source)
        for reason in SkipReason:
            self.skips.labels(reason.value)
        for error in _ERRORS:
            self._pass_errors.labels(RESOURCE, error)
        self._pass_seconds.labels(RESOURCE)
        for endpoint in _ENDPOINTS:
            for outcome in _OUTCOMES:
                self._requests.labels(endpoint, "POST", outcome)
            self._request_seconds.labels(endpoint, "POST")
        # Who is not elected against anybody leads.
        self.leader.set(1)
        self._build.labels(__version__, commit, platform.python_version()).set(1)

    def under(self, labels: Mapping[DnsName, str]) -> Observer:
        """Return one that counts for a server whose zones are called so here."""
        return _UnderLabels(self, labels)

    def forget_records(self) -> None:
        """Count no records until the next pass."""
        for zone in self._zones:
            for record_type in RecordType:
                self._managed.labels(zone, record_type.value).set(0)

    def pass_ended(self, outcome: Outcome) -> None:
        """Take what a pass did."""
        self.count_pass(outcome, outcome.plan.zone)

    def count_pass(self, outcome: Outcome, zone: str) -> None:
        """Take what a pass did in a zone that is called so here."""
        done = [one.change for one in outcome.applied if one.verdict is Verdict.DONE]
        for action, count in Counts(action_of(change) for change in done).items():
            self._records.labels(zone, f"{action}d").inc(count)
        for drift in outcome.drift:
            self._drift.labels(zone, drift.kind).inc()
        for record_type in RecordType:
            count = outcome.managed.get(record_type.value, 0)
            self._managed.labels(zone, record_type.value).set(count)
        self._pass_seconds.labels(RESOURCE).observe(outcome.ended - outcome.began)
        if not outcome.is_settled and not outcome.is_merely_unfinished:
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
        # The library lets an error out for a version that is no number: so it is shown only this.
        wanted = _OPEN_METRICS if _OPEN_METRICS.partition(";")[0] in accept.lower() else ""
        encode, content_type = choose_encoder(wanted)
        return encode(self.registry), content_type

    def _counter(self, name: str, *labels: str) -> Counter:
        help_ = self._describe(f"{name}_total", "counter", labels)
        return Counter(f"{PREFIX}_{name}", help_, labels, registry=self.registry)

    def _gauge(self, name: str, *labels: str) -> Gauge:
        help_ = self._describe(name, "gauge", labels)
        return Gauge(f"{PREFIX}_{name}", help_, labels, registry=self.registry)

    def _histogram(
        self, name: str, *labels: str, buckets: tuple[float, ...] = _LATENCIES
    ) -> Histogram:
        help_ = self._describe(name, "histogram", labels)
        return Histogram(f"{PREFIX}_{name}", help_, labels, registry=self.registry, buckets=buckets)

    def _describe(self, name: str, type_: str, labels: tuple[str, ...]) -> str:
        help_ = helptexts.HELP[name]
        self._described.append(Described(f"{PREFIX}_{name}", type_, labels, help_))
        return help_


class _UnderLabels(Observer):
    """Counts for one of several servers."""

    def __init__(self, metrics: Metrics, labels: Mapping[DnsName, str]) -> None:
        self._labels = labels
        self._metrics = metrics

    def pass_ended(self, outcome: Outcome) -> None:
        """Take what a pass did."""
        self._metrics.count_pass(outcome, self._labels[outcome.plan.zone])

    def pass_failed(self, zone: DnsName, error: ProviderError, seconds: float) -> None:
        """Take that a pass could not be made."""
        self._metrics.pass_failed(zone, error, seconds)

    def propagated(self, seconds: float) -> None:
        """Take the time from an event to its record."""
        self._metrics.propagated(seconds)


def _error_type(error: ProviderError | None) -> str:
    if error is None:
        return "stale"
    return "rejected" if isinstance(error, ProviderRejectedError) else "unavailable"
