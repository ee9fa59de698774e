"""Dev mode as people use it: the commands, real mounts, another user, and hot reload."""

import asyncio
import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from catalyst_dns_sync.core.hostsfile import read
from fakes.processes import COMMAND, NO_AUTHORITIES, RunningSandbox, cli, program, stage

HOMELAB = Path(__file__).parent.parent / "cases" / "homelab"
LOCALHOST = "127.0.0.1\tlocalhost\n# mine\n"
BEGIN = "# BEGIN CATALYST-DNS-SYNC MANAGED BLOCK"
END = "# END CATALYST-DNS-SYNC MANAGED BLOCK"
TARGET = "192.168.1.54"

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts and other users need root")


def settings(here: RunningSandbox, file: Path) -> dict[str, str]:
    return {
        "KUBECONFIG": here.printed["kubeconfig"],
        "DNS_IP_ADDRESS": TARGET,
        "HOSTS_FILE": str(file),
        "METRICS_BIND_ADDRESS": "127.0.0.1:0",
        "HEALTH_PROBE_ADDRESS": "127.0.0.1:0",
        "CONTROL_SOCKET": str(file.parent / "daemon.sock"),
        **NO_AUTHORITIES,
    }


def names(file: Path) -> set[str]:
    return set(read(file.read_bytes(), ()).entries) if file.exists() else set()


