"""What a log line is about: said once, around the work, and part of each line written inside."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

_FIELDS: ContextVar[Mapping[str, object]] = ContextVar("log_fields", default=MappingProxyType({}))


def log_fields() -> Mapping[str, object]:
    """Return the fields of the work that is under way here."""
    return _FIELDS.get()


@contextmanager
def about(fields: Mapping[str, object]) -> Iterator[None]:
    """Add fields to all log lines of the block, and of the tasks that are started in it."""
    token = _FIELDS.set(MappingProxyType({**_FIELDS.get(), **fields}))
    try:
        yield
    finally:
        _FIELDS.reset(token)
