"""Orders of people for single names: carried out by the next pass, and told what became of them."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from catalyst_dns_sync.control.execution import Executed
from catalyst_dns_sync.control.ports import Applied, ProviderRejectedError, Verdict
from catalyst_dns_sync.control.review import Reviewed
from catalyst_dns_sync.core.changes import Change, Create, describe
from catalyst_dns_sync.core.errors import CatalystError
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.ordering import step_of
from catalyst_dns_sync.core.orders import (
    AddCustom,
    DeleteRecord,
    Objection,
    Order,
    Refused,
    RemoveCustom,
    Situation,
)

log = logging.getLogger(__name__)

DURABLE = 10.0
"""Seconds after which a server that still runs has saved what it acknowledged: Technitium does so
within 5."""


class OrderError(CatalystError):
    """An order was not carried out; the text says why."""


class OrderRefusedError(OrderError):
    """Nothing was done: what is there, a setting or a pause is in the way."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.detail)
        self.objection = refused.objection


class OrderFailedError(OrderError):
    """The DNS server did not do it, or did not say whether it did."""


@dataclass(eq=False, slots=True)
class Placed:
    """An order that waits for its pass.

    ``shown`` is the text of the change that the person agreed to, where one was shown. ``done`` is
    set to the change that was made, None where there was nothing to do.
    """

    order: Order
    shown: str | None
    done: asyncio.Future[Change | None]


