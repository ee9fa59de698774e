"""What a Kubernetes API server says when something is wrong: `Status` objects, word for word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from catalyst_dns_sync.sandbox.kube_api.encoding import Json
from catalyst_dns_sync.sandbox.kube_api.resources import Resource

_NO_HEADERS: Mapping[str, str] = {}


class ApiError(Exception):
    """An answer other than success; everything that refuses a request raises it."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        details: Json | None = None,
        headers: Mapping[str, str] = _NO_HEADERS,
        continue_token: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.headers = headers
        self.continue_token = continue_token

    def status(self) -> Json:
        """Return the `Status` object, its keys in the order of a real server."""
        metadata = {} if self.continue_token is None else {"continue": self.continue_token}
        status: Json = {"kind": "Status", "apiVersion": "v1", "metadata": metadata}
        status |= {"status": "Failure", "message": self.message}
        if self.reason:
            status["reason"] = self.reason
        if self.details is not None:
            status["details"] = self.details
        status["code"] = self.code
        return status


class PageNotFoundError(Exception):
    """No such path: the plain text 404 of a group, version or resource that is not served."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that is wrong with one field of an object."""

    field: str
    reason: str
    message: str

    def as_json(self) -> Json:
        """Return the cause as it stands in ``details.causes``."""
        return {"reason": self.reason, "message": self.message, "field": self.field}


def required(path: str, why: str = "") -> Cause:
    """Return the cause for a field that must be there."""
    return Cause(path, "FieldValueRequired", f"Required value: {why}" if why else "Required value")


def invalid_value(path: str, shown: str, why: str) -> Cause:
    """Return the cause for a field whose value will not do; ``shown`` is already quoted."""
    return Cause(path, "FieldValueInvalid", f"Invalid value: {shown}: {why}")


@dataclass(frozen=True, slots=True)
class Named:
    """An object of a resource, to speak of it in an answer."""

    resource: Resource
    name: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def details(self) -> Json:
        """Return ``details`` with what is known, as the server leaves out what is empty."""
        found: Json = {"name": self.name, "group": self.resource.group}
        found["kind"] = self.resource.plural
        return {key: value for key, value in found.items() if value} | dict(self.extra)


def bad_request(message: str) -> ApiError:
    """400: the request itself makes no sense."""
    return ApiError(400, "BadRequest", message)


def not_found(resource: Resource, name: str) -> ApiError:
    """404 for an object; ``details.name`` tells it from a resource that is not served."""
    message = f'{resource.qualified} "{name}" not found'
    return ApiError(404, "NotFound", message, Named(resource, name).details)


def resource_not_found() -> ApiError:
    """404 for a resource of the core group, which answers a Status and not plain text."""
    return ApiError(404, "NotFound", "the server could not find the requested resource", {})


def already_exists(resource: Resource, name: str) -> ApiError:
    """409 for a create of what is there."""
    message = f'{resource.qualified} "{name}" already exists'
    return ApiError(409, "AlreadyExists", message, Named(resource, name).details)


def conflict(resource: Resource, name: str, why: str = "") -> ApiError:
    """409 for a write that was made from an old state."""
    why = why or (
        "the object has been modified; "
        "please apply your changes to the latest version and try again"
    )
    message = f'Operation cannot be fulfilled on {resource.qualified} "{name}": {why}'
    return ApiError(409, "Conflict", message, Named(resource, name).details)


def forbidden(resource: Resource, name: str, why: str, causes: Sequence[Cause] = ()) -> ApiError:
    """403 for a write that the server's own rules refuse."""
    subject = f'{resource.qualified} "{name}"' if name else resource.qualified
    extra = {"causes": [cause.as_json() for cause in causes]} if causes else {}
    details = Named(resource, name, extra).details
    return ApiError(403, "Forbidden", f"{subject} is forbidden: {why}", details)


def invalid(resource: Resource, name: str, causes: Sequence[Cause]) -> ApiError:
    """422 for an object whose content is refused; each cause names its field."""
    texts = [f"{cause.field}: {cause.message}" for cause in causes]
    text = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    details: Json = {"name": name, "group": resource.group, "kind": resource.kind}
    details = {key: value for key, value in details.items() if value}
    details["causes"] = [cause.as_json() for cause in causes]
    return ApiError(422, "Invalid", f'{kind} "{name}" is invalid: {text}', details)


def gone(message: str, continue_token: str | None = None) -> ApiError:
    """410: the version asked for is no longer known."""
    return ApiError(410, "Expired", message, continue_token=continue_token)


def too_large_version(asked: int, current: int) -> ApiError:
    """504 for a version from the future, which a real server first waits three seconds for."""
    message = f"Timeout: Too large resource version: {asked}, current: {current}"
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    details = {"causes": [cause], "retryAfterSeconds": 1}
    return ApiError(504, "Timeout", message, details, headers={"Retry-After": "1"})


def initializing() -> ApiError:
    """429 of a custom resource in the first moments of its life."""
    message = "storage is (re)initializing"
    details = {"retryAfterSeconds": 1}
    return ApiError(429, "TooManyRequests", message, details, headers={"Retry-After": "1"})


def unsupported_media_type(accepted: Sequence[str]) -> ApiError:
    """415 for a body in a form that the resource does not take."""
    message = (
        "the body of the request was in an unknown format - accepted media types include: "
        + ", ".join(accepted)
    )
    return ApiError(415, "UnsupportedMediaType", message)


def method_not_allowed() -> ApiError:
    """405 for a verb that the path does not have."""
    message = "the server does not allow this method on the requested resource"
    return ApiError(405, "MethodNotAllowed", message, {})


def success(resource: Resource, name: str, uid: str) -> Json:
    """Return the Status that answers a delete."""
    details = Named(resource, name, {"uid": uid}).details
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": details,
    }
