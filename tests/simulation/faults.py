"""What goes wrong, and when: rules that hold for a while, asked at each call."""

import random
from dataclasses import dataclass, field


def server_side(number: int) -> str:
    """Return the side on which calls of one of the DNS servers are."""
    return f"dns{number}" if number else "dns"


@dataclass(slots=True)
class Rule:
    """While it holds, calls of ``side`` whose text begins with ``what`` fail as ``kind`` says.

    ``side`` is ``kube`` or a DNS server's. ``chance`` is that of each call, ``times`` bounds them.
    A rule for one ``actor`` spares the others.
    """

    side: str
    what: str
    kind: str
    until: float
    chance: float = 1.0
    times: int = 10**9
    seconds: float = 0.0
    actor: int | None = None
    rng: random.Random = field(default_factory=lambda: random.Random(0))


@dataclass(slots=True)
class Faults:
    """The rules in force."""

    rules: list[Rule] = field(default_factory=list)

    def add(self, rule: Rule) -> None:
        self.rules.append(rule)

    def clear(self) -> None:
        self.rules.clear()

    def take(self, side: str, what: str, now: float, actor: int) -> Rule | None:
        """Return the rule that this call of a daemon meets, and count it."""
        for rule in self.rules:
            if rule.actor not in (None, actor):
                continue
            if rule.side != side or now >= rule.until or not what.startswith(rule.what):
                continue
            if rule.times <= 0 or (rule.chance < 1.0 and rule.rng.random() >= rule.chance):
                continue
            rule.times -= 1
            return rule
        return None

    def holds(self, side: str, kind: str, now: float) -> Rule | None:
        """Return a rule of this kind that is in force."""
        for rule in self.rules:
            if rule.side == side and rule.kind == kind and now < rule.until:
                return rule
        return None
