"""What kustomize makes of the folders in manifests/."""

import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml

MANIFESTS = Path(__file__).parent.parent.parent / "manifests"


@cache
def rendered(folder: str) -> tuple[dict[str, Any], ...]:
    """Return the objects of a folder of manifests/."""
    return built(MANIFESTS / folder)


def built(folder: Path) -> tuple[dict[str, Any], ...]:
    """Return the objects of a folder with a kustomization.yaml."""
    made = subprocess.run(
        ["kubectl", "kustomize", str(folder)], check=False, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    assert not made.stderr, made.stderr
    return tuple(yaml.safe_load_all(made.stdout))


def one(objects: tuple[dict[str, Any], ...], kind: str) -> dict[str, Any]:
    """Return the only object of a kind."""
    (found,) = (each for each in objects if each["kind"] == kind)
    return found


def overlay(folder: Path, text: str) -> Path:
    """Write a kustomization on this repository's manifests, called MANIFESTS in the text.

    Kustomize takes relative paths only.
    """
    up = "../" * len(folder.resolve().parts[1:])
    path = up + str(MANIFESTS).lstrip("/")
    (folder / "kustomization.yaml").write_text(text.replace("MANIFESTS", path))
    return folder
