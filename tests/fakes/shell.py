"""A bash that the documentation's blocks are typed into, in a folder like a fresh checkout."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from fakes.processes import COMMAND, NO_AUTHORITIES

ROOT = Path(__file__).parent.parent.parent
_END = "--- end of block ---"


class Shell:
    """One bash, which the blocks are typed into."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def type(self, block: str) -> list[str]:
        """Return the lines that a block prints; every command of it must succeed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{block}\necho '{_END}'\n".encode())
        lines: list[str] = []
        while line := (await self._process.stdout.readline()).decode():
            if line.strip() == _END:
                return lines
            lines.append(line.rstrip("\n"))
        raise AssertionError(f"{block}\n" + "\n".join(lines))


@asynccontextmanager
async def shell(folder: Path, environment: Mapping[str, str]) -> AsyncIterator[Shell]:
    """Run a bash in the folder while the block runs; its first failing command ends it."""
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euo", "pipefail"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)} | NO_AUTHORITIES | dict(environment),
    )
    try:
        yield Shell(process)
    finally:
        process.kill()
        await process.wait()


def checkout(folder: Path) -> Path:
    """Return the folder, made like a checkout after `make install`."""
    shutil.copytree(ROOT / "manifests", folder / "manifests")
    shutil.copy(ROOT / "Makefile", folder)
    program = folder / ".venv" / "bin" / "catalyst-dns-sync"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {" ".join(COMMAND)} "$@"\n')
    program.chmod(0o755)
    return folder
