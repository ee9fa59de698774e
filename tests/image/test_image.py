"""The image, built and run for real: `make image-test`, which takes a few minutes.

It needs no Docker engine and no registry: its base image is made from Debian's packages. Where a
registry can be reached, IMAGE_TEST_BASE names one to be pulled instead.
"""

import asyncio
import os
import socket
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

from catalyst_dns_sync import __version__
from fakes.processes import RunningSandbox, program, sandbox

pytestmark = [pytest.mark.image, pytest.mark.timeout(900)]
needs_an_engine = pytest.mark.tool("buildah", "debootstrap", "make", "podman", "runc")

ROOT = Path(__file__).parent.parent.parent
PULLED = os.environ.get("IMAGE_TEST_BASE", "")
BASE = PULLED or "localhost/catalyst-dns-sync-base"
IMAGE = "localhost/catalyst-dns-sync:test"
MOST_MEGABYTES = 60
# What the machine's own pip is told, where it is told something: it stays out of the image.
PIP_SETTINGS = ("/etc/pip.conf", "/etc/ssl/certs/ca-certificates.crt")
# As a restricted pod runs. An engine inside another container can't raise these two limits.
RESTRICTED = (
    *("podman", "--runtime=runc", "run", "--pull=never", "--network=host"),
    *("--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096"),
    *("--read-only", "--read-only-tmpfs=false", "--cap-drop=ALL"),
    *("--security-opt=no-new-privileges", "--memory=256m", "--pids-limit=64"),
)
ROUTE = """
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: a, namespace: default}
spec:
  routes:
  - {kind: Rule, match: Host(`a.lab.test`), services: [{name: a, port: 80}]}
"""
WHO_AM_I = """
import importlib.util, os, pathlib, shutil
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines())
try:
    pathlib.Path("/opt/catalyst-dns-sync/new").write_text("")
except OSError as error:
    print(error.strerror)
print(os.getuid(), os.getgid(), status["CapEff"].strip("0"), status["NoNewPrivs"])
print(importlib.util.find_spec("pip"), shutil.which("gcc"))
"""


@pytest.fixture(scope="module")
def image() -> str:
    """Build the image on a base that is made once and kept."""
    make_base = ("sh", str(ROOT / "scripts" / "base_image.sh"), BASE)
    made = run(*(("podman", "pull", PULLED) if PULLED else make_base), check=False)
    if made.returncode:
        pytest.skip(f"no base image can be had on this machine: {made.stdout}{made.stderr}")
    tried = run(*RESTRICTED, "--rm", BASE, "python3", "-c", "", check=False)
    if tried.returncode:
        pytest.skip(f"podman can run no container on this machine: {tried.stderr}")
    run("podman", "rmi", IMAGE, check=False)  # that of the run before
    volumes = [f"--volume={path}:{path}:ro" for path in PIP_SETTINGS if Path(path).exists()]
    flags = ["--isolation=chroot", "--network=host", "--pull-never", *volumes]
    settings = {"BUILDER": "buildah bud", "IMAGE": IMAGE, "BASE_IMAGE": BASE}
    settings["BUILD_FLAGS"] = " ".join(flags)
    run("make", "-C", str(ROOT), "image", *(f"{key}={text}" for key, text in settings.items()))
    return IMAGE


