"""``adopt`` and ``purge``: shown first, and then carried out beside a running daemon."""

from collections.abc import Callable, Sequence

from catalyst_dns_sync.app.build import Parts
from catalyst_dns_sync.app.passes import settled
from catalyst_dns_sync.control.ports import Verdict
from catalyst_dns_sync.control.reconciler import Proposal
from catalyst_dns_sync.core.changes import Change
from catalyst_dns_sync.core.errors import CatalystError
from catalyst_dns_sync.core.takeover import adoptions, adoptions_from_cluster, orphan_deletes
from catalyst_dns_sync.settings.model import Settings


class NotAllDoneError(CatalystError):
    """Some of the changes were not made; the text has a line for each."""


async def adopt(
    settings: Settings, cluster: str | None, confirm: Callable[[Sequence[Change]], bool]
) -> int:
    """Take records over that already say what is wanted, or that another cluster left.

    ``confirm`` is shown the changes and says whether to go on. Returns how many were made.
    """

    def changes(parts: Parts, proposal: Proposal) -> Sequence[Change]:
        found = proposal.demand, proposal.contents, parts.reconciler.identity
        return adoptions_from_cluster(*found, cluster) if cluster else adoptions(*found)

    return await _carry_out(settings, changes, confirm)


async def purge_orphans(settings: Settings, confirm: Callable[[Sequence[Change]], bool]) -> int:
    """Delete our records whose objects the settings do not cover any more."""

    def changes(_parts: Parts, proposal: Proposal) -> Sequence[Change]:
        return orphan_deletes(proposal.reviewed.plan, proposal.contents)

    return await _carry_out(settings, changes, confirm)


async def _carry_out(
    settings: Settings,
    changes_of: Callable[[Parts, Proposal], Sequence[Change]],
    confirm: Callable[[Sequence[Change]], bool],
) -> int:
    async with settled(settings) as parts:
        plans = {
            zone: changes_of(parts, await parts.reconciler.propose(zone))
            for zone in parts.board.zones
        }
        if not confirm([change for changes in plans.values() for change in changes]):
            return 0
        applied = [
            one
            for zone, changes in plans.items()
            async for one in parts.provider.apply(zone, changes)
        ]
    failed = [one for one in applied if one.verdict is not Verdict.DONE]
    if failed:
        reasons = [
            f"{one.change.name}: {one.error or 'it was changed meanwhile, try again'}"
            for one in failed
        ]
        raise NotAllDoneError("\n".join(reasons))
    return len(applied)
