"""``explain --rule``: what a rule of Traefik's says, without a cluster."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from catalyst_dns_sync.core.rules import Protocol, RuleError, RuleNames, Syntax, names_of


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a rule gives, or why Traefik refuses it."""

    rule: str
    names: RuleNames | None
    error: RuleError | None

    def as_json(self) -> str:
        """Return it as one line of JSON."""
        found = self.names
        body: dict[str, Any] = {
            "hosts": list(found.hosts) if found else [],
            "regexps": list(found.regexps) if found else [],
            "skipped": [
                {"value": one.value, "reason": one.reason}
                for one in (found.skipped if found else ())
            ],
            "error": None,
        }
        if self.error is not None:
            body["error"] = {
                "class": self.error.error_class.value,
                "message": self.error.message,
                "position": self.error.position,
            }
        return json.dumps(body)

    def as_text(self) -> str:
        """Return it for people."""
        if self.error is not None:
            return "\n".join(_pointed(self.rule, self.error))
        found = self.names or RuleNames((), (), ())
        lines = [f"host      {host}" for host in found.hosts] or ["no host names"]
        lines += [f"regexp    {regexp}   (gives no name)" for regexp in found.regexps]
        lines += [f"left out  {one.value!r}: {one.reason}" for one in found.skipped]
        return "\n".join(lines)


def explain_rule(rule: str, syntax: Syntax, protocol: Protocol) -> Explanation:
    """Return what the rule gives."""
    try:
        return Explanation(rule, names_of(rule, syntax, protocol), None)
    except RuleError as error:
        return Explanation(rule, None, error)


def rules_in(lines: Iterable[bytes]) -> Iterator[str]:
    """Yield a rule a line; a line that begins with a double quote is a JSON string."""
    for line in lines:
        text = line.removesuffix(b"\n").decode("utf-8", "replace")
        yield _from_json(text) if text.startswith('"') else text


def _from_json(text: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        # No JSON: then it is a rule that begins with a string, which the parser refuses.
        return text
    return value if isinstance(value, str) else text


def _pointed(rule: str, error: RuleError) -> Iterator[str]:
    yield f"{error.error_class} error at character {error.position + 1}: {error.message}"
    begin = rule.rfind("\n", 0, error.position) + 1
    end = rule.find("\n", error.position)
    yield "  " + rule[begin : end if end >= 0 else len(rule)].replace("\t", " ")
    yield "  " + " " * (error.position - begin) + "^"
