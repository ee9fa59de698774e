"""`/api/sso/status` and `/api/dashboard/metrics/...`: liveness and counters (technitium-api 13)."""

from catalyst_dns_sync.sandbox.technitium.api.call import Answer, Call, Flat, Json, PlainText
from catalyst_dns_sync.sandbox.technitium.model.access import Access
from catalyst_dns_sync.sandbox.technitium.model.values import render_time

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def sso_status(call: Call) -> Answer:
    """Tell, without a token, that the server is there."""
    del call
    return Flat({"ssoEnabled": False})


def metrics_json(call: Call) -> Answer:
    """Show what was counted since the start, as JSON."""
    call.require("Dashboard", Access.VIEW)
    server = call.server
    return {
        "uptimestamp": render_time(server.started),
        "uptimeSeconds": _uptime(call),
        "lifetimeCounters": _counters(call),
    }


def metrics_text(call: Call) -> Answer:
    """Show the same as Prometheus text."""
    call.require("Dashboard", Access.VIEW)
    lines = [
        "# TYPE technitium_dns_uptime_seconds gauge",
        f"technitium_dns_uptime_seconds {_uptime(call)}",
    ]
    for name, value in _counters(call).items():
        kind = name.removeprefix("total")
        metric = "technitium_dns_" + "".join(f"_{c.lower()}" if c.isupper() else c for c in kind)
        metric = metric.replace("__", "_") + "_total"
        lines += [f"# TYPE {metric} counter", f"{metric} {value}"]
    return PlainText("\n".join(lines) + "\n", METRICS_TYPE)


def _uptime(call: Call) -> int:
    return int((call.server.now() - call.server.started).total_seconds())


def _counters(call: Call) -> Json:
    queries = call.server.traffic.queries
    return {
        "totalQueries": queries.total(),
        "totalNoError": queries["NOERROR"],
        "totalServerFailure": queries["SERVFAIL"],
        "totalNxDomain": queries["NXDOMAIN"],
        "totalRefused": queries["REFUSED"],
        "totalAuthoritative": queries["NOERROR"] + queries["NXDOMAIN"],
        "totalRecursive": 0,
        "totalCached": 0,
        "totalBlocked": 0,
        "totalDropped": queries["DROPPED"],
        "totalClients": 1 if queries else 0,
    }
