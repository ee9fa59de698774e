import subprocess
import sys
import textwrap
from pathlib import Path

CONFIG = """
apiVersion: v1
kind: Config
current-context: here
contexts: [{name: here, context: {cluster: here, user: me}}]
clusters: [{name: here, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: me, user: {token: t}}]
"""


def in_a_fresh_process(script: str, *arguments: str) -> tuple[str, str]:
    """Return what it printed, and the names of all modules that were ever run."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", textwrap.dedent(script), *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return done.stdout, done.stderr


def test_the_generated_models_are_never_run(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(CONFIG, encoding="utf-8")

    printed, imported = in_a_fresh_process(
        """
        import asyncio, sys
        from catalyst_dns_sync.kube.client import load_client

        async def main():
            async with await load_client(sys.argv[1]) as client:
                print(client.host)
                print([m for m in sys.modules if m.startswith("kubernetes_asyncio")])

        asyncio.run(main())
        """,
        str(config),
    )

    assert printed == "http://127.0.0.1:1\n[]\n"
    assert "kubernetes_asyncio.config.exec_provider" in imported
    assert "kubernetes_asyncio.client" not in imported
    assert "urllib3" not in imported


def test_inside_a_pod_not_even_yaml_is_run() -> None:
    _, imported = in_a_fresh_process(
        """
        from catalyst_dns_sync.kube.lean import config_module

        config_module("incluster_config").load_incluster_config
        """
    )

    assert "kubernetes_asyncio.config.config_exception" in imported
    assert "yaml" not in imported


def test_an_ordinary_import_of_the_library_still_works_afterwards() -> None:
    printed, _ = in_a_fresh_process(
        """
        from catalyst_dns_sync.kube.lean import config_module

        config_module("kube_config")
        import kubernetes_asyncio
        from kubernetes_asyncio import client, config

        print(kubernetes_asyncio.client.CoreV1Api.__name__, client.Configuration.__module__)
        print(config.kube_config.load_kube_config.__name__)
        """
    )

    assert printed == ("CoreV1Api kubernetes_asyncio.client.configuration\nload_kube_config\n")
