"""Gather the fragments in changelog.d into a new section of CHANGELOG.md, and delete them.

python scripts/changelog.py VERSION DATE
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
KINDS = ("added", "changed", "fixed", "removed")
START = "<!-- the newest version stands below this line -->\n"


def fragments(folder: Path) -> list[Path]:
    """Return the fragments, in the order of their names; raises ValueError for another file."""
    found = sorted(path for path in folder.glob("*") if path.name != "README.md")
    for path in found:
        if kind_of(path) not in KINDS or path.suffix != ".md":
            raise ValueError(f"{path.name}: NAME.KIND.md is wanted, KIND of {', '.join(KINDS)}")
    return found


def kind_of(path: Path) -> str:
    """Return the kind of change that a fragment's name says."""
    return path.stem.rpartition(".")[2]


def section(version: str, date: str, found: list[Path]) -> str:
    """Return the section of a version."""
    parts = [f"\n## {version} ({date})\n"]
    for kind in KINDS:
        texts = [
            path.read_text(encoding="utf-8").split() for path in found if kind_of(path) == kind
        ]
        if texts:
            parts.append(f"\n### {kind.capitalize()}\n\n")
            parts += [f"- {' '.join(words)}\n" for words in texts]
    return "".join(parts)


def main(version: str, date: str, root: Path = ROOT) -> None:
    """Write the section, and delete what it was made of."""
    changelog = root / "CHANGELOG.md"
    found = fragments(root / "changelog.d")
    before, start, after = changelog.read_text(encoding="utf-8").partition(START)
    if not start or not found:
        raise ValueError("nothing to gather, or no place for it in CHANGELOG.md")
    changelog.write_text(before + start + section(version, date, found) + after, encoding="utf-8")
    for path in found:
        path.unlink()


if __name__ == "__main__":
    this_version, today = sys.argv[1:]
    main(this_version, today)
