"""Who may change a name: the marker in a record's comment, and which records decide.

Technitium keeps a comment beside each value: at most 255 UTF-16 units by its API, but 255 bytes in
its zone file, and a text that begins with ``{`` is lost on import. So a marker is plain ASCII, and
what people write behind it is counted in bytes.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from catalyst_dns_sync.core.names import DnsName, is_reverse
from catalyst_dns_sync.core.records import ObjectRef, Record, Records, RecordType

MAX_COMMENT_BYTES = 255
MAX_OWNER_LENGTH = 32

ADOPTED = "adopted=yes"
"""Stands in the marker of a record that a person handed over."""

PREVIEW = "preview=1"
"""Stands in the marker of a name of a preview environment: its end needs no grace."""

CUSTOM = "Custom"
"""The kind of names that a person ordered: in the cluster there is none of it."""

_NOTE = "note="
_NOTE_TAG = 8
_SHORTEST_NOTE = 4

_PREFIX = "catalyst-dns-sync/v"
_SHORT = 150
_VERSION = 1
_WORDS = frozenset({"owner", "cluster", "origin", "kinds"})
_HUMAN_TEXT = " | "
_HEAD = re.compile(r"catalyst-dns-sync/v([1-9][0-9]{0,3}) ", re.ASCII)
_OWNER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)
_PLAIN = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
_PLAIN_PATH = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+/[A-Za-z0-9._-]+", re.ASCII)

_ANSWERING = frozenset({"A", "AAAA", "CNAME", "ANAME", "APP", "DNAME", "FWD"})
_WRITTEN = frozenset(type_.value for type_ in RecordType)
_DNSSEC = frozenset({"RRSIG", "NSEC", "NSEC3", "NSEC3PARAM", "DNSKEY", "DS", "CDS", "CDNSKEY"})


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are: the owner id, and the cluster's id where it is known."""

    owner: str = "default"
    cluster: str | None = None


@dataclass(frozen=True, slots=True)
class Marker:
    """What a marker says. ``origin`` is the text of one living origin (see `origin_text`).

    ``extra`` are words of newer releases; ``human`` is what people wrote behind `` | ``.
    """

    owner: str
    cluster: str | None
    origin: str
    kinds: tuple[str, ...]
    extra: tuple[str, ...] = ()
    human: str = ""
    version: int = _VERSION


@lru_cache(maxsize=128)
def parse_marker(comment: str) -> Marker | None:
    """Return what a record's comment says of its owner, or None if it is no marker of ours.

    A comment that somebody edited so that it does not read as a marker any more is none.
    """
    head = _HEAD.match(comment)
    if head is None:
        return None
    text, _, human = comment[head.end() :].partition(_HUMAN_TEXT)
    known: dict[str, str] = {}
    extra: list[str] = []
    for word in text.split(" "):
        key, equals, value = word.partition("=")
        if not key or not equals or key in known:
            return None
        known[key] = value
        if key not in _WORDS:
            extra.append(word)
    if not known.get("owner"):
        return None
    return Marker(
        owner=known["owner"],
        cluster=known.get("cluster") or None,
        origin=known.get("origin", ""),
        kinds=_kinds(known.get("kinds", "")),
        extra=tuple(extra),
        human=human,
        version=int(head[1]),
    )


@lru_cache(maxsize=128)
def _kinds(text: str) -> tuple[str, ...]:
    return tuple(kind for kind in text.split(",") if kind)


def seems_of(comment: str, owner: str) -> bool:
    """Tell by a comment's words whether its marker is the owner's: cheap, for thousands to show."""
    return comment.startswith(_PREFIX) and f" owner={owner} " in comment


def words_of_origin(comment: str) -> str:
    """Return a marker from the text of its origin on, without parsing it."""
    return comment.partition(" origin=")[2]


def origin_and_kinds(comment: str) -> tuple[str, list[str]]:
    """Return what a marker of ours says of these two, without parsing the whole of it."""
    origin, _, rest = words_of_origin(comment).partition(" ")
    return origin, rest.removeprefix("kinds=").partition(" ")[0].split(",")


def render_marker(marker: Marker) -> str:
    """Return the comment for a marker: at most 255 bytes, ASCII but for what people wrote.

    Where it is too long, the human text is cut first, and then the words of newer releases go;
    that a record was adopted is never lost.
    """
    cluster = f" cluster={marker.cluster}" if marker.cluster else ""
    text = (
        f"{_PREFIX}{marker.version} owner={marker.owner}{cluster}"
        f" origin={marker.origin} kinds={','.join(marker.kinds)}"
    )
    reserved = len(ADOPTED) + 1 if ADOPTED in marker.extra else 0
    for word in marker.extra:
        reserved = 0 if word == ADOPTED else reserved
        if len(text) + 1 + len(word) + reserved <= MAX_COMMENT_BYTES:
            text += f" {word}"
    space = max(0, MAX_COMMENT_BYTES - len(text) - len(_HUMAN_TEXT))
    human = marker.human.encode("utf-8", "replace")[:space].decode("utf-8", "ignore")
    return text + _HUMAN_TEXT + human if human else text


def make_marker(identity: Identity, origin: ObjectRef, kinds: Iterable[str]) -> Marker:
    """Return the marker of a new record."""
    kinds = tuple(sorted(kinds))
    marker = Marker(identity.owner, identity.cluster, origin_text(origin), kinds)
    return _fitting(marker, origin)


