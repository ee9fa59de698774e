"""Lets ``python -m catalyst_dns_sync`` be the command ``catalyst-dns-sync``."""


def main() -> None:
    """Run the command line."""
    from catalyst_dns_sync.cli.main import app

    app(prog_name="catalyst-dns-sync")


if __name__ == "__main__":
    main()
