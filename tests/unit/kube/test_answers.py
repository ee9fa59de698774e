import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.kube.answers import Answer, body_of, error_of
from catalyst_dns_sync.kube.errors import (
    EndingNamespaceError,
    ExpiredError,
    KubeError,
    NotFoundError,
    NotServedError,
    OutOfTouchError,
)


def status(**fields: object) -> bytes:
    return json.dumps({"kind": "Status", "apiVersion": "v1", **fields}).encode()


def test_a_good_answer_is_its_body() -> None:
    assert body_of(Answer("/p", 200, b'{"a":1}')) == {"a": 1}


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"7", b"\xff"])
def test_a_good_answer_that_is_no_object_proves_nothing(body: bytes) -> None:
    with pytest.raises(OutOfTouchError, match="no JSON object"):
        body_of(Answer("/p", 200, body))


@pytest.mark.parametrize(
    ("code", "body", "expected"),
    [
        (404, b"404 page not found\n", NotServedError),
        (404, status(reason="NotFound", details={}), NotServedError),
        (404, status(reason="NotFound"), NotServedError),
        (404, status(reason="NotFound", details={"name": "a", "kind": "b"}), NotFoundError),
        (404, b"<html>404 page not found</html>", OutOfTouchError),
        (404, b"", OutOfTouchError),
        (404, b'{"error":"no such tenant"}', OutOfTouchError),
        (410, status(reason="Expired"), ExpiredError),
        (401, status(message="Unauthorized"), OutOfTouchError),
        (403, status(details={"name": "a"}), OutOfTouchError),
        (
            403,
            status(details={"causes": [{"reason": "NamespaceTerminating"}]}),
            EndingNamespaceError,
        ),
        (403, status(details={"causes": "x"}), OutOfTouchError),
        (429, b"", OutOfTouchError),
        (500, b"oh", OutOfTouchError),
        (302, b"", OutOfTouchError),
        (204, b"", OutOfTouchError),
    ],
)
def test_an_error_is_told_apart_by_what_it_proves(
    code: int, body: bytes, expected: type[KubeError]
) -> None:
    assert type(error_of(Answer("/p", code, body))) is expected


@pytest.mark.parametrize(
    ("header", "body", "expected"),
    [
        ("7", b"", 7.0),
        (None, status(details={"retryAfterSeconds": 3}), 3.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", b"", None),
        ("-1", b"", None),
        ("9" * 5000, b"", 3600.0),
        (None, status(details={"retryAfterSeconds": [1]}), None),
    ],
)
def test_retry_after_comes_from_the_header_or_the_status(
    header: str | None, body: bytes, expected: float | None
) -> None:
    error = error_of(Answer("/p", 429, body, header))

    assert isinstance(error, OutOfTouchError)
    assert (error.status, error.retry_after) == (429, expected)


def test_the_text_of_an_error_is_one_short_line() -> None:
    error = error_of(Answer("/apis/x", 403, status(message="not\nallowed " + "x" * 1000)))

    assert str(error).startswith("/apis/x answered 403: not allowed x")
    assert len(str(error)) < 300
    assert "\n" not in str(error)


@given(st.integers(100, 599), st.binary(), st.none() | st.text())
def test_any_answer_has_a_meaning(code: int, body: bytes, header: str | None) -> None:
    with contextlib.suppress(KubeError):
        body_of(Answer("/p", code, body, header))
