"""The law of those who stand by: as long as one of them could lead, somebody soon does."""

import asyncio
from collections.abc import Callable, Iterable

from simulation.life import Life

GRACE = 9.0
"""A little less than what a pass gets to end after a stop."""
KILLED = 20.0
"""Seconds until another instance leads, after the leader died or was cut off."""
RELEASED = 2.0
"""The same after a clean stop."""
PREPARED = 8.0
"""Seconds in which a daemon that was started is able to lead, if nothing is in its way."""
RECOVERY = 8.0
"""Seconds after a trouble of its own in which a daemon is able to lead again."""
TICK = 0.5


class Succession:
    """Looks, twice a second, who could lead and who does.

    ``hindered`` says until when a slot is stopped, or cut off; some seconds later it is able again.
    """

    def __init__(
        self, lives: Callable[[], Iterable[Life]], report: Callable[[str, str], None]
    ) -> None:
        self.hindered: dict[int, float] = {}
        self._lives = lives
        self._report = report
        self._able_since: dict[Life, float] = {}
        self._led_at = 0.0
        self.is_over = False

    def begin(self) -> None:
        """Look from now on, until it ``is_over``."""
        self._tick()

    def hinder(self, slot: int, until: float) -> None:
        """Expect nothing of a daemon before a time, and some seconds longer."""
        self.look()
        self.hindered[slot] = max(until, self.hindered.get(slot, 0.0))

    def hinder_all(self, until: float) -> None:
        """Expect nothing of any daemon before a time, and some seconds longer."""
        for life in self._lives():
            self.hinder(life.slot, until)

    def stopping(self, life: Life) -> None:
        """Take that an instance is told to stop; where it leads, it must hand over at its end."""
        if self._leads(life):
            began = self._now()
            life.after_end = lambda: self._handed_over(life, began)

    def _handed_over(self, life: Life, began: float) -> None:
        now = self._now()
        # In trouble at its end, or with a pass broken off, it leaves the lease to run out.
        if now < self.hindered.get(life.slot, 0.0) or now > began + GRACE or life.client.is_dead:
            return
        able = [life for life in self._able() if self._able_since.get(life, now) < now - PREPARED]
        if able:
            asyncio.get_running_loop().call_later(RELEASED, self._check_release, able[0])

    def _check_release(self, life: Life) -> None:
        still = life in self._able() and not self.is_over
        self.look()
        if still and self._led_at <= self._now() - RELEASED:
            self._report("gap", f"daemon {life.slot} did not take over what was released")

    def look(self) -> None:
        """Take note where somebody leads now; to be called before anybody is hindered."""
        if any(map(self._leads, self._lives())):
            self._led_at = self._now()

    def _tick(self) -> None:
        if self.is_over:
            return
        now, able = self._now(), self._able()
        self._able_since = {life: self._able_since.get(life, now) for life in able}
        self.look()
        since = max(self._led_at, min(self._able_since.values(), default=now) + PREPARED)
        if now - since > KILLED:
            self._report("gap", f"nobody leads for {now - since:.1f} s, and somebody could")
            return
        asyncio.get_running_loop().call_later(TICK, self._tick)

    def _able(self) -> list[Life]:
        now = self._now()
        return [
            life
            for life in self._lives()
            if life.is_alive
            and not life.stop.is_set()
            and now >= self.hindered.get(life.slot, -RECOVERY) + RECOVERY
        ]

    def _leads(self, life: Life) -> bool:
        is_free = self._now() >= self.hindered.get(life.slot, 0.0)
        return is_free and life.may_write and not life.stands_by

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
