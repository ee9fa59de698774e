"""Explanations as people and as programs read them."""

import json
from collections.abc import Iterator

from catalyst_dns_sync.cli.paint import Colour, Paint
from catalyst_dns_sync.core.explain import Explanation, Outcome, Step

_COLOURS = {
    Outcome.OK: Colour.GREEN,
    Outcome.NOTE: Colour.YELLOW,
    Outcome.WAITS: Colour.CYAN,
    Outcome.STOPS: Colour.RED,
}
_INDENT = " " * 17


def as_json(told: Explanation, server: str = "") -> str:
    """Return it as JSON; ``server`` is whose it is, where there are several."""
    body = told.as_dict()
    if server:
        body = {"name": told.name, "server": server, **body}
    return json.dumps(body, indent=2)


def as_text(told: Explanation, paint: Paint) -> str:
    """Return it for people: a line a step, and what would mend it below."""
    stop = told.stopped_by
    lines = [line for step in told.steps for line in _lines(step, paint)]
    colour = _COLOURS[stop.outcome] if stop is not None else Colour.BOLD
    lines += ["", paint(told.verdict, colour)]
    if stop is not None and stop.advice:
        lines.append(f"To mend it: {stop.advice}")
    return "\n".join(lines)


def _lines(step: Step, paint: Paint) -> Iterator[str]:
    outcome = paint(f"{step.outcome:<6}", _COLOURS[step.outcome])
    yield f"{outcome} {step.stage:<9} {step.detail}"
    yield from (f"{_INDENT}{line}" for line in step.more)
    if step.advice:
        yield paint(f"{_INDENT}-> {step.advice}", Colour.DIM)
