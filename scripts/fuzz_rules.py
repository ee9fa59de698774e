"""Throw a million inputs at the rule parser.

    python scripts/fuzz_rules.py --inputs 1000000

Half of them are made from a tree, so that the names that they must give are known; the others are
the golden rules, mutated. The parser must raise nothing but `RuleError`, give only valid names, and
never a name that is only negated.
"""

import argparse
import os
import random
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

import yaml

from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.rules import Protocol, RuleError, Syntax, mentioned_names, names_of

CASES = Path(__file__).parent.parent / "tests" / "cases" / "rules.yaml"
NAMES = ("a.test", "b.test", "c.d.test", "*.w.test", "x_y.test")
OTHERS = ("PathPrefix(`/p`)", "Method(`GET`)", "ClientIP(`10.0.0.0/8`)", "Header(`a`,`!b`)")
BLANKS = ("", "", " ", "\t", " /* ! */ ")
SPLICES = (
    "`", '"', "(", ")", "!", "&&", "||", ",", "\n", "\\", "//", "/*", "*/", "Host", "HostSNI",
    "*.", "\x00", "é", "{", "}", "[", "...", "Host(`a.test`)", "!Host(`n.test`)", "\ud800", ".",
)  # fmt: skip


def fuzz(seed: int, inputs: int) -> list[str]:
    """Try so many inputs; returns what went wrong."""
    dice = random.Random(seed)
    corpus = _corpus()
    faults: list[str] = []
    for number in range(inputs):
        if number % 2:
            wanted: set[str] = set()
            rule = _made(dice, depth=4, positive=True, wanted=wanted)
            found = _hosts(rule, Syntax.V3, Protocol.HTTP)
            if found != wanted:
                faults.append(f"{rule!r} gave {found}, not {wanted}")
        else:
            rule = _mutated(dice, corpus)
            faults += _check(rule, dice.choice(list(Syntax)), dice.choice(list(Protocol)))
        if len(faults) > 20:
            break
    return faults


def _corpus() -> Sequence[str]:
    groups = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    found: list[str] = []
    queue: list[object] = [groups]
    while queue:
        match queue.pop():
            case dict(entry):
                if isinstance(rule := entry.get("rule"), str):
                    found.append(rule)
                queue += entry.values()
            case list(entries):
                queue += entries
            case _:
                pass
    return found


def _made(dice: random.Random, depth: int, *, positive: bool, wanted: set[str]) -> str:
    blank = dice.choice(BLANKS)
    kind = dice.randrange(6) if depth else 5
    if kind in (0, 1):
        sides = [_made(dice, depth - 1, positive=positive, wanted=wanted) for _ in range(2)]
        return f"({sides[0]}{blank}{('&&', '||')[kind]}{blank}{sides[1]})"
    if kind == 2:
        return f"!{blank}{_made(dice, depth - 1, positive=not positive, wanted=wanted)}"
    if kind == 3:
        return dice.choice(OTHERS)
    name = dice.choice(NAMES)
    if positive:
        wanted.add(name)
    matcher = dice.choice(("Host", "host", "HOST"))
    quote = dice.choice('`"')
    return f"{matcher}({blank}{quote}{name.upper() if dice.random() < 0.2 else name}{quote}{blank})"


def _mutated(dice: random.Random, corpus: Sequence[str]) -> str:
    rule = dice.choice(corpus)[:2000]
    for _ in range(dice.randrange(1, 4)):
        at = dice.randrange(len(rule) + 1)
        to = min(len(rule), at + dice.randrange(3))
        rule = rule[:at] + dice.choice((*SPLICES, "")) + rule[to:]
    return rule


def _hosts(rule: str, syntax: Syntax, protocol: Protocol) -> set[str] | str:
    try:
        return set(names_of(rule, syntax, protocol).hosts)
    except RuleError as error:
        return f"refused: {error}"


def _check(rule: str, syntax: Syntax, protocol: Protocol) -> list[str]:
    # What a broken rule may mean is total, too.
    mentioned_names(rule)
    try:
        found = names_of(rule, syntax, protocol)
    except RuleError as error:
        inside = 0 <= error.position <= len(rule)
        return [] if inside and error.message else [f"{rule!r}: a bad error: {error!r}"]
    faults = [f"{rule!r} gave the invalid {host!r}" for host in found.hosts if not _is_valid(host)]
    negated = {one.value.lower() for one in found.skipped if one.reason == "it is negated"}
    faults += [f"{rule!r} gave {host}, which is negated" for host in negated & set(found.hosts)]
    return faults


def _is_valid(host: str) -> bool:
    return parse_name(host) == host


def main() -> int:
    """Run it on all cores."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    given = parser.parse_args()
    workers = os.cpu_count() or 1
    chunk = 5_000
    chunks = -(-given.inputs // chunk)
    sys.stdout.write(f"seed {given.seed}\n")
    with ProcessPoolExecutor(workers) as pool:
        seeds = range(given.seed, given.seed + chunks)
        faults = [one for found in pool.map(fuzz, seeds, repeat(chunk)) for one in found]
    sys.stdout.write("".join(f"{fault}\n" for fault in faults[:20]))
    sys.stdout.write(f"{chunks * chunk} inputs, {len(faults)} faults\n")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
