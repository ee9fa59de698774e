"""Reads a hosts file and writes it so that it is old or new, whatever happens in between.

The usual way is a new file that takes the old one's place. A bind mount can't be replaced, nor a
file in a folder that we may not write to: such a file is written where it is, and until that is
done a safety copy has both texts, so that what a crash tore is put right at the next start.
"""

import errno
import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from catalyst_dns_sync.control.ports import ProviderRejectedError, ProviderUnavailableError
from catalyst_dns_sync.providers.hosts.disk import Disk

log = logging.getLogger(__name__)

DEFAULT_MODE = 0o644
_MAGIC = b"catalyst-dns-sync safety copy 1"
_IN_PLACE = frozenset(
    {errno.EBUSY, errno.EXDEV, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTSUP}
)
_ELSEWHERE = frozenset({errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP})


class FileMovedError(Exception):
    """The file is not as it was when it was read."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as it was read; ``content`` is None where there is none yet."""

    content: bytes | None
    stamp: tuple[int, ...]
    changed_at: float

    @property
    def text(self) -> bytes:
        """What the file says; nothing where there is none."""
        return self.content or b""


class HostsFileStore:
    """One hosts file on the disk; all its methods block.

    ``path`` may be a symbolic link: the file at its end is read and written, and the link stays.
    ``state`` is a folder for what can't be kept beside the file.
    """

    def __init__(self, path: Path, state: Path, disk: Disk | None = None) -> None:
        self.path = path
        self._state = state
        self._disk = disk or Disk()
        self._lock: tuple[int, Path] | None = None

    def read(self) -> Reading:
        """Return the file as it is now; raises `ProviderError` where it can't be read."""
        with self._errors("read"):
            target = self._target()
            try:
                with target.open("rb") as file:
                    before = os.fstat(file.fileno())
                    return Reading(file.read(), _stamp(before), before.st_mtime)
            except FileNotFoundError:
                return Reading(None, (), 0.0)

    def acquire(self) -> None:
        """Take the file for this process, until `release`; puts right what a crash left.

        Raises `ProviderError` where another process has it, or where it can't be written.
        """
        if self._lock is not None:
            return
        with self._errors("written"):
            target = self._target()
            self._check_writable(target)
            self._lock = self._locked(target)
            self._recover(target)

    def release(self) -> None:
        """Let others have the file."""
        if self._lock is not None:
            descriptor, path = self._lock
            self._lock = None
            with suppress(OSError):
                self._disk.remove(path)
            self._disk.close(descriptor)

    def write(self, reading: Reading, content: bytes) -> None:
        """Put new content in the place of what was read.

        Raises `FileMovedError` where somebody else wrote meanwhile, and `ProviderError`.
        """
        self.acquire()
        with self._errors("written"):
            target = self._target()
            try:
                self._replace(target, reading, content)
            except OSError as error:
                if error.errno == errno.ENOENT and not target.exists():
                    raise FileMovedError from error
                if error.errno not in _IN_PLACE or reading.content is None:
                    raise
                self._write_in_place(target, reading, content)

    def _target(self) -> Path:
        return self.path.resolve()

    def _replace(self, target: Path, reading: Reading, content: bytes) -> None:
        disk, fresh = self._disk, _beside(target, "new")
        disk.remove(fresh)
        try:
            descriptor = disk.create(fresh)
            try:
                _write_all(disk, descriptor, content)
                like = target if reading.content is not None else None
                disk.dress(descriptor, like, DEFAULT_MODE)
                disk.sync(descriptor)
            finally:
                disk.close(descriptor)
            _check_unmoved(target, reading)
            disk.rename(fresh, target)
        except BaseException:
            with suppress(OSError):
                disk.remove(fresh)
            raise
        disk.sync_folder(target.parent)

    def _write_in_place(self, target: Path, reading: Reading, content: bytes) -> None:
        disk = self._disk
        descriptor = disk.open(target)
        try:
            copy = self._keep_copy(target, reading.text, content)
            _check_unmoved(target, reading)
            _overwrite(disk, descriptor, reading.text, content)
        finally:
            disk.close(descriptor)
        disk.remove(copy)

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
                _write_all(self._disk, descriptor, _sealed(old, new))
                self._disk.sync(descriptor)
            finally:
                self._disk.close(descriptor)
            self._disk.sync_folder(path.parent)
            return path
        raise ProviderRejectedError(
            f"{self.path} can only be written where it is, and there is no place for a safety "
            f"copy ({trouble}): set XDG_STATE_HOME to a folder that may be written to"
        )

    def _copies(self, target: Path) -> tuple[Path, Path]:
        return _beside(target, "copy"), self._state / f"{_digest(target)}.copy"

    def _recover(self, target: Path) -> None:
        """Finish what a crash left half done in place, if nobody has touched the file since."""
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
                    extra = {"file": str(self.path), "copy": str(kept)}
                    log.warning("a write was broken off and the file changed since", extra=extra)
                    continue
                log.warning("finishing a write that was broken off", extra={"file": str(self.path)})
                descriptor = self._disk.open(target)
                try:
                    _overwrite(self._disk, descriptor, held, texts[1])
                finally:
                    self._disk.close(descriptor)
            self._disk.remove(path)

    def _locked(self, target: Path) -> tuple[int, Path]:
        """Return a lock on a file beside, or in the state folder where that can't be written."""
        for path in (_beside(target, "lock"), self._state / f"{_digest(target)}.lock"):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                descriptor = self._lock_file(path)
            except OSError as error:
                if error.errno not in _IN_PLACE:
                    raise
                continue
            if descriptor is None:
                raise ProviderRejectedError(
                    f"another catalyst-dns-sync works on {self.path}: end it first"
                )
            return descriptor, path
        raise PermissionError(errno.EACCES, "no place for a lock")

    def _lock_file(self, path: Path) -> int | None:
        while True:
            descriptor = self._disk.lock(path)
            if descriptor is None:
                return None
            # Whoever let it go removed it: a lock on a file without a name excludes nobody.
            with suppress(FileNotFoundError):
                if os.fstat(descriptor).st_ino == path.stat().st_ino:
                    return descriptor
            self._disk.close(descriptor)

    def _check_writable(self, target: Path) -> None:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        if not target.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, f"there is no folder {target.parent}")
        if not os.access(target if target.exists() else target.parent, os.W_OK):
            is_read_only = os.statvfs(target.parent).f_flag & os.ST_RDONLY
            code = errno.EROFS if is_read_only else errno.EACCES
            raise OSError(code, os.strerror(code))

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._translated(error, what) from error
        except RuntimeError as error:
            # What pathlib raises for a symbolic link that leads to itself.
            raise ProviderRejectedError(f"{self.path} can't be {what}: {error}") from error

    def _translated(
        self, error: OSError, what: str
    ) -> ProviderRejectedError | ProviderUnavailableError:
        text = f"{self.path} can't be {what}: {error.strerror or error}"
        if error.errno in (errno.EACCES, errno.EPERM):
            return ProviderRejectedError(
                f"{text}; run it with sudo, or name another file in HOSTS_FILE (--hosts-file)"
            )
        if error.errno in _ELSEWHERE:
            return ProviderRejectedError(f"{text}; name another file in HOSTS_FILE (--hosts-file)")
        return ProviderUnavailableError(text)


