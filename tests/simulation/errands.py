"""Commands that a person runs beside a daemon: ``plan``, ``adopt`` and ``purge --orphans``."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from catalyst_dns_sync.app.parts import Parts
from catalyst_dns_sync.app.passes import answered
from catalyst_dns_sync.app.takeover import adopt, purge_orphans
from catalyst_dns_sync.cli.plans import as_json, as_table
from catalyst_dns_sync.core.changes import Change, describe
from catalyst_dns_sync.core.errors import CatalystError
from simulation.life import Life


@dataclass(eq=False)
class Errand:
    """One run of a command.

    ``living`` makes the connections of one opening, ``show`` takes what the person gets to see.
    ``other`` is the cluster to adopt from. The person thinks ``think`` seconds before saying yes.
    The command is killed when it has made ``dies_at`` writes; 0 is never.
    """

    purpose: str
    living: Callable[[], Life]
    show: Callable[[str], None]
    other: str = ""
    think: float = 0.0
    dies_at: int = 0
    done: int = 0
    _lives: list[Life] = field(default_factory=list)

    async def run(self) -> None:
        """Run to the end; errors that a person is told are no trouble, any other breaks a law."""
        try:
            await self._run()
        except asyncio.CancelledError:
            if not self._is_killed:
                raise
        except Exception as error:  # noqa: BLE001 (an end that nobody is told breaks a law)
            for leaf in _leaves(error):
                if isinstance(leaf, CatalystError):
                    self.show(str(leaf))
                else:
                    self._lives[-1].judge.report("never_exits", f"{self.purpose} died: {leaf!r}")
        finally:
            for life in self._lives:
                life.ended = True

    async def _run(self) -> None:
        match self.purpose:
            case "plan":
                async with self._opened() as parts:
                    plans = [
                        await lane.reconciler.propose(zone)
                        for lane in parts.lanes
                        for zone in lane.board.zones
                    ]
                    self.show(as_table(plans))
                    self.show(as_json(plans))
            case "purge":
                self.done = await purge_orphans(self._opened, self._confirm)
            case _:
                self.done = await adopt(self._opened, self.other or None, self._confirm)

    @property
    def _is_killed(self) -> bool:
        return any(life.client.is_dead for life in self._lives)

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Parts]:
        life = self.living()
        life.task = asyncio.current_task()
        life.kill_at_write = self.dies_at
        self._lives.append(life)
        try:
            async with answered(life.parts):
                yield life.parts
        finally:
            life.ended = True

    async def _confirm(self, changes: Sequence[Change]) -> bool:
        for change in changes:
            self.show(describe(change))
        await asyncio.sleep(self.think)
        return bool(changes)


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for one in error.exceptions for leaf in _leaves(one)]
    return [error]


def as_text(value: object) -> str:
    """Return JSON as people and programs get it."""
    return json.dumps(value, default=str)