def renewed_marker(
    old: Marker, identity: Identity, origins: tuple[ObjectRef, ...], kinds: Iterable[str]
) -> Marker:
    """Return the marker as it should be now; the same where it is still true.

    What newer releases and people wrote into it is kept, and so is an origin that still lives.
    """
    for living in origins:
        if is_origin(old, living):
            break
    else:
        living = origins[0]
    cluster = identity.cluster or old.cluster
    origin, kinds = origin_text(living), tuple(sorted(kinds))
    if (old.cluster, old.origin, old.kinds) == (cluster, origin, kinds) and _is_short(old):
        return old
    return _fitting(replace(old, cluster=cluster, origin=origin, kinds=kinds), living)


def with_note(marker: Marker, note: str) -> Marker:
    """Return the marker with an object's note in front of what people wrote, which stays whole.

    The word ``note=`` has a digest of the note: if it does not fit the text any more, then a
    person changed that, and it is theirs from then on. A note that finds no room is cut, or left
    out.
    """
    said = next((word for word in marker.extra if word.startswith(_NOTE)), None)
    if said is None and not note:
        return marker
    theirs = marker.human
    if said is not None:
        first, _, rest = theirs.partition(_HUMAN_TEXT)
        theirs = rest if said == _note_word(first) else theirs
    extra = tuple(word for word in marker.extra if word != said)
    bare = replace(marker, extra=(*extra, _note_word(note)), human=theirs)
    used = len(render_marker(replace(bare, human=""))) + len(_HUMAN_TEXT)
    if theirs:
        used += len(_HUMAN_TEXT) + len(theirs.encode("utf-8", "replace"))
    cut = note[: max(0, MAX_COMMENT_BYTES - used)].rstrip()
    if len(cut) < min(_SHORTEST_NOTE, len(note)) or not cut:
        return replace(marker, extra=extra, human=theirs)
    human = cut + _HUMAN_TEXT + theirs if theirs else cut
    return replace(marker, extra=(*extra, _note_word(cut)), human=human)


def _note_word(text: str) -> str:
    return _NOTE + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:_NOTE_TAG]


def origin_text(ref: ObjectRef) -> str:
    """Return the text that stands for an object in a marker."""
    if ref.kind == CUSTOM:
        return str(ref) if _PLAIN.fullmatch(ref.name) else _hashed_origin(ref)
    text = f"{ref.kind}/{ref.namespace}/{ref.name}"
    return text if _PLAIN_PATH.fullmatch(text) else _hashed_origin(ref)


def origin_texts(ref: ObjectRef) -> tuple[str, str]:
    """Return both texts by which a marker may name the object: written out, and hashed."""
    return str(ref), _hashed_origin(ref)


def is_origin(marker: Marker, ref: ObjectRef) -> bool:
    """Tell whether the marker's origin is this object, written out or hashed."""
    written = marker.origin
    return written == str(ref) or ("~" in written and written == _hashed_origin(ref))


def origin_namespace(marker: Marker) -> str | None:
    """Return the namespace of the marker's origin, or None where it does not say."""
    parts = marker.origin.split("/")
    return parts[1] if len(parts) == 3 else None


def is_ours(record: Record, identity: Identity) -> bool:
    """Tell whether the record carries our owner id, whichever cluster it names.

    A type that we never write is not ours: somebody copied the comment.
    """
    if record.type not in _WRITTEN:
        return False
    marker = parse_marker(record.comment)
    return marker is not None and marker.owner == identity.owner


def is_other_cluster(marker: Marker, identity: Identity) -> bool:
    """Tell whether another cluster with our owner id wrote it; not knowing ours is no licence."""
    return marker.cluster is not None and marker.cluster != identity.cluster


def answering(records: Records, name: DnsName, zone: DnsName) -> Records:
    """Return the records that answer for the name's address, and so decide whose it is.

    At a name that stands for an address that is a PTR, too.
    """
    if not records or (len(records) == 1 and records[0].type in _ANSWERING):
        return records
    return tuple(
        record
        for record in records
        if record.type in _ANSWERING
        or (record.type == "NS" and name != zone)
        or (record.type == "PTR" and is_reverse(name))
    )


def bars_cname(record: Record) -> bool:
    """Tell whether a CNAME can't stand beside the record (RFC 2181, 10.1; RFC 4034 excepted)."""
    return record.type not in _DNSSEC and record.type != "CNAME"


def is_owner_id(text: str) -> bool:
    """Tell whether the text can be an owner id: letters, digits, ``._-``, at most 32."""
    return len(text) <= MAX_OWNER_LENGTH and _OWNER.fullmatch(text) is not None


def _is_short(marker: Marker) -> bool:
    # Enough for nearly all, and cheaper than to render it.
    kinds = sum(len(kind) + 1 for kind in marker.kinds)
    return len(marker.owner) + len(marker.cluster or "") + len(marker.origin) + kinds < _SHORT


def _fitting(marker: Marker, origin: ObjectRef) -> Marker:
    # There must always be room for the one word that protects a record.
    if _is_short(marker):
        return marker
    bare = render_marker(replace(marker, extra=(), human=""))
    if len(bare) + 1 + len(ADOPTED) <= MAX_COMMENT_BYTES:
        return marker
    return replace(marker, origin=_hashed_origin(origin))


def _hashed_origin(ref: ObjectRef) -> str:
    digest = hashlib.sha256(ref.name.encode("utf-8", "replace")).hexdigest()[:12]
    if ref.kind == CUSTOM:
        return f"{CUSTOM}/~{digest}"
    kind, namespace = (
        part if _PLAIN.fullmatch(part) and len(part) <= 63 else "-"
        for part in (ref.kind, ref.namespace)
    )
    return f"{kind}/{namespace}/~{digest}"
