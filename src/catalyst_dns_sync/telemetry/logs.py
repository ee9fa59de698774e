"""Log lines: JSON for machines, text for people; constant messages, data in flat fields.

Field names are such as GELF takes, and values are texts, numbers and truth values, so that a JSON
extractor takes them as they are: lists are joined, what is None is left out.
"""

import json
import logging
import math
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from catalyst_dns_sync import __version__
from catalyst_dns_sync.control.context import log_fields

APP = "catalyst-dns-sync"
LEVELS = ("debug", "info", "warning", "error")
_KNOWN = frozenset(RESERVED_ATTRS) | {"taskName", "message", "asctime"}
_UNSHOWN = _KNOWN | {"pass"}
_PLAIN = re.compile(r"[^\s\"'=\x00-\x1f\x7f-\x9f]+")


class Output(logging.StreamHandler[TextIO]):
    """Where our lines go; ``settled`` is the level that the settings say."""

    def __init__(self, stream: TextIO, settled: int) -> None:
        super().__init__(stream)
        self.settled = settled
        self._is_told = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        """Say once on stderr that the log can't be written; a full disk stops nobody's work."""
        error = sys.exception()
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self._is_told:
            self._is_told = True
            with suppress(OSError):
                sys.stderr.write(f"error: the log can't be written: {error.strerror}\n")

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the fields of the work under way, where the line does not say them itself."""
        for key, value in log_fields().items():
            record.__dict__.setdefault(key, value)
        return super().filter(record)


def configure(level: str, format_: str, stream: TextIO | None = None) -> None:
    """Send all log lines, those of libraries too, to ``stream`` as ``json`` or ``text``.

    Without a stream it is stdout. Also an error that ends the process becomes such a line.
    """
    out = sys.stdout if stream is None else stream
    handler = Output(out, logging.getLevelNamesMapping()[level.upper()])
    handler.setFormatter(_json() if format_ == "json" else TextFormatter(colours=_has_colours(out)))
    logging.getLogger().handlers[:] = [handler]
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_the_end
    set_level(level)


def level() -> str:
    """Return the level in force."""
    return logging.getLevelName(logging.getLogger().level).lower()


def set_level(level: str) -> None:
    """Set the level, one of `LEVELS`."""
    root = logging.getLogger()
    root.setLevel(level.upper())
    # At debug these say something for each byte and each request, and nothing that helps.
    logging.getLogger("asyncio").setLevel(max(root.level, logging.INFO))
    logging.getLogger("aiohttp.access").setLevel(max(root.level, logging.WARNING))


def toggle_debug() -> str:
    """Switch to debug, or from there back to what the settings say; returns the new level."""
    settled = next(
        (one.settled for one in logging.getLogger().handlers if isinstance(one, Output)),
        logging.INFO,
    )
    back = max(settled, logging.INFO) if level() == "debug" else logging.DEBUG
    set_level(logging.getLevelName(back))
    return level()


def _log_the_end(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger(APP).critical("ended by a bug", exc_info=(kind, error, trace))


def _json() -> JsonFormatter:
    return _FlatJson(
        ["timestamp", "levelname", "message", "name"],
        rename_fields={
            "levelname": "level",
            "message": "msg",
            "name": "logger",
            "exc_info": "traceback",
            "stack_info": "stack",
        },
        rename_fields_keep_missing=False,
        static_fields={"app": APP, "version": __version__},
        json_ensure_ascii=False,
    )


class _FlatJson(JsonFormatter):
    """Adds the time of the event as ISO 8601 with milliseconds, in UTC; makes all values flat."""

    def add_fields(
        self,
        log_data: dict[str, object],
        record: logging.LogRecord,
        message_dict: dict[str, object],
    ) -> None:
        super().add_fields(log_data, record, message_dict)
        log_data["timestamp"] = _time(record).isoformat(timespec="milliseconds")
        for key, value in list(log_data.items()):
            if value is None:
                del log_data[key]
            else:
                log_data[key] = _flat(value)


def _flat(value: object) -> str | int | float:
    match value:
        case str():
            return str(value)
        case float() if not math.isfinite(value):
            return str(value)
        case bool() | int() | float():
            return value
        case Mapping():
            return ",".join(f"{key}={_flat(inner)}" for key, inner in value.items())
        case Iterable():
            return ",".join(str(_flat(inner)) for inner in value)
        case _:
            return str(value)


class TextFormatter(logging.Formatter):
    """One line for people: time, level, message, and the fields as ``key=value``."""

    def __init__(self, *, colours: bool = False) -> None:
        super().__init__()
        self._colours = colours

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and below it the traceback where there is one."""
        clock = _time(record).astimezone().strftime("%H:%M:%S")
        level = self._painted(f"{record.levelname:<7}", _COLOURS.get(record.levelno, ""))
        fields = " ".join(
            f"{self._painted(f'{key}=', _DIM)}{_quoted(str(_flat(value)))}"
            for key, value in _fields(record)
        )
        message = record.getMessage()
        if record.levelno >= logging.WARNING:
            message = self._painted(message, _BOLD)
        line = f"{self._painted(clock, _DIM)} {level} {message} {fields}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line

    def _painted(self, text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colours and colour else text


_DIM, _BOLD = "2", "1"
_COLOURS: Mapping[int, str] = {
    logging.DEBUG: "2",
    logging.INFO: "32",
    logging.WARNING: "33",
    logging.ERROR: "31",
    logging.CRITICAL: "1;31",
}


def _has_colours(stream: TextIO) -> bool:
    """Tell whether colours are wanted: on a terminal, unless NO_COLOR (no-color.org) is set."""
    dumb = os.environ.get("TERM", "") in ("", "dumb")
    return stream.isatty() and not dumb and not os.environ.get("NO_COLOR")


def _fields(record: logging.LogRecord) -> Iterator[tuple[str, object]]:
    for key, value in vars(record).items():
        if key not in _UNSHOWN and not key.startswith("_") and value is not None:
            yield key, value


def _quoted(text: str) -> str:
    # Texts come from objects and servers: nothing in them may look like another line or field,
    # or speak to the terminal.
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=not text.isprintable())


def _time(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)
