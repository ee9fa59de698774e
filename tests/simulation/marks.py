"""Whose a record is, read from its comment by the words of the specification."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from catalyst_dns_sync.sandbox.technitium.model.nodes import Node
from catalyst_dns_sync.sandbox.technitium.model.records import Record

ANSWERING = frozenset({"A", "AAAA", "CNAME", "ANAME", "APP", "DNAME", "FWD"})
WRITTEN = frozenset({"A", "AAAA", "CNAME", "PTR"})
HEAD = "catalyst-dns-sync/v1 "


@dataclass(frozen=True, slots=True)
class Mark:
    """What a comment says; ``human`` is what people wrote, ``note`` what objects tell them."""

    owner: str
    cluster: str
    origin: str
    kinds: frozenset[str]
    adopted: bool = False
    human: str = ""
    is_preview: bool = False
    note: str = ""
    is_note_stale: bool = False

    @property
    def namespace(self) -> str:
        return self.origin.split("/")[1] if self.origin.count("/") == 2 else ""


@lru_cache(maxsize=1024)
def mark_of(comment: str) -> Mark | None:
    """Return what a comment says, None where it is no mark."""
    if not comment.startswith(HEAD):
        return None
    text, _, human = comment.removeprefix(HEAD).partition(" | ")
    words = dict(word.partition("=")[::2] for word in text.split(" "))
    if not words.get("owner"):
        return None
    note, _, rest = human.partition(" | ")
    digest = hashlib.sha256(note.encode("utf-8", "replace")).hexdigest()[:8]
    is_stale = "note" in words and words["note"] != digest
    if words.get("note") == digest:
        human = rest
    else:
        # Somebody edited it: from then on all of it is theirs.
        note = ""
    kinds = frozenset(kind for kind in words.get("kinds", "").split(",") if kind)
    return Mark(
        words["owner"],
        words.get("cluster", ""),
        words.get("origin", ""),
        kinds,
        words.get("adopted") == "yes",
        human,
        words.get("preview") == "1",
        note,
        is_stale,
    )


def records_of(node: Node) -> Iterator[Record]:
    for rrset in node.values():
        yield from rrset


def answering(node: Node, name: str, zone: str) -> list[Record]:
    """Return the records that answer for a name."""
    return [
        record
        for record in records_of(node)
        if record.type in ANSWERING
        or (record.type == "NS" and name != zone)
        or (record.type == "PTR" and name.endswith(".in-addr.arpa"))
    ]


def is_mine(record: Record, owner: str, cluster: str) -> bool:
    """Tell whether a record is of this owner, and of this cluster or of none."""
    mark = mark_of(record.comments) if record.type in WRITTEN else None
    return mark is not None and mark.owner == owner and mark.cluster in ("", cluster)


def has_owner(record: Record, owner: str) -> bool:
    mark = mark_of(record.comments) if record.type in WRITTEN else None
    return mark is not None and mark.owner == owner
