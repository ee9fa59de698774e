import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.kube.watch import (
    Added,
    Bookmark,
    Deleted,
    Expired,
    Modified,
    WatchError,
    parse_line,
)

ITEM = {"metadata": {"name": "a", "resourceVersion": "7"}}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"type": "ADDED", "object": ITEM}, Added("7", ITEM)),
        ({"type": "MODIFIED", "object": ITEM}, Modified("7", ITEM)),
        ({"type": "DELETED", "object": ITEM}, Deleted("7", ITEM)),
        ({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "9"}}}, Bookmark("9")),
        ({"type": "ADDED", "object": {"metadata": None}}, Added(None, {"metadata": None})),
        (
            {
                "type": "ERROR",
                "object": {
                    "kind": "Status",
                    "message": "too old resource version: 1 (783)",
                    "reason": "Expired",
                    "code": 410,
                },
            },
            Expired("too old resource version: 1 (783)"),
        ),
        (
            {"type": "ERROR", "object": {"message": "busy", "code": 429}},
            WatchError(429, "busy"),
        ),
        ({"type": "ERROR", "object": {}}, WatchError(0, "no reason given")),
    ],
    ids=[
        "added",
        "modified",
        "deleted",
        "bookmark",
        "without a version",
        "expired",
        "another error",
        "an error without a reason",
    ],
)
def test_a_line_says_what_happened(event: object, expected: object) -> None:
    assert parse_line(json.dumps(event).encode()) == expected


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b'{"type":"ADDED"}',
        b'{"type":"ADDED","object":7}',
        b'{"type":"BOOKMARK","object":{"metadata":{}}}',
        b'{"type":"NEW","object":{}}',
        b"[" * 100_000,
        b"1" * 5000,
    ],
)
def test_a_line_that_makes_no_sense_is_an_error_without_a_code(line: bytes) -> None:
    event = parse_line(line)

    assert isinstance(event, WatchError)
    assert event.code == 0
    assert len(event.message) <= 300


@given(st.binary())
def test_any_bytes_have_a_meaning(line: bytes) -> None:
    parse_line(line)


@given(
    st.dictionaries(
        st.sampled_from(["type", "object", "kind"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.sampled_from(["ERROR", "ADDED", "x"]),
            lambda inner: (
                st.lists(inner)
                | st.dictionaries(
                    st.sampled_from(["metadata", "code", "reason", "message", "resourceVersion"]),
                    inner,
                )
            ),
            max_leaves=8,
        ),
    )
)
def test_any_json_has_a_meaning(event: object) -> None:
    parse_line(json.dumps(event).encode())
