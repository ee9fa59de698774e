"""``export`` and ``import``: our records, out of the DNS server and back; no cluster is needed."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from catalyst_dns_sync.app.backends import dns_provider
from catalyst_dns_sync.app.takeover import check_all_done
from catalyst_dns_sync.control.ports import Applied, Provider
from catalyst_dns_sync.control.view import usable
from catalyst_dns_sync.core.backup import Backup, backup_of
from catalyst_dns_sync.core.changes import Change
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.records import Zone
from catalyst_dns_sync.core.restoring import Refusal, restoration
from catalyst_dns_sync.settings.model import Settings, SettingsError


@dataclass(frozen=True, slots=True)
class Restored:
    """What an import came to: how many names were written, and which were refused."""

    names: int = 0
    refusals: tuple[Refusal, ...] = ()


@dataclass(slots=True)
class _Restoration:
    """What an import would do now, zone by zone, on what was read."""

    readings: dict[DnsName, Zone] = field(default_factory=dict)
    changes: dict[DnsName, Sequence[Change]] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)


async def exported(settings: Settings, zones: Collection[DnsName] = ()) -> Backup:
    """Return our records of these zones, or of all managed ones; changes nothing."""
    chosen = _chosen(settings, zones)
    async with dns_provider(settings) as provider:
        hosted = await provider.zones()
        for zone in chosen:
            # A secondary may be read, but one that is missing must not pass for empty.
            if zone not in hosted:
                usable(zone, hosted)
        readings = [await provider.read(zone) for zone in chosen]
    return backup_of(readings, settings.owner_id)


async def restored(
    settings: Settings,
    backup: Backup,
    confirm: Callable[[Sequence[Change], Sequence[Refusal]], Awaitable[bool]],
    *,
    restore_markers: bool = False,
) -> Restored:
    """Put the records of a backup back where ``confirm``, which is shown the changes, says so.

    What was begun and broke off is gone on with by another call. Raises `NotAllDoneError`.
    """
    _chosen(settings, backup.zones)
    async with dns_provider(settings) as provider:
        shown = await _planned(provider, backup, restore_markers=restore_markers)
        changes = [change for of_zone in shown.changes.values() for change in of_zone]
        if not await confirm(changes, shown.refusals):
            return Restored(0, tuple(shown.refusals))
        # A person takes time to answer: what was shown is done where it would still be shown.
        now = await _planned(provider, backup, restore_markers=restore_markers)
        applied = await _carry_out(provider, shown.changes, now)
    check_all_done(shown.changes, applied)
    return Restored(len(applied), tuple(shown.refusals))


async def _planned(provider: Provider, backup: Backup, *, restore_markers: bool) -> _Restoration:
    found = _Restoration()
    hosted = await provider.zones()
    for zone, names in sorted(backup.zones.items()):
        usable(zone, hosted)
        reading = await provider.read(zone)
        changes, refusals = restoration(
            names, reading, backup.owner, restore_markers=restore_markers
        )
        found.readings[zone], found.changes[zone] = reading, changes
        found.refusals += refusals
    return found


async def _carry_out(
    provider: Provider, shown: Mapping[DnsName, Sequence[Change]], now: _Restoration
) -> list[Applied]:
    applied: list[Applied] = []
    for zone, changes in shown.items():
        still = {change.name: change for change in now.changes[zone]}
        due = [change for change in changes if still.get(change.name) == change]
        if due:
            results = provider.apply(zone, due, seen=now.readings[zone])
            applied += [one async for one in results]
    return applied


def _chosen(settings: Settings, zones: Collection[DnsName]) -> list[DnsName]:
    managed = settings.dns_zones or frozenset()
    strange = sorted(set(zones) - managed)
    if strange:
        raise SettingsError([f"{zone} is not one of DNS_ZONES" for zone in strange])
    return sorted(zones or managed)
