"""Variables that look like a setting and are none: a typo is ignored, and nobody says so."""

from collections.abc import Iterator, Mapping

from catalyst_dns_sync.settings.model import ALL


def misspelt(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each variable that is one slip away from a setting which is not given, and that one.

    A slip is a character too many, missing or wrong, or two that changed places. Short names are
    not judged: others have such variables as well.
    """
    names = {name for info in ALL for name in (info.variable, info.also) if "_" in (name or "")}
    given = {name for name, text in environment.items() if text.strip()}
    meant = {less: name for name in sorted(names - given) for less in _nearly(name)}
    for variable in sorted(given - names):
        if "_" in variable:
            found = next((meant[less] for less in _nearly(variable) if less in meant), None)
            if found:
                yield variable, found


def _nearly(name: str) -> Iterator[str]:
    """Yield the name, and the name without one of its characters."""
    yield name
    for index in range(len(name)):
        yield name[:index] + name[index + 1 :]
