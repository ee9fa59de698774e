"""Write the files in manifests/monitoring that are made from others.

The dashboard is described here, panel by panel, and written as Grafana's JSON model; that model
goes into a GrafanaDashboard (grafana-operator) and into a ConfigMap (Grafana's sidecar). The rules
of alerts.yaml go into a PrometheusRule (prometheus-operator).

With --check nothing is written, and the exit code tells whether anything would change.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import indent
from typing import Any

FOLDER = Path(__file__).parent.parent / "manifests" / "monitoring"
MADE = "# Written by `make docs`; edit {} instead.\n"
P = "catalyst_dns_sync_"
JOB = '{job=~"$job"}'
WINDOW = "[$__rate_interval]"
COLUMNS = 24


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: its queries by legend, its unit, and what to conclude from it.

    ``steps`` are thresholds: from which value on which colour.
    """

    title: str
    queries: Mapping[str, str]
    about: str
    unit: str = "short"
    kind: str = "timeseries"
    width: int = 12
    steps: Mapping[float, str] = field(default_factory=dict)
    stacked: bool = False
    words: Mapping[str, str] = field(default_factory=dict)


def counted(name: str, labels: str, *, by: str) -> str:
    """Return the query for how much a counter grew, in whole steps."""
    return f"sum by ({by}) (increase({P}{name}{{{labels}}}{WINDOW}))"


def rated(name: str, *, by: str) -> str:
    """Return the query for how much a counter grows a second."""
    return f"sum by ({by}) (rate({P}{name}{JOB}{WINDOW}))"


