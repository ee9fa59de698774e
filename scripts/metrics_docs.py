"""Write docs/metrics.md from the registry of the program.

With --check nothing is written, and the exit code tells whether anything would change.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.skips import ADVICE
from catalyst_dns_sync.settings.parsers import SOURCES
from catalyst_dns_sync.telemetry.metrics import Described, Metrics

FILE = Path(__file__).parent.parent / "docs" / "metrics.md"

_HEAD = """\
# Metrics

On `METRICS_BIND_ADDRESS` (`:8080`), path `/metrics`, as text or as OpenMetrics, whichever is asked
for. Every series is there from the start, at zero, but for the namespaces of `ingress_resources`
and for `certificate_*`, which come and go with the objects, and for HTTP statuses other than 200.
No other label has the names of records or objects in it. Beside our own there are `process_*` and
`python_*`.

Written by `make docs` from the program itself.

| metric | type | labels | what it says, and what to conclude |
|---|---|---|---|
"""

_TAIL = """
## Labels

- `zone`: the zones in `DNS_ZONES`.
- `type`: of `managed_records` the type of record; elsewhere the source, as in `SOURCES`.
- `resource_type`: `zone`; a pass is over a whole zone, whatever the objects behind it.
- `endpoint`: the path of the call below `/api/`; `method`: always POST.
- `status`: `created`, `updated`, `deleted`. `drift_type`: `removed`, `changed`, `taken`.

Reasons of `skips`, and what to do:

| `reason` | what to do |
|---|---|
"""


def lines() -> Iterator[str]:
    """Yield the parts of the page."""
    metrics = Metrics([parse_name("home.arpa")], SOURCES)
    yield _HEAD
    for family in metrics.described:
        yield _row(family)
    yield _TAIL
    for reason, advice in ADVICE.items():
        yield f"| `{reason.value}` | {advice} |\n"


def _row(family: Described) -> str:
    labels = ", ".join(f"`{label}`" for label in family.labels)
    return f"| `{family.name}` | {family.type} | {labels} | {family.help} |\n"


def main(*, check: bool) -> int:
    """Write the page, or check it."""
    wanted = "".join(lines())
    if FILE.exists() and FILE.read_text(encoding="utf-8") == wanted:
        return 0
    if check:
        sys.stderr.write(f"{FILE.name} is out of date: run `make docs`\n")
        return 1
    FILE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