def text(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def put(file: Path, content: str) -> None:
    file.write_text(content)


def inode_of(file: Path) -> int:
    return file.stat().st_ino


def litter(folder: Path) -> list[Path]:
    return list(folder.glob(".hosts.catalyst*"))


async def until(true: Callable[[], bool], seconds: float = 10.0) -> float:
    """Wait until something is true; returns how long that took."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.01)
    return loop.time() - began


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    file = tmp_path / "hosts"
    file.write_text(LOCALHOST)
    return file


async def test_the_homelab_gets_its_73_names_and_clean_gives_the_file_back(hosts: Path) -> None:
    wanted = set((HOMELAB / "hosts-talos00.txt").read_text().split())
    async with stage("talos00", objects=(HOMELAB,)) as here:
        env = settings(here, hosts) | {"DNS_ZONES": "talos00"}
        planned = await cli("plan", "--dev-mode", "-o", "json", **env)
        untouched = text(hosts)
        once = await cli("run", "--dev-mode", "--once", **env)
        again = await cli("plan", "--dev-mode", **env)
    found = names(hosts)
    shown = await cli("hosts", "show", "--hosts-file", str(hosts))
    cleaned = await cli("hosts", "clean", HOSTS_FILE=str(hosts))

    changes = json.loads(planned.out)["zones"][0]["changes"]
    assert len(wanted) == 73
    assert {change["name"] for change in changes} == found == wanted
    assert (planned.code, once.code, again.code) == (2, 0, 0), once.out + once.err + again.out
    assert untouched == LOCALHOST
    assert shown.out.splitlines() == [f"{TARGET}  {name}" for name in sorted(wanted)]
    assert cleaned.out == f"73 entries taken out of {hosts}\n"
    assert text(hosts) == LOCALHOST
    assert [one.name for one in hosts.parent.iterdir()] == ["hosts"]


async def test_clean_and_show_without_a_block(hosts: Path) -> None:
    shown = await cli("hosts", "show", HOSTS_FILE=str(hosts))
    cleaned = await cli("hosts", "clean", HOSTS_FILE=str(hosts))

    assert (shown.code, shown.out, cleaned.code) == (0, "", 0)
    assert "there is no block" in cleaned.out
    assert text(hosts) == LOCALHOST


@asynccontextmanager
async def daemon(env: dict[str, str], *command: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the daemon in dev mode; it must end cleanly on SIGTERM."""
    process = await asyncio.create_subprocess_exec(
        *command,
        *COMMAND,
        "run",
        "--dev-mode",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=env | {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
    )
    try:
        yield process
        process.terminate()
        _, said = await process.communicate()
        assert process.returncode == 0, said.decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.tool("kubectl")
async def test_a_name_is_there_and_gone_within_five_seconds(hosts: Path) -> None:
    async with (
        stage("lab.test") as here,
        daemon(settings(here, hosts)),
    ):
        await until(lambda: "grafana.lab.test" in names(hosts))
        await apply(here.printed["kubeconfig"], "one")
        came = await until(lambda: "one.lab.test" in names(hosts))
        clash = await cli("hosts", "clean", HOSTS_FILE=str(hosts))
        second = await cli("run", "--dev-mode", "--once", **settings(here, hosts))
        await kubectl(here.printed["kubeconfig"], "delete", "ingressroute", "one")
        went = await until(lambda: "one.lab.test" not in names(hosts))
        put(hosts, LOCALHOST)
        repaired = await until(lambda: "grafana.lab.test" in names(hosts))

    assert max(came, went, repaired) < 5
    assert (clash.code, second.code) == (1, 1)
    for ended in (clash, second):
        assert "another catalyst-dns-sync works on" in ended.err
    assert text(hosts).startswith(LOCALHOST)


async def test_a_slow_writer_is_not_interrupted(hosts: Path) -> None:
    async with (
        stage("lab.test") as here,
        daemon(settings(here, hosts)),
    ):
        await until(lambda: "grafana.lab.test" in names(hosts))
        with hosts.open("wb", buffering=0) as file:
            for number in range(30):
                file.write(b"10.0.0.%d n%d.example\n" % (number, number))
                await asyncio.sleep(0.1)
        await until(lambda: "grafana.lab.test" in names(hosts))

    assert text(hosts).count(".example\n") == 30


# What a mount namespace is made ready with, before the command: its own hosts file.
IN_NAMESPACE = ("unshare", "--mount", "sh", "-c")


@needs_root
@pytest.mark.tool("unshare", "getent")
async def test_a_bind_mount_is_written_where_it_is_and_getent_finds_the_names(
    hosts: Path, tmp_path: Path
) -> None:
    script = (
        'mount --bind "$1" /etc/hosts; shift; "$@" >&2; '
        "getent ahostsv4 grafana.lab.test; cat /etc/hosts >/dev/stderr"
    )
    inode = inode_of(hosts)
    async with stage("lab.test") as here:
        env = settings(here, Path("/etc/hosts")) | {"CONTROL_SOCKET": str(tmp_path / "s")}
        run = (*COMMAND, "run", "--dev-mode", "--once")
        made = await program(*IN_NAMESPACE, script, "sh", str(hosts), *run, **env)

    assert made.out.split()[0] == TARGET, made.err
    assert "grafana.lab.test" in names(hosts)
    assert inode_of(hosts) == inode
    assert text(hosts).startswith(LOCALHOST)
    assert litter(Path("/etc")) == []


@needs_root
@pytest.mark.tool("unshare")
async def test_a_read_only_file_system_is_one_clear_error(hosts: Path) -> None:
    script = 'mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; shift; exec "$@"'
    async with stage("lab.test") as here:
        run = (*COMMAND, "run", "--dev-mode", "--once")
        folder = str(hosts.parent)
        env = settings(here, hosts) | {"HOME": folder, "CONTROL_SOCKET": "/tmp/none.sock"}
        ended = await program(*IN_NAMESPACE, script, "sh", folder, *run, **env)

    assert ended.code == 1
    (line,) = ended.err.strip().splitlines()
    assert "Read-only file system" in line
    assert "HOSTS_FILE" in line
    assert text(hosts) == LOCALHOST


@needs_root
@pytest.mark.tool("setpriv")
@pytest.mark.parametrize("command", [("run", "--dev-mode"), ("hosts", "clean")])
async def test_without_permission_one_line_names_both_ways_out(
    hosts: Path, command: tuple[str, ...]
) -> None:
    await asyncio.to_thread(_open_to_all, hosts.parent)
    if command[0] == "hosts":
        put(hosts, LOCALHOST + f"{BEGIN}\n{END}\n")
    before = text(hosts)
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    if (await program(*nobody, sys.executable, "-c", "")).code:
        pytest.skip("another user can't run this Python")
    hosts.parent.chmod(0o755)
    ended = await program(
        *nobody, *COMMAND, *command, HOSTS_FILE=str(hosts), HOME="/nonexistent", KUBECONFIG="none"
    )

    assert ended.code == 1, ended.err
    (line,) = ended.err.strip().splitlines()
    assert "sudo" in line
    assert "HOSTS_FILE" in line
    assert text(hosts) == before


def _open_to_all(folder: Path) -> None:
    for one in (folder, *folder.parents):
        if one.owner() == "root" and str(one).startswith("/tmp/"):
            one.chmod(0o755)


async def kubectl(config: str, *args: str, stdin: str = "") -> None:
    ended = await program("kubectl", "--kubeconfig", config, *args, stdin=stdin)
    assert ended.code == 0, ended.err


async def apply(config: str, name: str, zone: str = "lab.test") -> None:
    route = {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": "IngressRoute",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"routes": [{"kind": "Rule", "match": f"Host(`{name}.{zone}`)"}]},
    }
    await kubectl(config, "apply", "-f", "-", stdin=json.dumps(route))


@asynccontextmanager
async def hot_reload(folder: Path) -> AsyncIterator[Path]:
    """Run `dev` on a copy of the source while the block runs; yields its log."""
    import catalyst_dns_sync

    source = Path(catalyst_dns_sync.__file__).parent
    await asyncio.to_thread(shutil.copytree, source, folder / "src" / "catalyst_dns_sync")
    env: dict[str, Any] = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(folder / "src"),
        "METRICS_BIND_ADDRESS": f"127.0.0.1:{_free_port()}",
        "HEALTH_PROBE_ADDRESS": f"127.0.0.1:{_free_port()}",
        **NO_AUTHORITIES,
    }
    log = folder / "log"
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "dev", cwd=folder, env=env, stdout=out, stderr=out
        )
    try:
        yield log
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 0, text(log)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.mark.timeout(60)
@pytest.mark.tool("kubectl")
async def test_a_saved_file_restarts_the_daemon_and_nothing_is_lost(tmp_path: Path) -> None:
    hosts, config = tmp_path / ".dev" / "hosts", str(tmp_path / ".dev" / "kubeconfig")
    source = tmp_path / "src" / "catalyst_dns_sync" / "core" / "debounce.py"

    async with hot_reload(tmp_path) as log:
        await until(lambda: "grafana.home.arpa" in names(hosts), 20)
        right = source.read_text()
        assert "so this is the sandbox" in text(log)

        source.write_text(right + "\n# saved\n")
        await apply(config, "during", "home.arpa")
        await until(lambda: _starts(log) == 2)
        await until(lambda: "during.home.arpa" in names(hosts))

        source.write_text(right + "\ndef broken(:\n")
        await until(lambda: "waiting for the next save" in text(log))
        assert "SyntaxError" in text(log)
        assert names(hosts)

        source.write_text(right)
        await until(lambda: _starts(log) == 3)
        (tmp_path / ".env").write_text("export DNS_IP_ADDRESS='192.0.2.9' # another\n")
        await until(lambda: "192.0.2.9  grafana.home.arpa" in text(hosts))

        starts = _starts(log)
        for number in range(20):
            source.write_text(right + f"\n# {number}\n")
            await asyncio.sleep(0.03)
        await until(lambda: _starts(log) > starts)
        await asyncio.sleep(1)
        assert _starts(log) == starts + 1

    assert text(log).rstrip().endswith("stopped")
    assert sorted(one.name for one in hosts.parent.iterdir()) == ["hosts", "kubeconfig"]


def _starts(log: Path) -> int:
    return text(log).count("started zones=.")
