"""Names that a text mentions, whether or not it is a rule."""

import re
from typing import Final

from catalyst_dns_sync.core.names import MAX_NAME_LENGTH, DnsName, InvalidNameError, parse_name

_QUOTE: Final = "`'\"\u2018-\u201f\u00ab\u00bb"
_WORD: Final = re.compile(rf"(?P<before>[{_QUOTE}]\s*)?(?P<word>[\w.*-]+)(?P<after>\s*[{_QUOTE}])?")
# A Unicode name can be longer than its ASCII form, by less than this.
_LONGEST: Final = 4 * MAX_NAME_LENGTH


def mentioned_names(text: str) -> frozenset[DnsName]:
    """Return every valid name that stands beside a quotation mark of any kind, or has a dot.

    For a rule that does not parse: it tells which records to keep, never which to publish.
    """
    words = {
        match["word"]
        for match in _WORD.finditer(text)
        if match["before"] or match["after"] or "." in match["word"]
    }
    return frozenset(name for word in words if (name := _name(word)) is not None)


def _name(word: str) -> DnsName | None:
    if len(word) > _LONGEST:
        return None
    try:
        return parse_name(word)
    except InvalidNameError:
        return None
