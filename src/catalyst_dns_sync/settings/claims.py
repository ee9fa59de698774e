"""The table DNS_CLAIMS: which namespaces may claim which hosts."""

import re

from catalyst_dns_sync.core.admission import ClaimRow
from catalyst_dns_sync.core.patterns import parse_host_pattern, parse_namespace_pattern
from catalyst_dns_sync.settings import parsers
from catalyst_dns_sync.settings.faults import FaultsError, file_text


def rows(text: str) -> tuple[ClaimRow, ...]:
    """Return the rows of a text such as ``team-a: *.a.lab.home; *: *.apps.lab.home``.

    A text without a colon is the path of a file with a row a line; ``#`` begins a comment there.
    Raises `FaultsError`.
    """
    if ":" in text:
        return _parsed([("", row) for row in text.split(";")])
    path = parsers.path(text.strip())
    lines = file_text(path).splitlines()
    numbered = enumerate((line.partition("#")[0] for line in lines), start=1)
    return _parsed([(f"{path}:{number}: ", line) for number, line in numbered])


def _parsed(texts: list[tuple[str, str]]) -> tuple[ClaimRow, ...]:
    found: list[ClaimRow] = []
    faults: list[str] = []
    for where, text in texts:
        if not text.strip():
            continue
        try:
            found += _rows(text)
        except ValueError as error:
            faults.append(f"{where}{error}")
    if not found and not faults:
        faults.append("no row: write them like team-a: *.a.lab.home")
    if faults:
        raise FaultsError(faults)
    return tuple(found)


def _rows(text: str) -> list[ClaimRow]:
    namespaces, colon, hosts = text.partition(":")
    wanted = [word for word in re.split(r"[\s,]+", hosts) if word]
    if not colon or not namespaces.strip() or not wanted:
        raise ValueError(f"{text.strip()!r} is no row; write it like team-a: *.a.lab.home")
    patterns = tuple(parse_host_pattern(word) for word in wanted)
    return [
        ClaimRow(parse_namespace_pattern(word), patterns)
        for word in re.split(r"[\s,]+", namespaces.strip())
    ]
