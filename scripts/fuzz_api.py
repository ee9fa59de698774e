"""Lets schemathesis ask the API of a real daemon for a while: `make fuzz-api`.

What it asks, and by which rules the answers are judged, is in tests/fakes/fuzzing.py.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from fakes.fuzzing import ZONE, fuzz, fuzzed  # noqa: E402 (the path comes first)
from fakes.world import world  # noqa: E402


async def main() -> int:
    """Run it, print what it says, and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", default="100", help="requests of each sort for each address")
    parser.add_argument("rest", nargs="*", help="more for `schemathesis run`, after --")
    given = parser.parse_args()
    arguments = ("--max-examples", given.examples, "--continue-on-failure", *given.rest)
    with tempfile.TemporaryDirectory() as folder:
        async with world(ZONE) as here, fuzzed(here) as caller:
            code, said = await fuzz(caller, Path(folder), *arguments)
    sys.stdout.write(said)
    return code


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
