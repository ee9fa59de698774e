"""Lets ``python -m catalyst_dns_sync`` be the command ``catalyst-dns-sync``."""

import sys


def main() -> None:
    """Run the command line."""
    if sys.argv[1:2] == ["run"]:
        from catalyst_dns_sync.cli.direct import run_directly

        if run_directly(sys.argv[1:]):
            return

    from catalyst_dns_sync.cli.main import app

    app(prog_name="catalyst-dns-sync")


if __name__ == "__main__":
    main()
