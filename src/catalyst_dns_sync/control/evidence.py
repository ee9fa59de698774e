"""What is known of the end of claims, from when they end until their records are gone."""

from collections.abc import Callable, Collection, Container, Iterable, Mapping
from dataclasses import dataclass, field

from catalyst_dns_sync.control.store import ClaimEnd
from catalyst_dns_sync.core.changes import Delete
from catalyst_dns_sync.core.guard import Candidate
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.ownership import origin_texts
from catalyst_dns_sync.core.records import ObjectRef

KEPT_AFTER_DELETE = 60.0
"""Seconds that evidence outlives the record: a killed server forgets the last 5 s, deletes that it
acknowledged among them, and one that was slow may make a record when we have given the call up."""


@dataclass(slots=True)
class _File:
    """What is known of one name's end."""

    ends: dict[ObjectRef, ClaimEnd] = field(default_factory=dict)
    missing_since: float | None = None
    deleted_at: float | None = None
    withheld: str = ""
    released: bool = False


class Ledger:
    """Evidence for the deletes of one zone, by name; a name that is claimed again has none.

    What is kept even then is that an object's end was not seen: it may come to light, after the
    name's last other claim has ended, that the object lives.
    """

    def __init__(self) -> None:
        self._files: dict[DnsName, _File] = {}
        self._carried_out: list[tuple[float, frozenset[str], bool]] = []
        self._last_end: dict[str, float] = {}
        self._unsure: dict[DnsName, float] = {}

    def note(self, ends: Iterable[ClaimEnd]) -> None:
        """Take the claims that ended."""
        for end in ends:
            file = self._files.setdefault(end.name, _File())
            file.ends[end.ref] = end
            # Until now it was claimed, be it between two passes.
            file.missing_since = None
            self._last_end[end.ref.kind] = end.at

    def forget_claimed(self, claimed: Container[DnsName]) -> None:
        """Drop the evidence, and the withholding, of names that are claimed."""
        for name in [name for name in self._files if name in claimed]:
            file = self._files.pop(name, None)
            if file is not None and (doubtful := _unseen(file.ends)):
                self._files[name] = _File(doubtful)

    def confirm(
        self,
        lives: Callable[[ObjectRef], bool],
        before: float,
        missing: Container[DnsName] = frozenset(),
    ) -> None:
        """Forget unseen ends of objects that live, and those before a time: a list agrees.

        That a name is ``missing`` rests on all of its ends: there a list makes no end a seen one.
        """
        for name, file in self._files.items():
            for ref, end in list(file.ends.items()):
                is_settled = end.at <= before and name not in missing
                if not end.seen and (lives(ref) or is_settled):
                    del file.ends[ref]

    def note_missing(self, names: Collection[DnsName], now: float) -> None:
        """Take which names nobody claims now; what is kept for another reason is not missing.

        A record that was deleted, and is there again after a while, needs new evidence.
        """
        for name, file in list(self._files.items()):
            if file.deleted_at is not None and now - file.deleted_at >= KEPT_AFTER_DELETE:
                del self._files[name]
            elif name not in names:
                file.missing_since = None

    def candidate(self, delete: Delete, now: float) -> Candidate:
        """Return a planned delete with what is known of the end of its claims."""
        file = self._files.setdefault(delete.name, _File())
        if file.missing_since is None:
            file.missing_since = now
        if delete.untrue:
            return Candidate(delete, seen=True, at=file.missing_since)
        ends = file.ends.values()
        kinds = {end.ref.kind for end in ends}
        seen = bool(ends) and all(end.seen for end in ends)
        if seen and delete.kinds <= kinds:
            return Candidate(delete, seen=True, at=max(end.at for end in ends))
        return Candidate(delete, seen=False, at=file.missing_since)

    def seen_ends(self, name: DnsName) -> frozenset[str]:
        """Return the kinds whose objects were all seen to give the name up.

        And with them the texts by which a marker may name one that was.
        """
        file = self._files.get(name)
        if file is None:
            return frozenset()
        kinds = self.kinds(name) - {ref.kind for ref in _unseen(file.ends)}
        seen = (ref for ref, end in file.ends.items() if end.seen)
        return kinds.union(*map(origin_texts, seen))

    def uids(self, name: DnsName, kind: str) -> frozenset[str | None]:
        """Return the uids of the kind's CRD under which the name's ended objects were listed."""
        file = self._files.get(name)
        ends = file.ends.values() if file is not None else ()
        return frozenset(end.uid for end in ends if end.ref.kind == kind)

    def kinds(self, name: DnsName) -> frozenset[str]:
        """Return the kinds of the objects that claimed the name and ended."""
        file = self._files.get(name)
        return frozenset(ref.kind for ref in file.ends) if file is not None else frozenset()

    def withhold(self, reasons: Mapping[DnsName, str]) -> None:
        """Latch names as withheld until they are claimed again or a person releases them."""
        for name, reason in reasons.items():
            file = self._files.setdefault(name, _File())
            # An earlier delete that was undone is over: its time must not end this one.
            file.withheld, file.deleted_at = reason, None

    def withheld(self, name: DnsName) -> str:
        """Return why the name is withheld, or nothing."""
        file = self._files.get(name)
        return file.withheld if file is not None else ""

    def release(self, name: DnsName) -> None:
        """Take a person's word that the name may go, until it is claimed again."""
        file = self._files.setdefault(name, _File())
        file.withheld, file.released = "", True

    def is_released(self, name: DnsName) -> bool:
        """Tell whether a person released the name."""
        return name in self._files and self._files[name].released

    def deleted(self, delete: Delete, now: float, *, seen: bool) -> None:
        """Note that a delete was acknowledged."""
        self._files.setdefault(delete.name, _File()).deleted_at = now
        self._carried_out.append((now, delete.kinds, seen))

    @property
    def names(self) -> Collection[DnsName]:
        """The names of which anything is known."""
        return self._files.keys()

    def unsure(self, name: DnsName, now: float) -> None:
        """Note that a change failed: for a while its calls may still be carried out."""
        self._unsure[name] = now

    def is_unsure(self, name: DnsName, now: float) -> bool:
        """Tell whether a change of the name failed lately, so that its calls may still come."""
        return now - self._unsure.get(name, float("-inf")) < KEPT_AFTER_DELETE

    def carried_out(self, now: float, window: float) -> tuple[frozenset[str], ...]:
        """Return the kinds of each inferred delete of the last ``window`` seconds."""
        self._forget_older(now, window)
        return tuple(kinds for _, kinds, seen in self._carried_out if not seen)

    def gone(self, now: float, window: float) -> tuple[frozenset[str], ...]:
        """Return the kinds of each delete of the last ``window`` seconds, seen or inferred."""
        self._forget_older(now, window)
        return tuple(kinds for _, kinds, _ in self._carried_out)

    def _forget_older(self, now: float, window: float) -> None:
        self._carried_out = [entry for entry in self._carried_out if now - entry[0] < window]

    def last_end(self) -> Mapping[str, float]:
        """Return when a claim last ended, by kind."""
        return self._last_end

    def forget_ends(self, before: float) -> None:
        """Forget the names whose claims all ended before a time."""
        for name, file in list(self._files.items()):
            if file.ends and all(end.at < before for end in file.ends.values()):
                del self._files[name]

    def tidy(self, keep: Collection[DnsName], now: float) -> None:
        """Forget the names that hold no record of ours, except those that may have one again."""
        since = now - KEPT_AFTER_DELETE
        self._unsure = {name: at for name, at in self._unsure.items() if at > since}
        for name in [name for name in self._files if name not in keep]:
            deleted_at = self._files[name].deleted_at
            if name not in self._unsure and (deleted_at is None or deleted_at <= since):
                del self._files[name]


def _unseen(ends: Mapping[ObjectRef, ClaimEnd]) -> dict[ObjectRef, ClaimEnd]:
    return {ref: end for ref, end in ends.items() if not end.seen}