def quantile(q: float, name: str, *, by: str = "") -> str:
    """Return the query for a quantile of a histogram."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({q}, sum by ({labels}) (rate({P}{name}_bucket{JOB}{WINDOW})))"


ZONES = 'job=~"$job", zone=~"$zone"'
GOOD_BAD: Mapping[float, str] = {0: "red", 1: "green"}

ROWS: Mapping[str, list[Panel]] = {
    "Health": [
        Panel(
            "Zones last in order",
            {"ago": f"time() - max({P}last_success_timestamp_seconds{JOB})"},
            "How long ago every zone was what the cluster wants. Above a minute or two something "
            "is wrong: /readyz?verbose says in which part.",
            "s",
            "stat",
            6,
            {0: "green", 60: "yellow", 180: "red"},
        ),
        Panel(
            "Sources",
            {"{{type}}": f"min by (type) ({P}source_synced{JOB})"},
            "Whether what is known of the cluster's objects is complete. Lost: nothing is deleted, "
            "and new names come late.",
            kind="stat",
            width=6,
            steps=GOOD_BAD,
            words={"0": "lost", "1": "in touch"},
        ),
        Panel(
            "Overdue",
            {"overdue": f"max({P}queue_due_seconds{JOB})"},
            "For how long a zone has been due for a pass. Growing: a pass does not end.",
            "s",
            "stat",
            4,
            {0: "green", 30: "yellow", 120: "red"},
        ),
        Panel(
            "Leaders",
            {"leaders": f"sum({P}leader{JOB})"},
            "Pods that write. One, or none for the seconds of a change-over.",
            kind="stat",
            width=4,
            steps={0: "red", 1: "green", 2: "red"},
        ),
        Panel(
            "Version",
            {"{{version}} ({{commit}})": f"max by (version, commit) ({P}build_info{JOB})"},
            "What runs.",
            kind="stat",
            width=4,
            words={"1": "runs"},
        ),
        Panel(
            "Passes that did not make all of their plan",
            {"{{error_type}}": counted("reconcile_errors_total", 'job=~"$job"', by="error_type")},
            "unavailable: the DNS server does not answer well. rejected: a person has to mend "
            "something. stale: somebody changed the zone meanwhile, harmless.",
        ),
        Panel(
            "Watches begun again",
            {
                "{{type}} {{reason}}": counted(
                    "watch_restarts_total", 'job=~"$job"', by="type, reason"
                )
            },
            "ended and requested are normal. broken, silent, blind and refused are not.",
        ),
    ],
    "Records by zone": [
        Panel(
            "Records of ours",
            {"{{zone}} {{type}}": f"max by (zone, type) ({P}managed_records{{{ZONES}}})"},
            "Falling without a reason in the cluster: somebody else deletes them.",
            stacked=True,
        ),
        Panel(
            "Objects that are watched",
            {"{{type}}": (f"max by (type) (sum by (type, instance) ({P}ingress_resources{JOB}))")},
            "Fewer than kubectl shows: see the sources, WATCH_NAMESPACE and LABEL_SELECTOR.",
            stacked=True,
        ),
    ],
    "Changes": [
        Panel(
            "Names changed",
            {"{{zone}} {{status}}": counted("records_total", ZONES, by="zone, status")},
            "Many without a reason in the cluster: each has a line in the log that says why.",
            kind="bars",
            width=COLUMNS,
        ),
    ],
    "Latency": [
        Panel(
            "From an event to its record",
            {
                "p50": quantile(0.5, "propagation_seconds"),
                "p99": quantile(0.99, "propagation_seconds"),
            },
            "Above a second or two: the DNS server is slow, or there is much to do at once. "
            "Empty while nothing changes.",
            "s",
            width=8,
        ),
        Panel(
            "Passes",
            {
                "p50": quantile(0.5, "reconcile_duration_seconds"),
                "p99": quantile(0.99, "reconcile_duration_seconds"),
            },
            "Near DNS_TIMEOUT: the server hangs. Long with many changes: that is their work.",
            "s",
            width=8,
        ),
        Panel(
            "Calls to the DNS server, p99",
            {"{{endpoint}}": quantile(0.99, "api_request_duration_seconds", by="endpoint")},
            "Slow: the server is busy, or the way to it is.",
            "s",
            width=8,
        ),
    ],
    "API calls by outcome": [
        Panel(
            "Calls by outcome",
            {"{{status_code}}": rated("api_requests_total", by="status_code")},
            "invalid-token: replace the token. timeout, connection: look at the server, and at "
            "the way to it. error: the log says what the server said.",
            "reqps",
            stacked=True,
        ),
        Panel(
            "Calls by endpoint",
            {"{{endpoint}}": rated("api_requests_total", by="endpoint")},
            "At rest one zones/list every 15 s, and one user/session/get a minute.",
            "reqps",
            stacked=True,
        ),
    ],
    "Skips by reason, and withheld deletes": [
        Panel(
            "Left alone",
            {"{{reason}}": f"max by (reason) ({P}skips{JOB})"},
            "What gets no record, or keeps one that nobody claims. The command plan lists each "
            "with its reason and what to do.",
            stacked=True,
            width=16,
        ),
        Panel(
            "Withheld deletes",
            {"{{zone}}": f"max by (zone) ({P}withheld_deletes{{{ZONES}}})"},
            "Above 0: look at them with the command release.",
            kind="stat",
            width=8,
            steps={0: "green", 1: "red"},
        ),
    ],
    "Drift": [
        Panel(
            "Records of ours that others changed",
            {
                "{{zone}} {{drift_type}}": counted(
                    "drift_detected_total", ZONES, by="zone, drift_type"
                )
            },
            "Again and again: another program writes the same names.",
            kind="bars",
            width=COLUMNS,
        ),
    ],
    "Process": [
        Panel(
            "Memory",
            {"resident {{pod}}": f"process_resident_memory_bytes{JOB}"},
            "Flat, whatever happens. Growing for days: a leak, please report it.",
            "bytes",
            width=6,
        ),
        Panel(
            "CPU",
            {"{{pod}}": f"rate(process_cpu_seconds_total{JOB}{WINDOW})"},
            "Share of a core. At rest less than 0.01.",
            "percentunit",
            width=6,
        ),
        Panel(
            "Open files",
            {"{{pod}}": f"process_open_fds{JOB}"},
            "A few dozen. Growing for days: a leak, please report it.",
            width=6,
        ),
        Panel(
            "Running for",
            {"{{pod}}": f"time() - process_start_time_seconds{JOB}"},
            "Falling back to 0 again and again: it restarts, see kubectl logs --previous.",
            "s",
            "stat",
            6,
        ),
    ],
}


def dashboard() -> dict[str, Any]:
    """Return the dashboard in Grafana's JSON model."""
    return {
        "uid": "catalyst-dns-sync",
        "title": "catalyst-dns-sync",
        "description": "Keeps DNS records in step with a Kubernetes cluster.",
        "tags": ["dns", "kubernetes"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": list(_variables())},
        "annotations": {"list": []},
        "panels": list(_panels()),
    }


def _variables() -> Iterator[dict[str, Any]]:
    yield {
        "name": "datasource",
        "label": "Data source",
        "type": "datasource",
        "query": "prometheus",
        "current": {},
        "hide": 0,
    }
    for name, label, query in (
        ("job", "Job", f"label_values({P}build_info, job)"),
        ("zone", "Zone", f"label_values({P}managed_records{JOB}, zone)"),
    ):
        yield {
            "name": name,
            "label": label,
            "type": "query",
            "datasource": _source(),
            "query": {"query": query, "refId": name},
            "definition": query,
            "refresh": 2,
            "includeAll": True,
            "allValue": ".*",
            "multi": True,
            "current": {"text": "All", "value": "$__all"},
            "hide": 0,
        }


def _panels() -> Iterator[dict[str, Any]]:
    number, y = 1, 0
    for title, panels in ROWS.items():
        yield {
            "id": number,
            "type": "row",
            "title": title,
            "collapsed": False,
            "gridPos": {"x": 0, "y": y, "w": COLUMNS, "h": 1},
            "panels": [],
        }
        number, y, x, height = number + 1, y + 1, 0, 0
        for panel in panels:
            if x + panel.width > COLUMNS:
                x, y, height = 0, y + height, 0
            size = 4 if panel.kind == "stat" and panel.width < 8 else 8
            place = {"x": x, "y": y, "w": panel.width, "h": size}
            yield {"id": number, "gridPos": place, **_panel(panel)}
            number, x, height = number + 1, x + panel.width, max(height, size)
        y += height


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "type": "stat" if panel.kind == "stat" else "timeseries",
        "title": panel.title,
        "description": panel.about,
        "datasource": _source(),
        "targets": [
            {
                "refId": chr(ord("A") + index),
                "datasource": _source(),
                "expr": query,
                "legendFormat": legend,
                "instant": panel.kind == "stat",
                "range": panel.kind != "stat",
            }
            for index, (legend, query) in enumerate(panel.queries.items())
        ],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": _options(panel),
    }


