"""scripts/changelog.py: fragments become a section of the changelog."""

import runpy
from pathlib import Path

import pytest

from fakes.shell import ROOT

script = runpy.run_path(str(ROOT / "scripts" / "changelog.py"))


def repository(folder: Path, **fragments: str) -> Path:
    (folder / "CHANGELOG.md").write_text(f"# Changelog\n\n{script['START']}\n## 0.1.0 (old)\n")
    (folder / "changelog.d").mkdir()
    (folder / "changelog.d" / "README.md").write_text("how")
    for name, text in fragments.items():
        (folder / "changelog.d" / f"{name.replace('_', '.')}.md").write_text(text)
    return folder


def test_fragments_become_the_newest_section_and_are_gone(tmp_path: Path) -> None:
    root = repository(tmp_path, b_fixed="A\nfix.\n", a_added="One.\n", c_added="Two.\n")

    script["main"]("0.2.0", "2026-01-02", root)

    _, _, sections = (root / "CHANGELOG.md").read_text().partition(script["START"])
    assert sections == (
        "\n## 0.2.0 (2026-01-02)\n\n### Added\n\n- One.\n- Two.\n\n### Fixed\n\n- A fix.\n"
        "\n## 0.1.0 (old)\n"
    )
    assert [path.name for path in (root / "changelog.d").iterdir()] == ["README.md"]


def test_a_fragment_of_no_kind_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    root = repository(tmp_path, a_added="One.", b_news="Two.")
    before = (root / "CHANGELOG.md").read_text()

    with pytest.raises(ValueError, match=r"b\.news\.md"):
        script["main"]("0.2.0", "2026-01-02", root)

    assert (root / "CHANGELOG.md").read_text() == before


def test_the_fragments_of_this_project_are_of_a_known_kind() -> None:
    script["fragments"](ROOT / "changelog.d")
