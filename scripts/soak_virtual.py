"""Run the daemon on the homelab's objects for a month of virtual time, with edits and faults.

    python scripts/soak_virtual.py --days 30

Each virtual day some objects are changed, deleted and made again, or only annotated; each week
something breaks. In the end the zone must hold exactly the names of the living objects, and
memory, tasks and file descriptors must not have grown.
"""

import argparse
import asyncio
import json
import random
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import looptime

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from catalyst_dns_sync.core.names import parse_name  # noqa: E402
from catalyst_dns_sync.sandbox.technitium import Fault, Kind  # noqa: E402
from fakes.world import TRAEFIK, World, running, settle, world  # noqa: E402 (the path comes first)

ZONE = "talos00"
DAY = 86_400.0
MANY = 10_000


def _revoke_for_a_moment(here: World) -> None:
    here.api.faults.answer(401, times=50)


def _lose_answers(here: World) -> None:
    here.dns_faults.add(Fault(Kind.LOSE_ANSWER, "records/", times=3))


def _dns_away(here: World) -> None:
    here.dns_faults.add(Fault(Kind.RESET, times=60))


def _crash(here: World) -> None:
    here.dns.crash()


def _expire(here: World) -> None:
    here.api.expire_history()
    here.api.end_watches()


def _half_open(here: World) -> None:
    here.api.faults.silence_watch("ingressroutes")
    here.api.end_watches()


FAULTS: tuple[Callable[[World], None], ...] = (
    _revoke_for_a_moment, _lose_answers, _dns_away, _crash, _expire, _half_open,
)  # fmt: skip


class Homelab:
    """The cluster's objects, and what people do to them."""

    def __init__(self, here: World, dice: random.Random) -> None:
        self._here = here
        self._dice = dice
        path = ROOT / "tests" / "cases" / "homelab" / "ingressroutes.json"
        self._objects: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["items"]
        self._living = {_key(obj): obj for obj in self._objects}
        for obj in self._objects:
            here.apply(obj)

    def edit(self) -> None:
        """Do one of the usual things."""
        obj = deepcopy(self._dice.choice(self._objects))
        match self._dice.randrange(4):
            case 0:
                self._here.api.delete("ingressroutes", TRAEFIK, *_key(obj))
                self._put(obj)
            case 1:
                obj["metadata"].setdefault("annotations", {})["noise"] = str(self._dice.random())
                self._put(obj)
            case 2:
                obj["spec"]["routes"][0]["match"] = f"Host(`n{self._dice.randrange(9)}.{ZONE}`)"
                self._put(obj)
            case _:
                self._put(obj)

    def wanted(self) -> set[str]:
        """Return the names of the living objects in the zone."""
        from catalyst_dns_sync.core.endpoints import watched_object

        parsed = (watched_object(obj, "IngressRoute") for obj in self._living.values())
        names = {name for obj in parsed if obj is not None for name in obj.names}
        return {name for name in names if name.endswith(f".{ZONE}")}

    def _put(self, obj: dict[str, Any]) -> None:
        self._here.apply(obj)
        self._living[_key(obj)] = obj


def _key(obj: dict[str, Any]) -> tuple[str, str]:
    return obj["metadata"]["name"], obj["metadata"]["namespace"]


async def soak(days: int, seed: int) -> list[str]:
    """Run it, and return what is wrong at the end."""
    dice = random.Random(seed)
    async with world(ZONE) as here:
        homelab = Homelab(here, dice)
        zones = frozenset({parse_name(ZONE)})
        async with running(here, dns_zones=zones, delete_grace=10.0):
            first: dict[str, int] = {}
            for day in range(days):
                for _ in range(8):
                    homelab.edit()
                    await settle(DAY / 8)
                if day % 7 == 3:
                    dice.choice(FAULTS)(here)
                usage = _usage()
                sys.stdout.write(f"day {day + 1}: {usage}\n")
                sys.stdout.flush()
                first = first or (usage if day >= 2 else {})
            await settle(3600)
            wanted, found, last = homelab.wanted(), here.names(ZONE), _usage()
            records = sum(len(held) for held in here.shown(ZONE).values())
    return [
        *(f"missing: {name}" for name in sorted(wanted - found)),
        *(f"orphaned: {name}" for name in sorted(found - wanted)),
        *([f"{records} records for {len(found)} names"] if records != len(found) else []),
        *(f"{key} grew: {first[key]} -> {last[key]}" for key in first if _grew(key, first, last)),
    ]


def _usage() -> dict[str, int]:
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    resident = next(line for line in status if line.startswith("VmRSS"))
    return {
        "resident_kib": int(resident.split()[1]),
        "tasks": len(asyncio.all_tasks()),
        "descriptors": sum(1 for _ in Path("/proc/self/fd").iterdir()),
    }


def _grew(key: str, first: dict[str, int], last: dict[str, int]) -> bool:
    # The embedded cluster keeps a bounded history; that is what the memory's fourth is for.
    allowed = {"resident_kib": first[key] // 4, "tasks": 8, "descriptors": 12}
    return last[key] > first[key] + allowed[key]


def main() -> int:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(MANY))
    given = parser.parse_args()
    sys.stdout.write(f"seed {given.seed}\n")
    faults = looptime.new_event_loop().run_until_complete(soak(given.days, given.seed))
    sys.stdout.write("".join(f"{fault}\n" for fault in faults) or "all is well\n")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
