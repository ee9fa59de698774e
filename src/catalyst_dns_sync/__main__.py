"""Lets ``python -m catalyst_dns_sync`` be the command ``catalyst-dns-sync``."""

import errno
import os
import sys


def main() -> None:
    """Run the command line; output that finds no room is an error like others, and no bug."""
    try:
        try:
            _run()
        finally:
            if sys.__stdout__ is not None:
                sys.__stdout__.flush()
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        sys.stderr.write(f"error: the output can't be written: {error.strerror}\n")
        # What is left over would be tried once more at the end, and complained of.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None


def _run() -> None:
    if sys.argv[1:2] == ["run"]:
        from catalyst_dns_sync.cli.direct import run_directly

        if run_directly(sys.argv[1:]):
            return
    if sys.argv[1:] in (["version"], ["--version"]):
        # Scripts and probes ask for no more than this, and need not wait for typer.
        from catalyst_dns_sync.cli.version import version

        version()
        return

    from catalyst_dns_sync.cli.main import app

    app(prog_name="catalyst-dns-sync")


if __name__ == "__main__":
    main()
