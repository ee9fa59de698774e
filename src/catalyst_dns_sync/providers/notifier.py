"""Tells a web hook what was done and what is wrong: in batches, seldom, and never in the way."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Never

import aiohttp

from catalyst_dns_sync.control.observer import Observer
from catalyst_dns_sync.control.outcome import Outcome
from catalyst_dns_sync.control.ports import ProviderError, Verdict
from catalyst_dns_sync.control.skipbook import SkipChange
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.notices import Format, Notice, Sort, notice_of, render
from catalyst_dns_sync.core.skips import SkipReason

log = logging.getLogger(__name__)

WAITING = 200
"""So many pieces of news wait at most; of more only the number is told."""
BATCH = 50
GATHER = 2.0
"""Seconds from the first piece of news to the message, for more to come in."""
INTERVAL = 10.0
"""Seconds between two messages: Slack takes about one a second, and people fewer."""
TRIES = 3
PAUSE = 5.0
TIMEOUT = 10.0
_TOO_MANY = 429


class Notifier:
    """Sends news to a URL, which is a secret: no log and no error has it."""

    def __init__(self, url: str, format_: Format) -> None:
        self._url = url
        self._format = format_
        self._waiting: deque[Notice] = deque()
        self._dropped = 0
        self._changed = asyncio.Event()
        self._failing = False

    def observer(self, server: str) -> Observer:
        """Return what notes the news of one server; nothing is its name where it is alone."""
        return _Reporter(self.put, server)

    def put(self, notice: Notice) -> None:
        """Let the notice wait for its turn, or only count it where too many wait."""
        if len(self._waiting) >= WAITING:
            self._dropped += 1
            return
        self._waiting.append(notice)
        self._changed.set()

    async def run(self) -> Never:
        """Send what was noted, for ever."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                self._changed.clear()
                if not self._waiting:
                    await self._changed.wait()
                await asyncio.sleep(GATHER)
                count = min(BATCH, len(self._waiting))
                batch = [self._waiting.popleft() for _ in range(count)]
                dropped, self._dropped = self._dropped, 0
                await self._send(session, render(batch, dropped, self._format))
                await asyncio.sleep(INTERVAL)

    async def _send(self, session: aiohttp.ClientSession, body: dict[str, object]) -> None:
        why = ""
        for number in range(TRIES):
            if number:
                await asyncio.sleep(PAUSE * 2 ** (number - 1))
            why, may_help = await self._try(session, body)
            if not (why and may_help):
                break
        if bool(why) != self._failing:
            self._failing = bool(why)
            if why:
                log.warning("notification not sent", extra={"error": why})
            else:
                log.warning("notifications are sent again")

    async def _try(
        self, session: aiohttp.ClientSession, body: dict[str, object]
    ) -> tuple[str, bool]:
        """Return why it was not taken, and whether another try may help."""
        try:
            # Who redirects it could send the secret path on to somebody else.
            async with session.post(self._url, json=body, allow_redirects=False) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # The text of these has the URL in it.
            return type(error).__name__, True
        if status < 300:
            return "", False
        return f"HTTP {status}", status >= 500 or status == _TOO_MANY


class _Reporter(Observer):
    """Notes what one server's passes did; a trouble when it begins and when it ends."""

    def __init__(self, put: Callable[[Notice], None], server: str) -> None:
        self._put = put
        self._server = server
        self._troubled: set[DnsName] = set()

    def pass_ended(self, outcome: Outcome) -> None:
        """Note what was changed, and that a trouble is over."""
        zone = outcome.plan.zone
        if outcome.error is not None:
            self._trouble(zone, outcome.error)
        elif zone in self._troubled:
            self._troubled.discard(zone)
            self._put(Notice(Sort.OVER, self._label(zone), "", "it is in sync again"))
        for applied in outcome.applied:
            if applied.verdict is Verdict.DONE:
                notice = notice_of(self._label(zone), applied.change)
                if notice is not None:
                    self._put(notice)

    def pass_failed(self, zone: DnsName, error: ProviderError, seconds: float) -> None:  # noqa: ARG002 (an observer's)
        """Note a trouble when it begins."""
        self._trouble(zone, error)

    def skips_changed(self, change: SkipChange) -> None:
        """Note deletes that are withheld, and which no longer are."""
        for skips, sort in ((change.appeared, Sort.WITHHELD), (change.ended, Sort.OVER)):
            for skip in skips:
                if skip.reason is SkipReason.WITHHELD and skip.name is not None:
                    text = skip.detail if sort is Sort.WITHHELD else "its delete is not withheld"
                    self._put(Notice(sort, self._server, skip.name, text))

    def _trouble(self, zone: DnsName, error: ProviderError) -> None:
        if zone not in self._troubled:
            self._troubled.add(zone)
            self._put(Notice(Sort.TROUBLE, self._label(zone), "", str(error)))

    def _label(self, zone: DnsName) -> str:
        return f"{zone} on {self._server}" if self._server else zone
