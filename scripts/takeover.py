"""Take a zone of external-dns over, and die at each call in turn; then take it over again.

    python scripts/takeover.py --names 40

After each death and the second try the names that the cluster wants must be ours and their
registry gone, all else as it was, and no name may have stopped answering at any moment.
"""

import argparse
import sys
from itertools import count
from pathlib import Path

import looptime

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from catalyst_dns_sync.app.moving import Registry  # noqa: E402
from catalyst_dns_sync.core.external_dns import Affixes  # noqa: E402
from fakes.external_dns import (  # noqa: E402 (the path comes first)
    Size,
    die_after,
    fill,
    lost_names,
    not_taken,
    take_over,
)
from fakes.world import world  # noqa: E402


async def die_at(call: int, size: Size) -> tuple[bool, list[str]]:
    """Die at one call, and try again; tell whether it came to that, and what is wrong then."""
    registry = Registry("k8s", Affixes())
    async with world() as here:
        made = fill(here, size)
        before = made.left_alone(here.shown())
        die_after(here, call)
        died = await take_over(here, registry) is None
        here.dns_faults.clear()
        done = await take_over(here, registry)
        reported = [one.name for one in done.refusals] if done is not None else []
        faults = [f"not taken: {name}" for name in not_taken(here, made)]
        faults += [f"did not answer: {name}" for name in lost_names(here)]
        faults += [f"not reported: {name}" for name in made.reported if name not in reported]
        if made.left_alone(here.shown()) != before:
            faults.append("what is not to be taken was changed")
    return died, [f"call {call}: {fault}" for fault in faults]


async def run(size: Size, every: int) -> tuple[int, list[str]]:
    """Return how often it died, and what went wrong."""
    found: list[str] = []
    for deaths in count():
        died, faults = await die_at(deaths * every, size)
        found += faults
        if not died:
            return deaths, found
    raise AssertionError("count() does not end")


def main() -> int:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--names", type=int, default=40, help="that external-dns has, 4 or more")
    parser.add_argument("--every", type=int, default=1, help="die at each n-th call only")
    given = parser.parse_args()
    part = given.names // 10
    size = Size(given.names - 4 * part, moved=part, idle=part, others=2 * part, foreign=part)
    running = run(size, given.every)
    deaths, faults = looptime.new_event_loop().run_until_complete(running)
    sys.stdout.write(f"died {deaths} times\n")
    sys.stdout.write("".join(f"{fault}\n" for fault in faults) or "all is well\n")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
