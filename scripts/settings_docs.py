"""Write .env.example and the README's table of settings from the one table in the program.

With --check nothing is written, and the exit code tells whether anything would change.
"""

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from catalyst_dns_sync.settings.model import ALL

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- settings: begin -->", "<!-- settings: end -->"


def env_example() -> Iterator[str]:
    """Yield the lines of .env.example."""
    yield "# Every setting of catalyst-dns-sync. Written by `make docs`; copy it to .env and edit."
    for group, infos in groupby(ALL, key=lambda info: info.group):
        yield f"\n# {group}"
        for info in infos:
            yield f"\n# {info.help}"
            yield f"#{info.variable}={info.default}"


def table() -> Iterator[str]:
    """Yield the lines of the README's table."""
    yield "| variable | flag | default | what it says |"
    yield "|---|---|---|---|"
    for info in ALL:
        variable = f"`{info.variable}`" + (f", `{info.also}`" if info.also else "")
        default = f"`{info.default}`" if info.default else ""
        yield f"| {variable} | `{info.flag}` | {default} | {info.help} |"


def main(*, check: bool) -> int:
    """Write the files, or check them."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    wanted = {
        ROOT / ".env.example": "\n".join(env_example()) + "\n",
        readme: before + BEGIN + "\n" + "\n".join(table()) + "\n" + END + after,
    }
    stale = [path for path, new in wanted.items() if not path.exists() or path.read_text() != new]
    for path in stale:
        if check:
            sys.stderr.write(f"{path.name} is out of date: run `make docs`\n")
        else:
            path.write_text(wanted[path], encoding="utf-8")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
