"""What somebody is notified of, and how a batch of it is written."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from catalyst_dns_sync.core.changes import Change, Delete, action_of
from catalyst_dns_sync.core.records import Records


class Sort(StrEnum):
    """What sort of news it is."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    WITHHELD = "withheld"
    TROUBLE = "trouble"
    OVER = "over"


class Format(StrEnum):
    """What the receiver understands: a JSON object of ours, or Slack's incoming webhook."""

    JSON = "json"
    SLACK = "slack"


@dataclass(frozen=True, slots=True)
class Notice:
    """One piece of news; trouble of a zone as a whole has no ``name``."""

    sort: Sort
    zone: str
    name: str
    text: str


def notice_of(zone: str, change: Change) -> Notice | None:
    """Return the news of a change that was made, None where its object wants none.

    What an ended object wanted is not known any more: so each delete is told.
    """
    if isinstance(change, Delete):
        return Notice(Sort.DELETE, zone, change.name, f"was {_values(change.before)}")
    if change.endpoint.quiet:
        return None
    origin = change.endpoint.origins[0]
    text = f"{_values(change.goal)}, for {origin}"
    return Notice(Sort(action_of(change)), zone, change.name, text)


def render(notices: Sequence[Notice], dropped: int, format_: Format) -> dict[str, object]:
    """Return the body of one message; ``dropped`` pieces of news had no place."""
    if format_ is Format.JSON:
        told = [asdict(notice) for notice in notices]
        return {"source": "catalyst-dns-sync", "notices": told, "dropped": dropped}
    lines = [_line(notice) for notice in notices]
    if dropped:
        lines.append(f"and {dropped} more")
    return {"text": "\n".join(lines)}


def _line(notice: Notice) -> str:
    # Slack reads these three as markup.
    text = f"{notice.sort} {notice.name or notice.zone}: {notice.text}"
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _values(records: Records) -> str:
    return ", ".join(f"{record.type} {record.value}" for record in records)
