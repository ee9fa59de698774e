"""The files of a sandbox: its kubeconfig, and a folder for the sockets that goes at the end."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalyst_dns_sync.app.sandbox_options import SandboxError

SANDBOX_CONTEXT = '"current-context": "sandbox"'


@contextmanager
def private_folder() -> Iterator[Path]:
    """Yield a folder that only its owner may enter, and that is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="catalyst-dns-sync-") as folder:
        yield Path(folder)


def write_kubeconfig(wanted: Path | None, folder: Path, text: str) -> Path:
    """Write the kubeconfig where it is wanted, or into the folder, and return where that is.

    Raises `SandboxError` for a file of somebody else, or one that can't be written.
    """
    path = wanted or folder / "kubeconfig"
    if wanted is not None:
        _refuse_to_overwrite(wanted)
    try:
        write_private(path, text)
    except OSError as error:
        raise SandboxError(f"--kubeconfig: {path} can't be written: {error.strerror}") from error
    return path


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read; one that is there already keeps its mode."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _refuse_to_overwrite(path: Path) -> None:
    try:
        old = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    except OSError as error:
        raise SandboxError(f"--kubeconfig: {path}: {error.strerror}") from error
    if old.strip() and SANDBOX_CONTEXT not in old:
        raise SandboxError(f"--kubeconfig: {path} is somebody else's file: name another one")
