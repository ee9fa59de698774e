"""Lists, whole or page by page; all pages show the state of the first one's version."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import NoReturn

from catalyst_dns_sync.sandbox.kube_api.encoding import Json, to_bytes
from catalyst_dns_sync.sandbox.kube_api.selection import Selection
from catalyst_dns_sync.sandbox.kube_api.status import (
    ApiError,
    Cause,
    bad_request,
    gone,
    too_large_version,
)
from catalyst_dns_sync.sandbox.kube_api.store import Collection, ForgottenError, Stored

_EXPIRED_PAGES = (
    "The provided continue parameter is too old to display a consistent list result. You can start "
    "a new list without the continue parameter, or use the continue token in this response to "
    "retrieve the remainder of the results. Continuing with the provided token results in an "
    "inconsistent list - objects that were created, modified, or deleted between the time the "
    "first chunk was returned and now may show up in the list."
)


@dataclass(frozen=True, slots=True)
class ListOptions:
    """What the query of a list asks for; ``version`` is None where it says nothing."""

    version: int | None = None
    match: str = ""
    limit: int = 0
    continue_token: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Objects, and the version whose state they show; ``remaining`` is None where unknown."""

    items: list[Stored]
    version: int
    continue_token: str = ""
    remaining: int | None = None

    def metadata(self, *, custom: bool) -> Json:
        """Return the list's metadata; only custom resources show an empty ``continue``."""
        found: Json = {"resourceVersion": str(self.version)}
        if self.continue_token or custom:
            found["continue"] = self.continue_token
        if self.remaining is not None:
            found["remainingItemCount"] = self.remaining
        return found


def parse_list_options(query: Mapping[str, str]) -> ListOptions:
    """Read a list's query; raises `ApiError` 400 or 422 for what makes no sense."""
    version = parse_version(query.get("resourceVersion", ""))
    match = query.get("resourceVersionMatch", "")
    token = query.get("continue", "")
    if "sendInitialEvents" in query:
        raise list_options_error("sendInitialEvents", "sendInitialEvents is forbidden for list")
    if match and version is None:
        why = "resourceVersionMatch is forbidden unless resourceVersion is provided"
        raise list_options_error("resourceVersionMatch", why)
    if match not in {"", "Exact", "NotOlderThan"}:
        raise list_options_error("resourceVersionMatch", f'Unsupported value: "{match}"')
    if match == "Exact" and version == 0:
        why = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
        raise list_options_error("resourceVersionMatch", why)
    if token and version:
        raise bad_request("specifying resource version is not allowed when using continue")
    limit = parse_whole_number(query, "limit")
    return ListOptions(version, match, limit, token)


def parse_version(text: str) -> int | None:
    """Return a resourceVersion, None for no text; raises `ApiError` 400."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        why = f"strconv.ParseUint: parsing {json.dumps(text)}: invalid syntax"
        raise bad_request(f"invalid resource version: Invalid value: {json.dumps(text)}: {why}")
    return int(text)


def parse_whole_number(query: Mapping[str, str], key: str) -> int:
    """Return a number of a query, 0 where it is missing; raises `ApiError` 400."""
    text = query.get(key, "")
    if not text:
        return 0
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 19):
        why = f"strconv.ParseInt: parsing {json.dumps(text)}: invalid syntax"
        raise bad_request(f"converting ({json.dumps([text])}) to int64: {why}")
    return max(int(text), 0)


def page_of(
    collection: Collection, current: int, selection: Selection, options: ListOptions
) -> Page:
    """Return one page; raises `ApiError` 400, 410 or 504."""
    version, first, limit = current, selection.first_key, options.limit
    if options.continue_token:
        version, start = _read_token(options.continue_token, current)
        first = f"{selection.first_key}{start}"
    elif options.version is not None:
        if options.version > current:
            raise too_large_version(options.version, current)
        if options.match == "Exact":
            version = options.version
        elif options.version == 0:
            # It is answered from the watch cache, which knows no pages.
            limit = 0
    try:
        found = collection.between_at(version, first, selection.end_key)
    except ForgottenError as error:
        if not options.continue_token:
            raise gone(f"too old resource version: {version} ({error.oldest})") from error
        start = first.removeprefix(selection.first_key)
        raise gone(_EXPIRED_PAGES, _token(0, start)) from error
    chosen = (stored for stored in found if selection.holds_for(stored))
    return _cut(chosen, version, limit, selection)


def _cut(chosen: Iterator[Stored], version: int, limit: int, selection: Selection) -> Page:
    if not limit:
        return Page(list(chosen), version)
    items = list(islice(chosen, limit))
    following = next(chosen, None)
    if following is None:
        return Page(items, version)
    token = _token(version, items[-1].key.removeprefix(selection.first_key) + "\0")
    remaining = None if selection.selects else 1 + _count(chosen)
    return Page(items, version, token, remaining)


def _count(rest: Iterator[Stored]) -> int:
    return sum(1 for _ in rest)


def _token(version: int, start: str) -> str:
    content = to_bytes({"v": "meta.k8s.io/v1", "rv": version or -1, "start": f"/{start}"})
    content = content.replace(b"\x00", b"\\u0000")
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _read_token(token: str, current: int) -> tuple[int, str]:
    try:
        padded = token + "=" * (-len(token) % 4)
        content = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError) as error:
        _refuse_token(str(error), error)
    if not isinstance(content, dict) or content.get("v") != "meta.k8s.io/v1":
        _refuse_token("server does not recognize this encoded version", None)
    version, start = content.get("rv"), content.get("start")
    if not isinstance(version, int) or not isinstance(start, str) or not start.startswith("/"):
        _refuse_token("incorrect encoded start resourceVersion or key", None)
    # A token that came with a 410 goes on with the present state.
    return (current if version < 0 else version), start[1:]


def _refuse_token(why: str, cause: Exception | None) -> NoReturn:
    raise bad_request(f"invalid continue token: continue key is not valid: {why}") from cause


def list_options_error(field: str, why: str) -> ApiError:
    """422 for options of a list or watch that do not go together."""
    cause = Cause(field, "FieldValueForbidden", f"Forbidden: {why}")
    message = f'ListOptions.meta.k8s.io "" is invalid: {field}: {cause.message}'
    details = {"group": "meta.k8s.io", "kind": "ListOptions", "causes": [cause.as_json()]}
    return ApiError(422, "Invalid", message, details)
