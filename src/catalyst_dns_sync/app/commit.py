"""Which commit this program was built from."""

from pathlib import Path

import catalyst_dns_sync

_UNKNOWN = "unknown"


def commit() -> str:
    """Return the short commit id of the wheel or of the checkout, else ``unknown``."""
    package = Path(catalyst_dns_sync.__file__).parent
    try:
        built_from = package / "COMMIT"
        if built_from.is_file():
            return built_from.read_text(encoding="ascii").strip() or _UNKNOWN
        return _of_checkout(package.parent.parent / ".git")
    except (OSError, ValueError):
        return _UNKNOWN


def _of_checkout(git: Path) -> str:
    head = (git / "HEAD").read_text(encoding="ascii").strip()
    if not head.startswith("ref: "):
        return head[:12]
    ref = head.removeprefix("ref: ")
    if (git / ref).is_file():
        return (git / ref).read_text(encoding="ascii").strip()[:12]
    packed = (git / "packed-refs").read_text(encoding="ascii").splitlines()
    ids = [line.split(" ")[0] for line in packed if line.endswith(f" {ref}")]
    return ids[0][:12] if ids else _UNKNOWN
