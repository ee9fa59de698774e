"""The table DNS_CLAIMS, as a line and as a file."""

from pathlib import Path

import pytest

from catalyst_dns_sync.settings.claims import rows
from catalyst_dns_sync.settings.faults import FaultsError


def shown(text: str) -> list[tuple[str, list[str]]]:
    return [(row.namespaces.text, [host.text for host in row.hosts]) for row in rows(text)]


def test_a_line_and_a_file_say_the_same(tmp_path: Path) -> None:
    wanted = [("team-a", ["*.a.home", "a.home"]), ("x", ["b.home"]), ("y-*", ["b.home"])]
    assert shown("team-a: *.a.home, a.home; x y-*: b.home;") == wanted
    file = tmp_path / "claims"
    file.write_text("# who may what\nteam-a: *.a.home a.home  # ours\n\nx, y-*: b.home\n")
    assert shown(str(file)) == wanted


def test_all_faults_of_a_file_are_told_each_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "claims"
    file.write_text("team-a: a..home\nteam-b\nTeam: a.home\n")
    with pytest.raises(FaultsError) as told:
        rows(str(file))
    assert [fault.partition(": ")[0] for fault in told.value.faults] == [
        f"{file}:{number}" for number in (1, 2, 3)
    ]


@pytest.mark.parametrize("text", [":", "a:", "; :", "/none/there"])
def test_a_table_without_rows_is_a_fault(text: str) -> None:
    with pytest.raises(FaultsError):
        rows(text)
