"""Writes a file where it is, for where no other can take its place.

Until that is done a safety copy has the old and the new text, so that what a crash tore is put
right at the next start.
"""

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path

from catalyst_dns_sync.control.ports import ProviderRejectedError
from catalyst_dns_sync.providers.hosts.disk import Disk
from catalyst_dns_sync.providers.hosts.places import places

log = logging.getLogger(__name__)

_MAGIC = b"catalyst-dns-sync safety copy 1"


class InPlace:
    """Writes in place what people call ``path``; ``state`` is a folder for the safety copy."""

    def __init__(self, path: Path, state: Path, disk: Disk) -> None:
        self._path = path
        self._state = state
        self._disk = disk

    def write(self, target: Path, old: bytes, new: bytes, check: Callable[[], None]) -> None:
        """Write ``new`` over ``old``; ``check`` raises where the file is not ``old`` any more."""
        disk = self._disk
        descriptor = disk.open(target)
        try:
            copy = self._keep_copy(target, old, new)
            check()
            self._overwrite(descriptor, old, new)
        finally:
            disk.close(descriptor)
        disk.remove(copy)

    def recover(self, target: Path) -> None:
        """Finish what a crash left half done, if nobody has touched the file since."""
        for path in self._copies(target):
            try:
                sealed = path.read_bytes()
            except OSError:
                continue
            texts = _unsealed(sealed)
            held = target.read_bytes() if target.exists() else b""
            if texts is not None and held not in texts:
                if not _is_torn(held, *texts):
                    kept = path.with_suffix(".kept")
                    self._disk.rename(path, kept)
                    extra = {"file": str(self._path), "copy": str(kept)}
                    log.warning("a write was broken off and the file changed since", extra=extra)
                    continue
                extra = {"file": str(self._path)}
                log.warning("finishing a write that was broken off", extra=extra)
                descriptor = self._disk.open(target)
                try:
                    self._overwrite(descriptor, held, texts[1])
                finally:
                    self._disk.close(descriptor)
            self._disk.remove(path)

    def _copies(self, target: Path) -> tuple[Path, Path]:
        return places(target, self._state, "copy")

    def _keep_copy(self, target: Path, old: bytes, new: bytes) -> Path:
        trouble: OSError | None = None
        for path in self._copies(target):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._disk.remove(path)
                descriptor = self._disk.create(path)
            except OSError as error:
                trouble = error
                continue
            try:
                self._disk.write_all(descriptor, _sealed(old, new))
                self._disk.sync(descriptor)
            finally:
                self._disk.close(descriptor)
            self._disk.sync_folder(path.parent)
            return path
        raise ProviderRejectedError(
            f"{self._path} can only be written where it is, and there is no place for a safety "
            f"copy ({trouble}): set XDG_STATE_HOME to a folder that may be written to"
        )

    def _overwrite(self, descriptor: int, old: bytes, new: bytes) -> None:
        """Write over a file so that each step leaves a hosts file that says the old or the new."""
        # Empty lines cover what is left of a longer text until the file is cut.
        self._disk.write_all(descriptor, new.ljust(len(old), b"\n"))
        self._disk.sync(descriptor)
        if len(new) < len(old):
            self._disk.truncate(descriptor, len(new))
            self._disk.sync(descriptor)


def _is_torn(held: bytes, old: bytes, new: bytes) -> bool:
    """Tell whether a write of ``new`` over ``old`` that was broken off leaves this."""
    padded = new.ljust(len(old), b"\n")
    pairs = enumerate(zip(held, padded, strict=False))
    ours = next((at for at, (one, other) in pairs if one != other), min(len(held), len(padded)))
    return held == padded[:ours] + old[ours:]


def _sealed(old: bytes, new: bytes) -> bytes:
    digest = hashlib.sha256(old + new).hexdigest().encode()
    return b"%s %d %s\n%s%s" % (_MAGIC, len(old), digest, old, new)


def _unsealed(sealed: bytes) -> tuple[bytes, bytes] | None:
    """Return old and new text, or None where the copy itself was not finished."""
    head, _, body = sealed.partition(b"\n")
    words = head.removeprefix(_MAGIC).split()
    if not head.startswith(_MAGIC) or len(words) != 2 or not words[0].isdigit():
        return None
    if hashlib.sha256(body).hexdigest().encode() != words[1]:
        return None
    cut = int(words[0])
    return body[:cut], body[cut:]
