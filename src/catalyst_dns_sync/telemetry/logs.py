"""Log lines: JSON for machines, text for people; constant messages, data in fields."""

import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from catalyst_dns_sync import __version__

APP = "catalyst-dns-sync"
_KNOWN = frozenset(RESERVED_ATTRS) | {"taskName", "message", "asctime"}


def configure(level: str, format_: str, stream: TextIO = sys.stdout) -> None:
    """Send all log lines, those of libraries too, to ``stream`` as ``json`` or ``text``."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_json() if format_ == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # At debug these two say something for each byte and each request, and nothing that helps.
    logging.getLogger("asyncio").setLevel(max(root.level, logging.INFO))
    logging.getLogger("aiohttp.access").setLevel(max(root.level, logging.WARNING))


def _json() -> JsonFormatter:
    return _Iso8601(
        ["timestamp", "levelname", "message", "name"],
        rename_fields={"levelname": "level", "message": "msg", "name": "logger"},
        static_fields={"app": APP, "version": __version__},
        json_ensure_ascii=False,
    )


class _Iso8601(JsonFormatter):
    """Adds the time of the event as ISO 8601 with milliseconds, in UTC."""

    def add_fields(
        self,
        log_data: dict[str, object],
        record: logging.LogRecord,
        message_dict: dict[str, object],
    ) -> None:
        super().add_fields(log_data, record, message_dict)
        log_data["timestamp"] = _time(record).isoformat(timespec="milliseconds")


class TextFormatter(logging.Formatter):
    """One line for people: time, level, message, and the fields as ``key=value``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and below it the traceback where there is one."""
        fields = " ".join(
            f"{key}={_quoted(str(value))}"
            for key, value in vars(record).items()
            if key not in _KNOWN and not key.startswith("_")
        )
        clock = _time(record).astimezone().strftime("%H:%M:%S")
        line = f"{clock} {record.levelname:<7} {record.getMessage()} {fields}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text


def _time(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)
