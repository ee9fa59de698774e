"""Traefik's rule language: from the text of a ``match`` to the names that it serves."""

from catalyst_dns_sync.core.rules.derivation import names_of
from catalyst_dns_sync.core.rules.mentions import mentioned_names
from catalyst_dns_sync.core.rules.model import (
    LeftOut,
    Protocol,
    RuleError,
    RuleErrorClass,
    RuleNames,
    Syntax,
)

__all__ = [
    "LeftOut",
    "Protocol",
    "RuleError",
    "RuleErrorClass",
    "RuleNames",
    "Syntax",
    "mentioned_names",
    "names_of",
]
