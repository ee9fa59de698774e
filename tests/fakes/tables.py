"""Tables of cases, as files."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

CASES = Path(__file__).parents[1] / "cases"


@cache
def table(name: str) -> Any:
    """Return what `tests/cases/NAME` holds; each worker reads all of them, so in C if possible."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (CASES / name).read_text(encoding="utf-8")
    return yaml.load(text, Loader=loader)
