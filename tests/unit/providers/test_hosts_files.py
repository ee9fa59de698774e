"""A hosts file on the disk is old or new, whatever happens while it is written."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalyst_dns_sync.control.ports import (
    ProviderError,
    ProviderRejectedError,
    ProviderUnavailableError,
)
from catalyst_dns_sync.providers.hosts.disk import Disk
from catalyst_dns_sync.providers.hosts.files import FileMovedError, HostsFileStore
from catalyst_dns_sync.providers.hosts.places import state_folder

OLD = b"127.0.0.1 localhost\n192.0.2.1  old.lab.test\n"
LONGER = OLD + b"192.0.2.2  new.lab.test\n" * 20
SHORTER = b"127.0.0.1 other\n"
TEXTS = pytest.mark.parametrize("new", [LONGER, SHORTER], ids=["longer", "shorter"])

HALVES = pytest.mark.parametrize("half", [False, True], ids=["before the step", "in the middle"])


class KilledError(BaseException):
    """The process is gone: nothing of it runs any more."""


class BrokenDisk(Disk):
    """Fails at one step, with an error or, with none, as if the process was killed before it.

    ``half`` makes that step, if it is a write, do half of its work first. With ``in_place`` no
    file can be put in the place of another one, as where it is a bind mount.
    """

    def __init__(
        self,
        at: int | None = None,
        error: int | None = None,
        *,
        in_place: bool = False,
        half: bool = False,
        short: int | None = None,
    ) -> None:
        self.at, self.error, self.half = at, error, half
        self.in_place, self.short = in_place, short
        self.steps: list[str] = []
        self.held: int | None = None

    def _step(self, name: str) -> None:
        self.steps.append(name)
        if self.at is None or len(self.steps) < self.at:
            return
        if self.error is None:
            raise KilledError
        if len(self.steps) == self.at:
            raise OSError(self.error, os.strerror(self.error))

    def lock(self, path: Path) -> int | None:
        self.held = super().lock(path)
        return self.held

    def bury(self) -> None:
        """Let the lock go, as the kernel does for a process that is gone."""
        if self.held is not None:
            os.close(self.held)

    def create(self, path: Path) -> int:
        self._step("create")
        return super().create(path)

    def open(self, path: Path) -> int:
        self._step("open")
        return super().open(path)

    def write(self, descriptor: int, content: bytes, at: int) -> int:
        if self.half and len(self.steps) + 1 == self.at:
            super().write(descriptor, content[: len(content) // 2], at)
        self._step("write")
        return super().write(descriptor, content[: self.short], at)

    def truncate(self, descriptor: int, size: int) -> None:
        self._step("truncate")
        super().truncate(descriptor, size)

    def sync(self, descriptor: int) -> None:
        self._step("sync")
        super().sync(descriptor)

    def dress(self, descriptor: int, like: Path | None, mode: int) -> None:
        self._step("dress")
        super().dress(descriptor, like, mode)

    def rename(self, old: Path, new: Path) -> None:
        self._step("rename")
        if self.in_place and new.name == "hosts":
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        super().rename(old, new)

    def remove(self, path: Path) -> None:
        self._step("remove")
        super().remove(path)

    def sync_folder(self, folder: Path) -> None:
        self._step("sync folder")
        super().sync_folder(folder)


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    folder = tmp_path / "etc"
    folder.mkdir()
    file = folder / "hosts"
    file.write_bytes(OLD)
    file.chmod(0o664)
    return file


def store(file: Path, disk: Disk | None = None) -> HostsFileStore:
    return HostsFileStore(file, file.parent.parent / "state", disk)


def write(file: Path, content: bytes, disk: Disk | None = None) -> None:
    one = store(file, disk)
    one.write(one.read(), content)
    one.release()


def killed(file: Path, content: bytes, at: int, **kind: Any) -> None:
    disk = BrokenDisk(at, **kind)
    with pytest.raises(KilledError):
        write(file, content, disk)
    disk.bury()


def steps_of(write_it: Callable[[BrokenDisk], None], **kind: Any) -> int:
    disk = BrokenDisk(**kind)
    write_it(disk)
    return len(disk.steps)


def litter(file: Path) -> list[str]:
    found = [*file.parent.iterdir(), *(file.parent.parent / "state").glob("*")]
    return sorted(one.name for one in found if one != file)


@TEXTS
def test_a_write_leaves_the_new_text_and_nothing_beside_it(hosts: Path, new: bytes) -> None:
    write(hosts, new)

    assert (hosts.read_bytes(), litter(hosts)) == (new, [])


@TEXTS
@HALVES
def test_killed_at_any_step_the_file_is_old_or_new(hosts: Path, new: bytes, *, half: bool) -> None:
    count = steps_of(lambda disk: write(hosts, new, disk))
    seen = set()

    for at in range(1, count + 1):
        hosts.write_bytes(OLD)
        killed(hosts, new, at, half=half)
        seen.add(hosts.read_bytes())
        write(hosts, new)
        assert (hosts.read_bytes(), litter(hosts)) == (new, [])

    assert count > 7
    assert seen == {OLD, new}


@TEXTS
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_an_error_at_any_step_leaves_the_file_old_or_new(
    hosts: Path, new: bytes, code: int
) -> None:
    for at in range(1, steps_of(lambda disk: write(hosts, new, disk))):
        hosts.write_bytes(OLD)
        disk = BrokenDisk(at, code)
        one = store(hosts, disk)
        try:
            one.write(one.read(), new)
        except ProviderUnavailableError as error:
            assert os.strerror(code) in str(error)  # noqa: PT017 (whether it raises depends on the step)
        assert hosts.read_bytes() in (OLD, new), disk.steps
        one.release()
        write(hosts, new)
        assert litter(hosts) == []


@TEXTS
@HALVES
def test_killed_at_any_step_in_place_the_next_start_finishes_it(
    hosts: Path, new: bytes, *, half: bool
) -> None:
    count = steps_of(lambda disk: write(hosts, new, disk), in_place=True)
    inode = hosts.stat().st_ino

    for at in range(1, count + 1):
        hosts.write_bytes(OLD)
        killed(hosts, new, at, in_place=True, half=half)
        if not half:
            # Whoever reads it now finds the old or the new entries, and empty lines perhaps.
            assert hosts.read_bytes().rstrip(b"\n") + b"\n" in (OLD, new)
        one = store(hosts, BrokenDisk(in_place=True))
        one.acquire()
        assert hosts.read_bytes() in (OLD, new)
        one.write(one.read(), new)
        one.release()
        assert (hosts.read_bytes(), litter(hosts)) == (new, [])

    assert hosts.stat().st_ino == inode


def test_short_writes_are_carried_on(hosts: Path) -> None:
    write(hosts, LONGER, BrokenDisk(short=7))
    assert hosts.read_bytes() == LONGER

    write(hosts, SHORTER, BrokenDisk(short=7, in_place=True))
    assert hosts.read_bytes() == SHORTER


def test_what_people_wrote_after_a_crash_is_not_undone(hosts: Path) -> None:
    disk = BrokenDisk(in_place=True)
    write(hosts, LONGER, disk)
    hosts.write_bytes(OLD)
    at = len(disk.steps) - disk.steps[::-1].index("write")
    killed(hosts, LONGER, at, in_place=True, half=True)
    torn = hosts.read_bytes() + b"10.0.0.9 nas\n"
    hosts.write_bytes(torn)

    one = store(hosts)
    one.acquire()
    one.release()

    assert hosts.read_bytes() == torn
    assert litter(hosts) == [".hosts.catalyst-dns-sync.kept"]


def test_mode_owner_and_attributes_are_kept(hosts: Path) -> None:
    if os.geteuid() == 0:
        os.chown(hosts, 12, 34)
    try:
        os.setxattr(hosts, "user.note", b"mine")
    except OSError:
        pytest.skip("the file system keeps no attributes")
    before = hosts.stat()

    write(hosts, LONGER)

    after = hosts.stat()
    assert stat.S_IMODE(after.st_mode) == 0o664
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert os.getxattr(hosts, "user.note") == b"mine"
    assert after.st_ino != before.st_ino


def test_a_symbolic_link_stays_and_its_end_is_written(hosts: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("second")
    (tmp_path / "second").symlink_to(hosts)

    write(link, LONGER)

    assert link.is_symlink()
    assert (tmp_path / "second").is_symlink()
    assert hosts.read_bytes() == LONGER


def test_a_file_that_is_not_there_is_made_for_all_to_read(tmp_path: Path) -> None:
    file = tmp_path / "hosts"

    write(file, LONGER)

    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert file.read_bytes() == LONGER


@pytest.mark.parametrize("content", [b"10.0.0.1 theirs\n", None])
def test_what_others_wrote_since_the_reading_is_not_overwritten(
    hosts: Path, content: bytes | None
) -> None:
    one = store(hosts)
    reading = one.read()
    hosts.unlink()
    if content is not None:
        hosts.write_bytes(content)

    with pytest.raises(FileMovedError):
        one.write(reading, LONGER)

    assert (hosts.read_bytes() if hosts.exists() else None) == content


def test_two_processes_do_not_work_on_one_file(hosts: Path) -> None:
    first, second = store(hosts), store(hosts)
    first.acquire()

    with pytest.raises(ProviderRejectedError, match="another catalyst-dns-sync works on"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()

    assert litter(hosts) == []


def test_a_link_and_the_file_at_its_end_are_one_file(hosts: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(hosts)
    first = store(hosts)
    first.acquire()

    with pytest.raises(ProviderRejectedError):
        HostsFileStore(link, tmp_path / "state").acquire()
    first.release()


@pytest.mark.parametrize(
    ("name", "says"),
    [("none/hosts", "there is no folder"), ("etc", "it is a folder"), ("etc/hosts/x", "no folder")],
)
def test_a_file_that_cannot_be_is_refused_with_the_way_out(
    hosts: Path, tmp_path: Path, name: str, says: str
) -> None:
    with pytest.raises(ProviderRejectedError, match=says) as caught:
        store(tmp_path / name).acquire()

    assert "HOSTS_FILE" in str(caught.value)
    assert hosts.read_bytes() == OLD


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)

    with pytest.raises(ProviderError):
        store(loop).read()


def test_the_state_folder_is_where_the_xdg_specification_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_folder() == tmp_path / "catalyst-dns-sync"

    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert state_folder() == Path.home() / ".local/state/catalyst-dns-sync"
