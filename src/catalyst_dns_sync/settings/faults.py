"""Faults of a setting that has many parts, or whose parts are in a file."""

from pathlib import Path


class FaultsError(ValueError):
    """What is wrong with a setting, one line for each fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def file_text(path: Path) -> str:
    """Return what a file holds that a setting names; raises `FaultsError`."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise FaultsError([f"{path} can't be read: {reason}"]) from error
