"""What requests say, read strictly: what is not understood is refused, never left out."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from aiohttp import web

from catalyst_dns_sync.core.names import DnsName, InvalidNameError, parse_name
from catalyst_dns_sync.web.guard import body_of
from catalyst_dns_sync.web.problems import ProblemError
from catalyst_dns_sync.web.ui.model import Query, State

SORTS = ("name", "state", "type", "target", "ttl", "origin")
STATES = tuple(state.replace(" ", "-") for state in State)
_FILTERS = frozenset({"text", "zone", "state", "namespace", "kind", "sort", "page"})


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a JSON object."""

    values: Mapping[str, object]

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; raises `ProblemError` where it is missing or something else."""
        value = self.values.get(key, default)
        if not isinstance(value, str):
            raise ProblemError(400, f"{key}: a text is wanted")
        return value

    def texts(self, key: str) -> list[str]:
        """Return a list of texts, at least one; raises `ProblemError`."""
        value = self.values.get(key)
        if not isinstance(value, list) or not value:
            raise ProblemError(400, f"{key}: a list of texts is wanted")
        texts = [one for one in value if isinstance(one, str)]
        if len(texts) != len(value):
            raise ProblemError(400, f"{key}: a list of texts is wanted")
        return texts

    def number(self, key: str) -> int | None:
        """Return a whole number, None where there is none; raises `ProblemError`."""
        value = self.values.get(key)
        if isinstance(value, float) and value.is_integer():
            # JSON knows one sort of numbers, and some programs write 60 as 60.0.
            return int(value)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise ProblemError(400, f"{key}: a whole number is wanted")
        return value


async def fields_of(request: web.Request, known: Collection[str], *, needed: bool = True) -> Fields:
    """Return the fields of the body, of which only those may be there; raises `ProblemError`.

    A body must be JSON by its own word: a form of somebody else's page can't say that.
    """
    body = await body_of(request)
    if not body and not needed:
        return Fields({})
    if request.content_type != "application/json":
        raise ProblemError(415, "send JSON, with Content-Type: application/json")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProblemError(400, "the body is no JSON") from error
    if not isinstance(value, dict):
        raise ProblemError(400, "a JSON object is wanted")
    if unknown := sorted(value.keys() - set(known)):
        raise ProblemError(400, f"{unknown[0]!r} is not known here; there are {_list(known)}")
    return Fields(value)


def name_of(text: str) -> DnsName:
    """Return a name; raises `ProblemError`."""
    try:
        return parse_name(text)
    except InvalidNameError as error:
        raise ProblemError(400, str(error)) from error


def query_of(given: Mapping[str, str]) -> Query:
    """Return what of the records is asked for; raises `ProblemError`."""
    if unknown := sorted(given.keys() - _FILTERS):
        raise ProblemError(400, f"{unknown[0]!r} is no filter; there are {_list(_FILTERS)}")
    state, sort, page = given.get("state", ""), given.get("sort", "name"), given.get("page", "1")
    if state and state not in STATES:
        raise ProblemError(400, f"state: one of {', '.join(STATES)} is wanted")
    if sort.removeprefix("-") not in SORTS:
        raise ProblemError(400, f"sort: one of {', '.join(SORTS)} is wanted, - before it reverses")
    if not (page.isascii() and page.isdecimal() and len(page) < 8 and int(page) > 0):
        raise ProblemError(400, "page: a number from 1 is wanted")
    return Query(
        text=given.get("text", ""),
        zone=given.get("zone", ""),
        state=state.replace("-", " "),
        namespace=given.get("namespace", ""),
        kind=given.get("kind", ""),
        sort=sort,
        page=int(page),
    )


def _list(words: Collection[str]) -> str:
    return ", ".join(sorted(words))