def _defaults(panel: Panel) -> dict[str, Any]:
    steps = [
        {"color": colour, "value": value if number else None}
        for number, (value, colour) in enumerate((panel.steps or {0: "green"}).items())
    ]
    words = [
        {"type": "value", "options": {value: {"text": text}}} for value, text in panel.words.items()
    ]
    custom: dict[str, Any] = {}
    if panel.kind != "stat":
        custom = {
            "drawStyle": "bars" if panel.kind == "bars" else "line",
            "fillOpacity": 80 if panel.kind == "bars" else 10,
            "stacking": {"mode": "normal" if panel.stacked or panel.kind == "bars" else "none"},
            "showPoints": "never",
        }
    return {
        "unit": panel.unit,
        "min": 0,
        "color": {"mode": "thresholds" if panel.kind == "stat" else "palette-classic"},
        "thresholds": {"mode": "absolute", "steps": steps},
        "mappings": words,
        "custom": custom,
    }


def _options(panel: Panel) -> dict[str, Any]:
    if panel.kind == "stat":
        return {
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
            "colorMode": "value",
            "graphMode": "none",
            "textMode": "auto" if len(panel.queries) == 1 and panel.words else "value_and_name",
        }
    return {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }


def _source() -> dict[str, str]:
    return {"type": "prometheus", "uid": "${datasource}"}


def files() -> dict[Path, str]:
    """Return the files that are made, with what belongs into them."""
    model = json.dumps(dashboard(), indent=1) + "\n"
    rules = (FOLDER / "alerts.yaml").read_text(encoding="utf-8")
    groups = rules[rules.index("groups:") :]
    return {
        FOLDER / "dashboard.json": model,
        FOLDER / "dashboard-configmap.yaml": MADE.format("scripts/monitoring.py")
        + _CONFIG_MAP
        + indent(model, " " * 4),
        FOLDER / "grafana-operator" / "grafanadashboard.yaml": (
            MADE.format("scripts/monitoring.py") + _GRAFANA_DASHBOARD + indent(model, " " * 4)
        ),
        FOLDER / "prometheusrule.yaml": MADE.format("alerts.yaml") + _RULE + indent(groups, "  "),
    }


_CONFIG_MAP = """\
# For Grafana's sidecar, which looks for this label.
apiVersion: v1
kind: ConfigMap
metadata:
  name: catalyst-dns-sync-dashboard
  labels:
    grafana_dashboard: "1"
data:
  catalyst-dns-sync.json: |
"""

_GRAFANA_DASHBOARD = """\
apiVersion: grafana.integreatly.org/v1beta1
kind: GrafanaDashboard
metadata:
  name: catalyst-dns-sync
spec:
  allowCrossNamespaceImport: true
  # The label of your Grafana object.
  instanceSelector:
    matchLabels:
      dashboards: grafana
  json: |
"""

_RULE = """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: catalyst-dns-sync
spec:
"""


def main(*, check: bool) -> int:
    """Write the files, or check them."""
    stale = [
        path
        for path, wanted in files().items()
        if not path.exists() or path.read_text(encoding="utf-8") != wanted
    ]
    for path in stale:
        if check:
            sys.stderr.write(f"{path.name} is out of date: run `make docs`\n")
        else:
            path.write_text(files()[path], encoding="utf-8")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
