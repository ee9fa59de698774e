"""The API, asked by schemathesis all that its document allows, and much that it does not."""

from pathlib import Path

import pytest

from fakes.fuzzing import ZONE, fuzz, fuzzed
from fakes.world import world


@pytest.mark.timeout(120)
async def test_every_answer_is_one_that_the_document_tells_of(tmp_path: Path) -> None:
    arguments = ("--phases", "coverage", "--seed", "1", "--generation-deterministic")
    async with world(ZONE) as here, fuzzed(here) as caller:
        code, said = await fuzz(caller, tmp_path, *arguments)
        happenings = caller.daemon.parts.happenings
        done = {(one.name, one.what) for one in happenings or ()}

    assert code == 0, said
    assert "21 passed" in said, said
    # What it wrote was carried out, too.
    assert ("nas.home.arpa", "created") in done
