"""Errors as exit codes."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from catalyst_dns_sync.core.errors import CatalystError
from catalyst_dns_sync.settings.model import SettingsError

TROUBLE = 1
BAD_INPUT = 2


@contextmanager
def errors_as_exit_codes() -> Iterator[None]:
    """Turn errors that we know into lines on stderr and an exit code; a bug keeps its traceback."""
    try:
        yield
    except* CatalystError as group:
        known = list(_flattened(group))
        for error in known:
            for line in str(error).splitlines():
                sys.stderr.write(f"error: {line}\n")
        bad_input = any(isinstance(error, SettingsError) for error in known)
        raise SystemExit(BAD_INPUT if bad_input else TROUBLE) from None


def _flattened(group: BaseExceptionGroup[CatalystError]) -> Iterator[CatalystError]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _flattened(error)
        else:
            yield error
