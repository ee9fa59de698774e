"""The annotations that we read, and external-dns's where that is wished."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from sys import intern
from typing import Any, TypeAlias

from catalyst_dns_sync.core.objects import NO_EXTRAS, Extras

ANNOTATION_PREFIX = "catalyst-dns-sync.io/"
EXTERNAL_DNS = "external-dns.alpha.kubernetes.io/"

MAX_PRIORITY = 1_000_000

Annotations: TypeAlias = Mapping[str, Any]


_OURS = (ANNOTATION_PREFIX, EXTERNAL_DNS)

READ = (
    "target",
    "ttl",
    "hostname",
    "description",
    "owner",
    "priority",
    "notify",
    "slack-notify",
    "ignore",
    "auto-remediate",
    "expires-at",
    "ttl-after",
)
"""What stands behind `ANNOTATION_PREFIX` in annotations that mean something."""


class InvalidPriorityError(ValueError):
    """The text is no priority."""


def those_read(annotations: Annotations) -> Annotations:
    """Return those that are for us: most objects have none, and many for others."""
    return {key: text for key, text in annotations.items() if key.startswith(_OURS)}


def annotation(annotations: Annotations, key: str, *, compat: bool = False) -> str:
    """Return an annotation of ours; with ``compat`` external-dns's where there is none."""
    prefixes = (ANNOTATION_PREFIX, EXTERNAL_DNS) if compat else (ANNOTATION_PREFIX,)
    for prefix in prefixes:
        text = annotations.get(prefix + key)
        if isinstance(text, str) and text.strip():
            return text
    return ""


def is_ignored(annotations: Annotations, *, compat: bool = False) -> bool:
    """Tell whether the object is taken out.

    external-dns leaves out what names another ``controller`` than its own, `dns-controller`.
    """
    if annotation(annotations, "ignore").strip().lower() == "true":
        return True
    controller = annotations.get(f"{EXTERNAL_DNS}controller") if compat else None
    return isinstance(controller, str) and controller != "dns-controller"


def misread(annotations: Annotations) -> Iterator[tuple[str, str]]:
    """Yield what is meant for us and changes nothing, a misspelt key say, each with the reason."""
    for key in annotations:
        if key.startswith(ANNOTATION_PREFIX) and key.removeprefix(ANNOTATION_PREFIX) not in READ:
            yield key, f"there is no such annotation; there are {', '.join(READ)}"
    ignore = annotation(annotations, "ignore")
    if ignore and ignore.strip().lower() not in ("true", "false"):
        yield ignore, "ignore: true or false is wanted; the object counts"


def wants_hosts_of_rules(annotations: Annotations, *, compat: bool = False) -> bool:
    """Tell whether the object's own hosts count, not its annotation's alone."""
    source = annotations.get(f"{EXTERNAL_DNS}ingress-hostname-source") if compat else None
    return source != "annotation-only"


def host_annotations(
    annotations: Annotations, *, compat: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield the host names that annotations add, each with the annotation that has it.

    Ours and external-dns's both count.
    """
    keys = [f"{ANNOTATION_PREFIX}hostname"]
    source = annotations.get(f"{EXTERNAL_DNS}ingress-hostname-source") if compat else None
    if compat and source != "defined-hosts-only":
        keys.append(f"{EXTERNAL_DNS}hostname")
    for key in keys:
        text = annotations.get(key)
        for part in text.split(",") if isinstance(text, str) else ():
            if word := part.strip():
                yield word, key


def read_extras(
    annotations: Annotations, ways: Iterable[str], known: frozenset[str], *, notes: bool = True
) -> Extras:
    """Return what few objects say; ``known`` are the ways that the settings have a row for.

    Raises `InvalidPriorityError`.
    """
    extras = Extras(
        ways=tuple(sorted({intern(way) for way in ways if way in known})),
        priority=_priority(annotation(annotations, "priority")),
        note=_note(annotations) if notes else "",
        quiet=_is_quiet(annotations),
    )
    return NO_EXTRAS if extras == NO_EXTRAS else extras


def _priority(text: str) -> int:
    word = text.strip()
    if not word:
        return 0
    if not re.fullmatch(r"[+-]?\d{1,7}", word, re.ASCII) or abs(int(word)) > MAX_PRIORITY:
        raise InvalidPriorityError(
            f"a whole number from -{MAX_PRIORITY} to {MAX_PRIORITY} is wanted; 0 is used"
        )
    return int(word)


def _note(annotations: Annotations) -> str:
    said, whose = (_plain(annotation(annotations, key)) for key in ("description", "owner"))
    return f"{said}, owner: {whose}" if said and whose else said or (whose and f"owner: {whose}")


def _plain(text: str) -> str:
    """Return it as a record's comment can have it, in a zone file too: plain ASCII on one line."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    words = re.sub(r"[|\\\"(){};]", "/", ascii_text)
    return " ".join(re.sub(r"[^ -~]", " ", words).split())


def _is_quiet(annotations: Annotations) -> bool:
    word = annotation(annotations, "notify") or annotation(annotations, "slack-notify")
    return word.strip().lower() in ("false", "no", "off")
