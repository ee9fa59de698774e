"""Loads kubernetes_asyncio's configuration loaders, and nothing else of that library.

Importing any part of it runs ``kubernetes_asyncio/__init__`` and ``client/__init__``, which import
every generated model of the Kubernetes API: 24 MB and 0.4 s for classes that we never use. So the
three packages on the way are stood in for by empty ones, which have their search path but have not
run, while a loader is imported. Afterwards all is taken out of ``sys.modules`` again, so that an
ordinary ``import kubernetes_asyncio`` elsewhere finds nothing half made.
"""

import importlib
import importlib.util
import sys
from functools import cache
from types import ModuleType

_LIBRARY = "kubernetes_asyncio"
_CLIENT = f"{_LIBRARY}.client"
_CONFIG = f"{_LIBRARY}.config"


@cache
def config_module(name: str) -> ModuleType:
    """Return ``kubernetes_asyncio.config.<name>``, alone."""
    if _LIBRARY in sys.modules:
        return importlib.import_module(f"{_CONFIG}.{name}")
    try:
        for package in (_LIBRARY, _CLIENT, _CONFIG):
            sys.modules[package] = _not_run(package)
        # The loaders import these two by name, and use them only where they are handed no
        # configuration to fill in.
        vars(sys.modules[_CLIENT]).update(ApiClient=object, Configuration=object)
        return importlib.import_module(f"{_CONFIG}.{name}")
    finally:
        for module in [m for m in sys.modules if m.split(".", 1)[0] == _LIBRARY]:
            del sys.modules[module]


def _not_run(package: str) -> ModuleType:
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)
    return importlib.util.module_from_spec(spec)
