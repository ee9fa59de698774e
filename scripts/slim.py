"""Takes out of a virtual environment what the program never loads: slim.py VENV.

kubernetes_asyncio has 25 MB of generated classes, one for each kind of Kubernetes and for each
call, twice that with bytecode. The program loads that library's configuration loaders alone
(catalyst_dns_sync/kube/lean.py). It needs no third-party package itself: the image's build runs it.
"""

import shutil
import sys
from pathlib import Path

LEFT_OUT = ("kubernetes_asyncio/client/api", "kubernetes_asyncio/client/models")


def main() -> None:
    """Remove the folders; it is a mistake where one is not there."""
    (packages,) = Path(sys.argv[1]).glob("lib/python3*/site-packages")
    for folder in LEFT_OUT:
        shutil.rmtree(packages / folder)


if __name__ == "__main__":
    main()
