"""Print the development requirements of pyproject.toml: pip 23 does not read dependency groups."""

import sys
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"

groups = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["dependency-groups"]
sys.stdout.write(" ".join(line.replace(" ", "") for line in groups["dev"]))
