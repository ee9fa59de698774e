"""Reading an answer piece by piece."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.providers.technitium.listing import Listing
from fakes.values import JSON


def read(text: bytes, size: int) -> object:
    listing = Listing(lambda record: record)
    for start in range(0, len(text), size):
        listing.feed(text[start : start + size])
    return listing.answer()


@given(
    st.lists(JSON, max_size=4),
    JSON,
    st.sampled_from(["records first", "records last", "flat"]),
    st.sampled_from([None, 1]),
    st.integers(1, 40),
)
def test_whatever_the_pieces_are_the_answer_is_the_same(
    records: list[Any], other: Any, shape: str, indent: int | None, size: int
) -> None:
    inner: dict[str, Any] = {"zone": other, "records": records}
    if shape == "records first":
        inner = {"records": records, "zone": other}
    body = {"status": "ok", **inner} if shape == "flat" else {"response": inner, "status": "ok"}
    text = json.dumps(body, indent=indent)

    assert repr(read(text.encode(), size)) == repr(json.loads(text))


def test_each_record_is_given_away_as_soon_as_it_is_complete() -> None:
    seen: list[object] = []
    listing = Listing(seen.append)

    listing.feed(b'{"response":{"records":[{"a":1},{"b":')
    assert seen == [{"a": 1}]
    listing.feed(b'2}],"x":0},"status":"ok"}')
    assert seen == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<html>",
        b'{"response":{"records":[{"a":1},',
        b'{"response":{"records":[{"a":1} {"b":2}]}}',
        b'{"response":{"records":[{"a":1}]}',
        b'{"response":{"records":[{"a":1}]}}}',
        b'{"response":{"records":[{"a":\xff}]}}',
    ],
)
def test_what_is_no_json_is_said_to_be_none(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(text, 7)
