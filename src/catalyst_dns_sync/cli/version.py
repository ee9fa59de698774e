"""The command `version`."""

import sys

from catalyst_dns_sync import __version__
from catalyst_dns_sync.app.commit import commit


def version() -> None:
    """Say which program this is.

    Example: catalyst-dns-sync version
    """
    python = sys.version.partition(" ")[0]
    sys.stdout.write(f"catalyst-dns-sync {__version__} (commit {commit()}, Python {python})\n")
