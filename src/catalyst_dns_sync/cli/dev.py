"""The command `dev`, for people who change this program."""

import typer

from catalyst_dns_sync.cli.exits import errors_as_exit_codes


def dev() -> None:
    """Run the daemon in dev mode, and start it again whenever a source file or .env is saved.

    On the cluster of KUBECONFIG or ~/.kube/config, or on the sandbox where there is neither; the
    hosts file is .dev/hosts unless HOSTS_FILE says otherwise. All settings are read from the
    environment and from .env.

    Example: catalyst-dns-sync dev
    """
    import asyncio
    from pathlib import Path

    from catalyst_dns_sync.cli.reload import run_reloading

    with errors_as_exit_codes():
        asyncio.run(run_reloading(Path.cwd(), Path(__file__).parent.parent))
    raise typer.Exit(0)