class OrderBook:
    """The orders for one zone.

    What was done is remembered until the server has surely saved it, and done once more if it
    turns out to be lost: a killed server forgets its last seconds, and one that was slow may carry
    out an older call when it was long given up.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._placed: dict[DnsName, Placed] = {}
        self._kept: dict[DnsName, tuple[Order, float]] = {}
        self._again: set[DnsName] = set()
        self._steps: dict[DnsName, Change] = {}

    def place(self, order: Order, shown: str | None) -> Placed:
        """Take an order for the next pass; raises `OrderRefusedError` where one is under way."""
        if order.name in self._placed:
            detail = f"another order for {order.name} is under way"
            raise OrderRefusedError(Refused(Objection.BUSY, detail))
        placed = Placed(order, shown, asyncio.get_running_loop().create_future())
        self._placed[order.name] = placed
        return placed

    def withdraw(self, placed: Placed) -> None:
        """Let an order be that nobody waits for any more."""
        if self._placed.get(placed.order.name) is placed:
            del self._placed[placed.order.name]

    def repeat(self, names: Callable[[DnsName], bool] = lambda _name: True) -> None:
        """Do again at the next pass what was done lately, where it turns out to be undone."""
        self._again.update(name for name in self._kept if names(name))

    def forget(self, before: float, unsure: Callable[[DnsName], bool]) -> None:
        """Forget what was done before a time: the server still runs, so it is saved."""
        self._kept = {
            name: (order, at)
            for name, (order, at) in self._kept.items()
            if at >= before or unsure(name)
        }
        self._again &= self._kept.keys()

    def clear(self) -> None:
        """Forget all that was done: another instance has written since."""
        self._kept.clear()
        self._again.clear()

    def impose(
        self, reviewed: Reviewed, situation: Callable[[DnsName], Situation]
    ) -> tuple[Reviewed, frozenset[DnsName]]:
        """Return the plan with what is ordered in the place of what it has for these names.

        And with it the names for which that is so.
        """
        steps = {name: self._step(one, situation(name)) for name, one in self._placed.items()}
        self._again &= self._kept.keys()
        for name in self._again - steps.keys():
            steps[name] = self._repeated(name, situation(name))
            self._again.discard(name)
        self._steps = {name: step for name, step in steps.items() if step is not None}
        self._placed = {n: one for n, one in self._placed.items() if not one.done.done()}
        return self._without_rivals(_with_steps(reviewed, self._steps)), frozenset(self._steps)

    def settle(self, executed: Executed, halted: Callable[[], bool]) -> None:
        """Tell those who wait what became of the steps of the last pass."""
        applied = {one.change.name: one for one in executed.applied}
        for name, step in self._steps.items():
            one = applied.get(name)
            if one is not None and one.verdict is Verdict.DONE:
                self._done(name, step)
            elif one is not None and one.verdict is Verdict.FAILED:
                self._fail(name, _failure(one))
            elif executed.error is not None:
                self._fail(name, OrderFailedError(str(executed.error)))
            elif one is None and halted():
                detail = "the daemon is paused, or stops"
                self._fail(name, OrderRefusedError(Refused(Objection.FORBIDDEN, detail)))
            # Else it was found otherwise than planned, or left for later: the next pass tries it.
        self._steps = {}

    def fail(self, error: CatalystError) -> None:
        """Tell all that wait that the pass could not be made."""
        for name in list(self._placed):
            self._fail(name, OrderFailedError(str(error)))

    def _step(self, placed: Placed, situation: Situation) -> Change | None:
        step = step_of(placed.order, situation)
        if isinstance(step, Refused) and self._takes_back(placed.order, step):
            # What is not there was lost, and need not be made again now.
            step = None
        if isinstance(step, Refused):
            _answer(placed, OrderRefusedError(step))
            return None
        if step is None:
            self._keep(placed.order)
            _answer(placed, None)
            return None
        if placed.shown is not None and describe(step) != placed.shown:
            detail = f"it changed meanwhile; it would be: {describe(step)}"
            _answer(placed, OrderRefusedError(Refused(Objection.CONFLICT, detail)))
            return None
        return step

    def _without_rivals(self, reviewed: Reviewed) -> Reviewed:
        """Let nobody take a name whose record was just made by order, and may be lost."""
        changes = reviewed.plan.changes
        rivals = {
            one.name
            for one in changes
            if isinstance(one, Create) and one.name not in self._steps and self._made(one.name)
        }
        if not rivals:
            return reviewed
        left = tuple(one for one in changes if one.name not in rivals)
        again = self._clock() + DURABLE
        waiting = {**reviewed.waiting, **dict.fromkeys(rivals, again)}
        return replace(reviewed, plan=replace(reviewed.plan, changes=left), waiting=waiting)

    def _made(self, name: DnsName) -> bool:
        kept = self._kept.get(name)
        return kept is not None and isinstance(kept[0], AddCustom)

    def _takes_back(self, order: Order, refused: Refused) -> bool:
        is_end = isinstance(order, RemoveCustom | DeleteRecord)
        return is_end and refused.objection is Objection.ABSENT and order.name in self._kept

    def _repeated(self, name: DnsName, situation: Situation) -> Change | None:
        order, _ = self._kept[name]
        step = step_of(order, replace(situation, repeated=True))
        if isinstance(step, Refused):
            # Nothing to remove, say: then all is as it was ordered.
            if step.objection is not Objection.ABSENT:
                extra = {"dns_name": name, "error": step.detail}
                log.warning("what was ordered and lost can't be done again", extra=extra)
            return None
        return step

    def _done(self, name: DnsName, step: Change) -> None:
        placed = self._placed.pop(name, None)
        if placed is not None:
            self._keep(placed.order)
            _answer(placed, step)

    def _keep(self, order: Order) -> None:
        self._kept[order.name] = (order, self._clock())

    def _fail(self, name: DnsName, error: OrderError) -> None:
        placed = self._placed.pop(name, None)
        if placed is not None:
            # What was ordered before is not what is wanted now, and neither is this for sure.
            self._kept.pop(name, None)
            _answer(placed, error)


def _with_steps(reviewed: Reviewed, steps: Mapping[DnsName, Change]) -> Reviewed:
    if not steps:
        return reviewed
    planned = tuple(one for one in reviewed.plan.changes if one.name not in steps)
    return replace(
        reviewed,
        plan=replace(
            reviewed.plan,
            changes=(*planned, *steps.values()),
            skips=tuple(skip for skip in reviewed.plan.skips if skip.name not in steps),
        ),
        inferred=reviewed.inferred - steps.keys(),
        released=reviewed.released - steps.keys(),
    )


def _failure(applied: Applied) -> OrderFailedError:
    if isinstance(applied.error, ProviderRejectedError):
        return OrderFailedError(str(applied.error))
    return OrderFailedError(f"{applied.error}; it may have been carried out all the same: look")


def _answer(placed: Placed, answer: Change | OrderError | None) -> None:
    if placed.done.done():
        return
    if isinstance(answer, OrderError):
        placed.done.set_exception(answer)
    else:
        placed.done.set_result(answer)
