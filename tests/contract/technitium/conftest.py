"""Order of the cases: what has effects on later ones comes last, also when tests are shuffled."""

import pytest

from contract.technitium.cases import Case


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move the lock-out to the end: on a real server it blocks logins for five minutes."""
    items.sort(key=_runs_last)


def _runs_last(item: pytest.Item) -> bool:
    callspec = getattr(item, "callspec", None)
    case = callspec.params.get("case") if callspec else None
    return isinstance(case, Case) and "run_last" in case.flags
