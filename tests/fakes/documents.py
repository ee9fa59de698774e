"""The Markdown files of the project, and what a test can do with them.

Blocks behind ``<!-- runnable: sandbox -->`` are run on the sandbox, by ``tests/e2e/test_docs.py``:
``sh`` for commands to copy, with what they print in a ``text`` block right behind it or nowhere;
``console`` for commands behind ``$`` with what each prints. An ellipsis stands for any text, and
in a line of its own for any lines.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fakes.shell import ROOT

_RUNNABLE = re.compile(
    r"^<!-- runnable: sandbox -->\n+"
    r"```(?P<kind>sh|console)\n(?P<body>.*?)^```$"
    r"(?:\n+```text\n(?P<output>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)
_FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Step:
    """Something to type, and what the page says that it prints; None: it does not say."""

    command: str
    output: tuple[str, ...] | None

    def is_printed(self, lines: Sequence[str]) -> bool:
        """Tell whether the lines are what the page says."""
        if self.output is None:
            return True
        pattern = "".join(
            r"(?:.*\n)*" if line.strip() == "…" else re.escape(line).replace("…", ".*") + r"\n"
            for line in self.output
        )
        return re.fullmatch(pattern, "".join(f"{line}\n" for line in lines)) is not None


def documents() -> list[Path]:
    """Return the pages: those of the root and of the changelog, and all below docs."""
    changelog = ROOT / "changelog.d" / "README.md"
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), changelog])


def runnable(text: str) -> list[Step]:
    """Return the steps of a page that are marked as runnable."""
    return [step for match in _RUNNABLE.finditer(text) for step in _steps(match)]


def _steps(match: re.Match[str]) -> Iterator[Step]:
    body, output = match["body"], match["output"]
    if match["kind"] == "sh":
        yield Step(body, None if output is None else tuple(output.splitlines()))
        return
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        first, *lines = part.splitlines()
        typed = [first, *(line[2:] for line in lines if line.startswith("> "))]
        said = (line for line in lines if line and not line.startswith("> "))
        yield Step("\n".join(typed), tuple(said))


def broken_links(page: Path) -> list[str]:
    """Return the page's links to files and headings that are not there."""
    text = _FENCE.sub("", page.read_text())
    return [link for link in _LINK.findall(text) if not _leads_somewhere(page, link)]


def _leads_somewhere(page: Path, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return True
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    if not target.exists():
        return False
    return not anchor or anchor in anchors(target.read_text())


def anchors(text: str) -> set[str]:
    """Return the anchors that forges make of the headings."""
    found: set[str] = set()
    for heading in _HEADING.findall(_FENCE.sub("", text)):
        plain = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        number = 0
        while (anchor := f"{plain}-{number}" if number else plain) in found:
            number += 1
        found.add(anchor)
    return found


def commands_named(text: str, names: Collection[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Return the commands of the program that a page's code names, each with its long options.

    Behind the program's name any word counts as a command; in text, a command that stands for
    itself counts where an option follows, as in ``purge --all``.
    """
    fences = [match[0] for match in _FENCE.finditer(text)]
    fences += [match[0] for match in re.finditer(r"^ {4}.*$", text, re.MULTILINE)]
    spans = re.findall(r"`([^`\n]+)`", _FENCE.sub("", text))
    called = [
        match.groups()
        for code in [*fences, *spans]
        for match in re.finditer(r"catalyst-dns-sync +([a-z][a-z-]*)([^\n|#]*)", code)
    ]
    alone = [(name, rest) for name, _, rest in (span.partition(" ") for span in spans)]
    called += [(name, rest) for name, rest in alone if name in names and "--" in rest]
    return [(name, tuple(re.findall(r"(?<!\S)--[a-z][a-z-]*", rest))) for name, rest in called]
