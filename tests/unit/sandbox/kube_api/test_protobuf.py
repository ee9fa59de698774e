"""Messages as kubectl 1.32 sent them."""

import pytest

from catalyst_dns_sync.sandbox.kube_api import ApiError
from catalyst_dns_sync.sandbox.kube_api.protobuf import parse_protobuf

NAMESPACE = (
    b'k8s\x00\n\x0f\n\x02v1\x12\tNamespace\x12\x1b\n\x13\n\x03foo\x12\x00\x1a\x00"\x00*\x002'
    b'\x008\x00B\x00\x12\x00\x1a\x02\n\x00\x1a\x00"\x00'
)
CONFIG_MAP = (
    b'k8s\x00\n\x0f\n\x02v1\x12\tConfigMap\x12\x1b\n\x11\n\x01c\x12\x00\x1a\x00"\x00*\x002\x00'
    b'8\x00B\x00\x12\x06\n\x01a\x12\x01b\x1a\x00"\x00'
)
SECRET = (
    b'k8s\x00\n\x0c\n\x02v1\x12\x06Secret\x12\x1d\n\x11\n\x01s\x12\x00\x1a\x00"\x00*\x002\x008'
    b'\x00B\x00\x12\x06\n\x01a\x12\x01b\x1a\x00\x1a\x00"\x00'
)


@pytest.mark.parametrize(
    ("raw", "obj"),
    [
        (NAMESPACE, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "foo"}}),
        (
            CONFIG_MAP,
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "c"},
                "data": {"a": "b"},
            },
        ),
        (
            SECRET,
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "s"},
                "data": {"a": "Yg=="},
            },
        ),
    ],
)
def test_a_message_becomes_json_without_what_is_empty(raw: bytes, obj: dict[str, object]) -> None:
    assert parse_protobuf(raw) == obj


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"k8s",
        b"k8s\x00",
        b"k8s\x00\xff",
        NAMESPACE[:-20],
        NAMESPACE.replace(b"Namespace", b"Nonsense!"),
        b"k8s\x00" + b"\xff" * 20,
    ],
)
def test_a_message_that_cannot_be_read_is_a_400(raw: bytes) -> None:
    with pytest.raises(ApiError) as raised:
        parse_protobuf(raw)

    assert raised.value.code == 400
