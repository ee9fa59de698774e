"""Reads a hosts file and writes it so that it is old or new, whatever happens in between.

The usual way is a new file that takes the old one's place. A bind mount can't be replaced, nor a
file in a folder that we may not write to: such a file is written where it is, see `inplace`.
"""

import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from catalyst_dns_sync.control.ports import ProviderRejectedError, ProviderUnavailableError
from catalyst_dns_sync.providers.hosts.disk import Disk
from catalyst_dns_sync.providers.hosts.inplace import InPlace
from catalyst_dns_sync.providers.hosts.places import beside, places

log = logging.getLogger(__name__)

DEFAULT_MODE = 0o644
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
        self._in_place = InPlace(path, state, self._disk)
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
            self._in_place.recover(target)

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
                check = partial(_check_unmoved, target, reading)
                self._in_place.write(target, reading.text, content, check)

    def _target(self) -> Path:
        return self.path.resolve()

    def _replace(self, target: Path, reading: Reading, content: bytes) -> None:
        disk, fresh = self._disk, beside(target, "new")
        disk.remove(fresh)
        try:
            descriptor = disk.create(fresh)
            try:
                disk.write_all(descriptor, content)
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

    def _locked(self, target: Path) -> tuple[int, Path]:
        """Return a lock on a file beside, or in the state folder where that can't be written."""
        for path in places(target, self._state, "lock"):
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


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _check_unmoved(target: Path, reading: Reading) -> None:
    try:
        stamp = _stamp(target.stat())
    except FileNotFoundError:
        stamp = ()
    if stamp != reading.stamp:
        raise FileMovedError
