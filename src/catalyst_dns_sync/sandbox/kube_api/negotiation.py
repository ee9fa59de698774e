"""Which form of answer a client accepts, and in which form its body comes."""

from enum import StrEnum

from catalyst_dns_sync.sandbox.kube_api.body import (
    parse_json,
    parse_object,
    parse_yaml,
    with_checked_metadata,
)
from catalyst_dns_sync.sandbox.kube_api.encoding import Json
from catalyst_dns_sync.sandbox.kube_api.protobuf import parse_protobuf
from catalyst_dns_sync.sandbox.kube_api.status import ApiError, unsupported_media_type

JSON = "application/json"
YAML = "application/yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"


class Form(StrEnum):
    """A form of answer; all are JSON."""

    OBJECT = "object"
    TABLE = "table"
    PARTIAL = "partial"


def accepted_form(accept: str) -> Form:
    """Return the first form in an Accept header that there is, or raise `ApiError` 406."""
    for clause in (accept or "*/*").split(","):
        media_type, *parameters = (part.strip() for part in clause.split(";"))
        options = dict(part.split("=", 1) for part in parameters if "=" in part)
        if media_type not in {JSON, "application/*", "*/*"}:
            continue
        match options.get("as"):
            case None:
                return Form.OBJECT
            case "Table" if options.get("v") == "v1":
                return Form.TABLE
            case "PartialObjectMetadata" | "PartialObjectMetadataList":
                return Form.PARTIAL
            case _:
                continue
    message = f"only the following media types are accepted: {JSON}"
    raise ApiError(406, "NotAcceptable", message)


def read_object(raw: bytes, content_type: str) -> Json:
    """Return the object in the body of a create or replace."""
    if content_type in {JSON, "", "application/octet-stream"}:
        return parse_object(raw)
    if content_type == YAML:
        return parse_object(raw, parse_yaml)
    if content_type == PROTOBUF:
        return with_checked_metadata(parse_protobuf(raw))
    raise unsupported_media_type((JSON, YAML, PROTOBUF))


def read_optional(raw: bytes, content_type: str) -> Json:
    """Return the options in the body of a delete, which may be empty."""
    if not raw.strip() or content_type == PROTOBUF:
        return {}
    value = parse_yaml(raw) if content_type == YAML else parse_json(raw)
    return value if isinstance(value, dict) else {}
