"""What the sandbox prints for people."""

from pathlib import Path

from catalyst_dns_sync.app.invitation import invitation
from catalyst_dns_sync.app.sandbox_options import Sandbox
from catalyst_dns_sync.sandbox.kube_api import kubeconfig

HERE = "http://127.0.0.1:"


def told(folder: Path, *, with_daemon: bool) -> list[str]:
    config = folder / "kubeconfig"
    config.write_text(kubeconfig(f"{HERE}24530", "token"))
    sandbox = Sandbox(
        kubeconfig=str(config),
        kubernetes_url=f"{HERE}24530",
        technitium_url=f"{HERE}24531",
        technitium_version="15.2",
        technitium_user="admin",
        technitium_password="admin",
        technitium_token="token",
        dns_host="127.0.0.1",
        dns_port=24532,
        pages_url=f"{HERE}24533/ui/" if with_daemon else None,
        metrics_url=f"{HERE}24533/metrics" if with_daemon else None,
        probes_url=f"{HERE}24534/readyz" if with_daemon else None,
        control_socket="daemon.sock",
        break_socket=None,
        zones=("home.arpa",),
        target="192.168.1.54",
        objects=7,
        skipped=(),
    )
    return invitation(sandbox).splitlines()


def test_the_first_thing_that_people_are_told_is_where_the_pages_are(tmp_path: Path) -> None:
    assert told(tmp_path, with_daemon=True)[0] == (
        f"Pages            {HERE}24533/ui/   log in with the API token below"
    )


def test_without_a_daemon_there_are_no_pages_to_tell_of(tmp_path: Path) -> None:
    assert told(tmp_path, with_daemon=False)[0].startswith("Kubernetes API ")
