"""The calls of the operating system that a write needs, one by one."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

_FLAGS = os.O_CLOEXEC | os.O_NOFOLLOW


class Disk:
    """Each method but `write_all` is one step; tests use a disk that fails at one of them."""

    def create(self, path: Path) -> int:
        """Create a file that is not there, for its owner alone."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600)

    def open(self, path: Path) -> int:
        """Open a file that is there, to change it where it is."""
        return os.open(path, os.O_RDWR | _FLAGS)

    def write(self, descriptor: int, content: bytes, at: int) -> int:
        """Write some of the content at a place; returns how much."""
        return os.pwrite(descriptor, content, at)

    def write_all(self, descriptor: int, content: bytes) -> None:
        """Write the content from the file's beginning on, in as many steps as it takes."""
        at = 0
        while at < len(content):
            at += self.write(descriptor, content[at:], at)

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut the file."""
        os.ftruncate(descriptor, size)

    def sync(self, descriptor: int) -> None:
        """Wait until it is on the disk."""
        os.fsync(descriptor)

    def close(self, descriptor: int) -> None:
        """Let go of it, and of its lock."""
        os.close(descriptor)

    def dress(self, descriptor: int, like: Path | None, mode: int) -> None:
        """Give the file owner, extended attributes and mode of another one.

        Attributes that the file system does not take are left out; the owner must be kept.
        """
        if like is not None:
            known = like.stat()
            mine = os.fstat(descriptor)
            if (known.st_uid, known.st_gid) != (mine.st_uid, mine.st_gid):
                os.fchown(descriptor, known.st_uid, known.st_gid)
            mode = known.st_mode & 0o7777
            _copy_attributes(like, descriptor)
        os.fchmod(descriptor, mode)

    def rename(self, old: Path, new: Path) -> None:
        """Put a file in the place of another one, at once."""
        old.rename(new)

    def remove(self, path: Path) -> None:
        """Remove a file, if it is there."""
        path.unlink(missing_ok=True)

    def sync_folder(self, folder: Path) -> None:
        """Wait until the folder's names are on the disk; not every file system can."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            with suppress(OSError):
                os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def lock(self, path: Path) -> int | None:
        """Open and lock a file, made if need be; None where somebody else holds the lock."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _FLAGS, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        except OSError:
            os.close(descriptor)
            raise
        return descriptor


def _copy_attributes(like: Path, descriptor: int) -> None:
    # Only Linux has these calls in Python; a label such as SELinux's is what matters there.
    if not hasattr(os, "listxattr"):
        return
    with suppress(OSError):
        for name in os.listxattr(like):
            with suppress(OSError):
                os.setxattr(descriptor, name, os.getxattr(like, name))
