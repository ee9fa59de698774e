"""A pytest plugin that shows that each case looks at what it is told.

    python -m pytest -p contract.kube.distortion tests/contract/kube

Each case that passes is run once more, with its last answer or event made wrong everywhere; a case
that passes all the same fails.
"""

from collections.abc import Generator
from typing import Any

import pytest

from contract.kube.target import Answer, Json, told


class Distortion:
    """Counts what a case is told, and makes one of these things wrong."""

    def __init__(self) -> None:
        self.seen = 0
        self.wrong: int | None = None

    def __call__(self, what: Any) -> Any:
        self.seen += 1
        return distorted(what) if self.seen == self.wrong else what


def distorted(what: Any) -> Any:
    """Return it with every value in it changed; the end of a watch becomes an event."""
    match what:
        case Answer(status, content_type, body, _):
            return Answer(status + 1, content_type + "~", distorted(body), {})
        case dict():
            return {key: distorted(value) for key, value in what.items()} | {"distorted": True}
        case list():
            return [*map(distorted, what), "distorted"]
        case bool():
            return not what
        case int():
            return what + 1
        case str():
            return what + "~"
        case _:
            event: Json = {"type": "DISTORTED", "object": {"metadata": {"name": "distorted"}}}
            return event


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    distortion = Distortion()
    told.through = distortion
    result = yield
    if distortion.seen:
        distortion.seen, distortion.wrong = 0, distortion.seen
        try:
            item.runtest()
        except Exception:  # noqa: BLE001 (however a case stumbles over it, it has noticed)
            return result
        pytest.fail("a last answer that is wrong everywhere goes unnoticed", pytrace=False)
    return result