def state_folder() -> Path:
    """Return where programs keep what they need between two runs (XDG Base Directory)."""
    base = os.environ.get("XDG_STATE_HOME", "")
    root = Path(base) if base.startswith("/") else Path.home() / ".local" / "state"
    return root / "catalyst-dns-sync"


def _beside(target: Path, ending: str) -> Path:
    return target.with_name(f".{target.name}.catalyst-dns-sync.{ending}")


def _digest(target: Path) -> str:
    return hashlib.sha256(os.fsencode(target)).hexdigest()[:16]


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _check_unmoved(target: Path, reading: Reading) -> None:
    try:
        stamp = _stamp(target.stat())
    except FileNotFoundError:
        stamp = ()
    if stamp != reading.stamp:
        raise FileMovedError


def _write_all(disk: Disk, descriptor: int, content: bytes) -> None:
    at = 0
    while at < len(content):
        at += disk.write(descriptor, content[at:], at)


def _overwrite(disk: Disk, descriptor: int, old: bytes, new: bytes) -> None:
    """Write over a file so that each step leaves a hosts file that says the old or the new."""
    # Empty lines cover what is left of a longer text until the file is cut.
    _write_all(disk, descriptor, new.ljust(len(old), b"\n"))
    disk.sync(descriptor)
    if len(new) < len(old):
        disk.truncate(descriptor, len(new))
        disk.sync(descriptor)


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
