"""Reads manifests from files: YAML and JSON, several documents, ``List`` kinds."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from catalyst_dns_sync.core.errors import CatalystError

_ENDINGS = frozenset({".yaml", ".yml", ".json"})
_FIRST = ("CustomResourceDefinition", "Namespace")


class ManifestError(CatalystError):
    """A file can't be read as manifests."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object, and the file that it came from."""

    file: Path
    data: dict[str, Any]

    @property
    def kind(self) -> str:
        """The kind, with its group and version: what to say when it is not served."""
        return f"{self.data.get('apiVersion', '?')} {self.data.get('kind', '?')}"

    @property
    def title(self) -> str:
        """Kind, namespace and name, for messages."""
        metadata = self.data.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        return f"{self.data.get('kind')}/{metadata.get('namespace', '-')}/{metadata.get('name')}"


def load_manifests(paths: Iterable[Path]) -> list[Manifest]:
    """Return all objects of files, and of the YAML and JSON files below folders.

    What others need comes first: definitions, then namespaces. Raises `ManifestError`.
    """
    found = [one for path in paths for file in _files(path) for one in _manifests(file)]
    return sorted(found, key=lambda one: _rank(str(one.data.get("kind"))))


def _rank(kind: str) -> int:
    return _FIRST.index(kind) if kind in _FIRST else len(_FIRST)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.suffix in _ENDINGS)
    if not path.is_file():
        raise ManifestError(f"--objects: {path} is neither a file nor a folder")
    return [path]


def _manifests(file: Path) -> Iterator[Manifest]:
    for document in _documents(file):
        if document is None:
            continue
        if not isinstance(document, dict):
            raise ManifestError(f"--objects: {file} holds a document that is no object")
        kind, items = document.get("kind"), document.get("items")
        if isinstance(kind, str) and kind.endswith("List") and isinstance(items, list):
            yield from (Manifest(file, _of_list(item, document)) for item in items)
        else:
            yield Manifest(file, document)


def _of_list(item: object, document: dict[str, Any]) -> dict[str, Any]:
    # The items of typed lists carry no kind of their own.
    if not isinstance(item, dict):
        raise ManifestError(f"--objects: a {document['kind']} holds an item that is no object")
    if document["kind"] == "List":
        return item
    kind = document["kind"].removesuffix("List")
    return {"apiVersion": document.get("apiVersion"), "kind": kind, **item}


def _documents(file: Path) -> list[object]:
    try:
        text = file.read_text(encoding="utf-8-sig")
        if file.suffix == ".json":
            return [json.loads(text)]
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return [_plain(document) for document in yaml.load_all(text, loader)]
    except (OSError, ValueError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise ManifestError(f"--objects: {file} can't be read: {reason[:300]}") from error


def _plain(document: object) -> object:
    # YAML knows dates; Kubernetes does not: what JSON can't say becomes the text that it was.
    return json.loads(json.dumps(document, default=str))
