"""Forms are written as every server reads them."""

import io
from urllib.parse import parse_qsl, urlencode

from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.providers.technitium.forms import body_of, quoted

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(TEXTS, TEXTS, max_size=3))
def test_a_form_is_what_the_library_would_write(fields: dict[str, str]) -> None:
    assert body_of(fields) == urlencode(fields).encode()


@given(TEXTS)
def test_what_is_quoted_is_read_as_it_was(text: str) -> None:
    assert parse_qsl(f"a={quoted(text)}", keep_blank_values=True) == [("a", text)]


def test_a_large_form_is_a_stream() -> None:
    body = body_of({"records": "x;" * 300_000})

    assert isinstance(body, io.BytesIO)
    assert body.getvalue() == b"records=" + b"x%3B" * 300_000
