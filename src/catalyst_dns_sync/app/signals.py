"""What the process does on signals, and how loud it is."""

import asyncio
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from catalyst_dns_sync.telemetry import logs

log = logging.getLogger(__name__)


@contextmanager
def event_on(*signals: signal.Signals) -> Iterator[asyncio.Event]:
    """Yield an event that each of the signals sets."""
    loop, event = asyncio.get_running_loop(), asyncio.Event()
    for number in signals:
        loop.add_signal_handler(number, event.set)
    try:
        yield event
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


@contextmanager
def debug_on(number: signal.Signals) -> Iterator[None]:
    """Let the signal switch the log to debug, and the next one back, while the block runs."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(number, lambda: _say_level(logs.toggle_debug()))
    try:
        yield
    finally:
        loop.remove_signal_handler(number)


def set_level(level: str) -> None:
    """Let the log have another level, and say so."""
    logs.set_level(level)
    _say_level(level)


def _say_level(level: str) -> None:
    log.warning("log level changed", extra={"log_level": level})