def run(*command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def inspected(name: str, field: str) -> str:
    return run("podman", "image", "inspect", name, "--format", f"{{{{{field}}}}}").stdout.strip()


@needs_an_engine
def test_the_image_adds_little_to_its_base(image: str, capsys: pytest.CaptureFixture[str]) -> None:
    added = (int(inspected(image, ".Size")) - int(inspected(BASE, ".Size"))) / 1e6
    with capsys.disabled():
        sys.stdout.write(f"\nthe image adds {added:.1f} MB to its base\n")

    assert added <= MOST_MEGABYTES


@needs_an_engine
def test_the_image_says_what_it_is_and_how_it_starts(image: str) -> None:
    fields = (".Config.User", ".Config.Entrypoint", ".Config.Cmd")
    found = [inspected(image, field) for field in fields]
    version = inspected(image, 'index .Labels "org.opencontainers.image.version"')
    said = run(*RESTRICTED, "--rm", image, "version").stdout

    assert found == ["65532:65532", "[catalyst-dns-sync]", "[run]"]
    assert version == __version__
    assert said.startswith(f"catalyst-dns-sync {__version__} (commit ")
    assert "unknown" not in said


@needs_an_engine
def test_it_runs_as_nobody_and_can_change_nothing_of_itself(image: str) -> None:
    said = run(*RESTRICTED, "--rm", "--entrypoint=python", image, "-c", WHO_AM_I).stdout

    assert said.splitlines() == ["Read-only file system", "65532 65532  1", "None None"]


@needs_an_engine
async def test_the_daemon_in_the_container_keeps_a_zone_in_step(image: str, tmp_path: Path) -> None:
    async with sandbox("--no-daemon", "--zone", "lab.test") as here:
        metrics, probes = free_ports(2)
        name = await asyncio.to_thread(start, image, here, tmp_path, metrics, probes)
        async with removed_at_the_end(name), aiohttp.ClientSession() as web:
            answers = {
                path: await answer(web, f"http://127.0.0.1:{port}{path}")
                for port, path in ((probes, "/healthz"), (probes, "/readyz"), (metrics, "/metrics"))
            }
            await kubectl(here, "apply", ROUTE)
            await here.wait_for("a.lab.test", {"192.168.1.54"})
            paused = await program("podman", "exec", name, "catalyst-dns-sync", "pause")
            await program("podman", "exec", name, "catalyst-dns-sync", "resume")
            await kubectl(here, "delete", ROUTE)
            await here.wait_for("a.lab.test", set())
            await program("podman", "stop", "--time=20", name)
            ended = await program("podman", "inspect", name, "--format={{.State.ExitCode}}")
            log = await program("podman", "logs", name)

    assert answers == {"/healthz": 200, "/readyz": 200, "/metrics": 200}
    assert paused.code == 0, paused.err
    assert ended.out == "0\n", log.out + log.err
    assert "Traceback" not in log.out + log.err


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def start(image: str, here: RunningSandbox, folder: Path, metrics: int, probes: int) -> str:
    """Start the daemon as the manifests do: settings in variables, the token in a file."""
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(Path(here.printed["kubeconfig"]).read_text())
    (folder / "token").write_text(here.printed["technitium_token"])
    for file in (kubeconfig, folder / "token"):
        file.chmod(0o444)
    settings = here.environment | {
        "KUBECONFIG": "/etc/catalyst-dns-sync/kubeconfig",
        "DNS_API_TOKEN_FILE": "/etc/catalyst-dns-sync/token",
        "CONTROL_SOCKET": "/run/catalyst-dns-sync/control.sock",
        "DELETE_GRACE": "0",
        "METRICS_BIND_ADDRESS": f"127.0.0.1:{metrics}",
        "HEALTH_PROBE_ADDRESS": f"127.0.0.1:{probes}",
    }
    del settings["DNS_API_TOKEN"]
    folder.chmod(0o755)
    name = f"catalyst-dns-sync-{os.getpid()}"
    command = [
        *(*RESTRICTED, "--detach", "--name", name),
        *(f"--env={key}={value}" for key, value in settings.items()),
        f"--volume={folder}:/etc/catalyst-dns-sync:ro",
        "--mount=type=tmpfs,destination=/run/catalyst-dns-sync,tmpfs-size=1m,tmpfs-mode=1777",
        image,
    ]
    run(*command)
    return name


async def answer(web: aiohttp.ClientSession, url: str) -> int:
    """Return the status, 200 if it becomes that: the daemon starts, and makes its first pass."""
    status = 0
    for _ in range(300):
        with suppress(aiohttp.ClientError):
            async with web.get(url) as response:
                status = response.status
        if status == 200:
            break
        await asyncio.sleep(0.1)
    return status


@asynccontextmanager
async def removed_at_the_end(container: str) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await program("podman", "rm", "--force", "--time=1", container)


async def kubectl(here: RunningSandbox, verb: str, manifest: str) -> None:
    config = here.printed["kubeconfig"]
    ended = await program("kubectl", "--kubeconfig", config, verb, "-f", "-", stdin=manifest)
    assert ended.code == 0, ended.err


@pytest.mark.tool("make")
async def test_the_wheel_works_in_a_clean_environment_without_the_source_tree(
    tmp_path: Path,
) -> None:
    await asyncio.to_thread(run, "make", "-C", str(ROOT), "wheel", f"DIST={tmp_path}/dist")
    (wheel,) = (tmp_path / "dist").iterdir()
    python = tmp_path / "venv" / "bin" / "python"
    await asyncio.to_thread(run, sys.executable, "-m", "venv", str(tmp_path / "venv"))
    constraints = str(ROOT / "constraints.txt")
    install = (str(python), "-m", "pip", "install", "--quiet", "-c", constraints, str(wheel))
    await asyncio.to_thread(run, *install)
    command = (str(python.parent / "catalyst-dns-sync"),)

    packed = await asyncio.to_thread(files_in, wheel)
    async with sandbox("--zone", "lab.test", command=command, cwd=tmp_path) as here:
        found = await here.dig("grafana.lab.test")
    said = await program(*command, "version")

    assert found == ("NOERROR", {"192.168.1.54"})
    assert "unknown" not in said.out
    assert packed >= sources()


def files_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def sources() -> set[str]:
    """Return all files of the package: modules, and what is no module."""
    listed = run("git", "-C", str(ROOT), "ls-files", "src").stdout.split()
    return {file.removeprefix("src/") for file in listed}
