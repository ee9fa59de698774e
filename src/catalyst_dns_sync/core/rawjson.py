"""Parts of an object as the API server sent it: what is not of the type wanted is not there."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

Json: TypeAlias = Mapping[str, Any]


def map_at(value: Json, key: str) -> Json:
    """Return the object at a key, an empty one where there is none."""
    inner = value.get(key)
    return inner if isinstance(inner, dict) else {}


def list_at(value: Json, key: str) -> list[Any]:
    """Return the list at a key, an empty one where there is none."""
    inner = value.get(key)
    return inner if isinstance(inner, list) else []


def maps_at(value: Json, key: str) -> Iterator[Json]:
    """Yield the objects in the list at a key."""
    return (item for item in list_at(value, key) if isinstance(item, dict))


def text_at(value: Json, key: str) -> str:
    """Return the text at a key, an empty one where there is none."""
    inner = value.get(key)
    return inner if isinstance(inner, str) else ""


def texts_at(value: Json, key: str) -> list[str]:
    """Return the texts in the list at a key."""
    return [item for item in list_at(value, key) if isinstance(item, str)]


def labels_of(metadata: Json) -> dict[str, str]:
    """Return the labels in an object's metadata."""
    labels = map_at(metadata, "labels")
    return {key: value for key, value in labels.items() if isinstance(value, str)}
