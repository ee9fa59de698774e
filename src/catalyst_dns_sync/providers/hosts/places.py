"""Where that is kept which belongs to a hosts file and is no part of it."""

import hashlib
import os
from pathlib import Path


def state_folder() -> Path:
    """Return where programs keep what they need between two runs (XDG Base Directory)."""
    base = os.environ.get("XDG_STATE_HOME", "")
    root = Path(base) if base.startswith("/") else Path.home() / ".local" / "state"
    return root / "catalyst-dns-sync"


def beside(target: Path, ending: str) -> Path:
    """Return the place next to a file."""
    return target.with_name(f".{target.name}.catalyst-dns-sync.{ending}")


def places(target: Path, state: Path, ending: str) -> tuple[Path, Path]:
    """Return the place next to a file, and the one in the ``state`` folder, the second choice."""
    digest = hashlib.sha256(os.fsencode(target)).hexdigest()[:16]
    return beside(target, ending), state / f"{digest}.{ending}"
