import errno
import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from catalyst_dns_sync.control.context import about
from catalyst_dns_sync.telemetry import logs

log = logging.getLogger("catalyst_dns_sync.test")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, hook = list(root.handlers), root.level, sys.excepthook
    yield
    logs.set_level(logging.getLevelName(level))
    root.handlers[:] = handlers
    sys.excepthook = hook
    logging.captureWarnings(capture=False)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@contextmanager
def written(format_: str = "json", level: str = "info") -> Iterator[io.StringIO]:
    stream = io.StringIO()
    logs.configure(level, format_, stream)
    yield stream


def only(stream: io.StringIO) -> dict[str, Any]:
    (line,) = stream.getvalue().splitlines()
    entry: dict[str, Any] = json.loads(line)
    return entry


class Full(io.StringIO):
    def write(self, _text: str, /) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_told_once_on_stderr_and_stops_nobody(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("info", "json", Full())

    log.info("said")
    log.info("said again")

    assert capsys.readouterr().err == "error: the log can't be written: No space left on device\n"


def test_a_line_is_flat_whatever_is_put_into_it() -> None:
    extra = {
        "names": ["a", "b"],
        "pairs": {"x": 1},
        "nothing": None,
        "path": Path("/tmp"),
        "yes": True,
        "odd": float("nan"),
    }
    with written() as stream:
        log.info("said", extra=extra)

    entry = only(stream)
    for key in ("timestamp", "version"):
        del entry[key]
    assert entry == {
        "level": "INFO",
        "msg": "said",
        "logger": "catalyst_dns_sync.test",
        "app": "catalyst-dns-sync",
        "names": "a,b",
        "pairs": "x=1",
        "path": "/tmp",
        "yes": True,
        "odd": "nan",
    }


def test_a_line_says_what_the_work_is_about_unless_it_says_so_itself() -> None:
    with written() as stream, about({"zone": "lab.test", "pass": 1}), about({"pass": 2}):
        log.info("said", extra={"zone": "other.test"})

    entry = only(stream)
    assert (entry["zone"], entry["pass"]) == ("other.test", 2)


def test_a_traceback_is_one_field() -> None:
    with written() as stream:
        try:
            int("in two\nlines")
        except ValueError:
            log.exception("failed")

    assert only(stream)["traceback"].endswith(r"'in two\nlines'")


def test_the_error_that_ends_the_process_is_a_line_like_the_others() -> None:
    with written() as stream:
        error = RuntimeError("bug")
        sys.excepthook(RuntimeError, error, error.__traceback__)

    entry = only(stream)
    assert (entry["level"], entry["msg"]) == ("CRITICAL", "ended by a bug")
    assert entry["traceback"] == "RuntimeError: bug"


def test_text_lets_nothing_look_like_another_line_or_speak_to_the_terminal() -> None:
    with written("text") as stream:
        log.info("said", extra={"error": "a\nb \x1b[31m", "dns_name": "app.lab.test"})

    (line,) = stream.getvalue().splitlines()
    assert line.endswith('INFO    said error="a\\nb \\u001b[31m" dns_name=app.lab.test')


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_colours_are_for_terminals_that_want_them(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], *, coloured: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    stream = Terminal()
    logs.configure("info", "text", stream)

    log.warning("said")

    assert ("\x1b[" in stream.getvalue()) == coloured


@pytest.mark.parametrize(
    ("settled", "back"), [("info", "info"), ("error", "error"), ("debug", "info")]
)
def test_debug_is_switched_on_and_off_again(settled: str, back: str) -> None:
    with written(level=settled):
        seen = [logs.toggle_debug(), logs.toggle_debug()]

    assert seen == ([back, "debug"] if settled == "debug" else ["debug", back])
