"""What schemathesis must know of our API: how names look, and that each request is somebody's else.

Loaded by schemathesis itself, see `fakes.fuzzing`; it has no more than that of the project.
"""

import itertools
from typing import Any

import schemathesis
from hypothesis import strategies as st

# Few and fixed: hypothesis takes its time for whatever is put together.
NAMES = st.sampled_from(
    [
        "app.home.arpa",
        "adopt.home.arpa",
        "other.home.arpa",
        "*.home.arpa",
        "ä.home.arpa",
        "_x.Sub.HOME.arpa.",
        "home.arpa",
        "a-b.example.org",
        f"{'a' * 63}.home.arpa",
    ]
)
SERVERS = st.sampled_from(["", "", "", "other"])
TARGETS = st.sampled_from(["192.0.2.1", "192.0.2.255", "2001:db8::1", "::ffff:192.0.2.9"])
TEXTS = st.sampled_from(["", "the NAS", "é | origin=x", "a" * 300])
ASKERS = itertools.count()

schemathesis.openapi.format("dns-name", NAMES)
schemathesis.openapi.format("dns-server", SERVERS)
schemathesis.openapi.format("dns-target", TARGETS)
schemathesis.openapi.format("printable", TEXTS)


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Let each request come from another address, so that wrong tokens lock nobody else out."""
    number = next(ASKERS)
    case.headers["X-Forwarded-For"] = f"198.18.{number // 256 % 256}.{number % 256}"


@schemathesis.hook
def filter_case(_context: Any, case: Any) -> bool:
    """Leave out texts that can be printed and yet count as wrong: it can't know our format."""
    is_wrong = case.meta is not None and case.meta.generation.mode.is_negative
    text = case.body.get("text") if isinstance(case.body, dict) else None
    return not (is_wrong and isinstance(text, str) and text.isprintable())
