import asyncio
import io

import pytest

from catalyst_dns_sync.cli.progress import Progress, shown

pytestmark = pytest.mark.looptime


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


async def test_what_takes_long_has_a_bar_that_is_gone_in_the_end() -> None:
    terminal, progress = Terminal(), Progress()

    async with shown(progress, terminal):
        await asyncio.sleep(0.9)
        before = terminal.getvalue()
        progress.say("reading zone lab.test", 1, 2)
        await asyncio.sleep(0.2)

    assert before == ""
    assert "[##########..........] reading zone lab.test" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")


async def test_no_bar_is_written_where_nobody_looks() -> None:
    pipe = io.StringIO()

    async with shown(Progress(), pipe):
        await asyncio.sleep(5)

    assert pipe.getvalue() == ""
