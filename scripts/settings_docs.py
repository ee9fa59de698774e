"""Write .env.example and docs/settings.md from the one table in the program.

With --check nothing is written, and the exit code tells whether anything would change.
"""

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from catalyst_dns_sync.settings.model import ALL

ROOT = Path(__file__).parent.parent

_HEAD = """\
# Settings

Written by `make docs` from the program itself.

Each setting is an environment variable and a flag; the flag wins. An empty variable counts as not
set. Where two variables stand in a row, the first one wins. Durations are seconds, or a form like
`500ms`, `10s`, `5m` or `1h`.

Three have to be set: `DNS_SERVER_URL`, `DNS_ZONES`, and one of `DNS_API_TOKEN` and
`DNS_API_TOKEN_FILE`; none of them in dev mode, nor where `DNS_SERVERS` names a file.
`DNS_IP_ADDRESS` is what nearly everybody wants beside them. All faults are reported together, and
the exit code is 2. A variable that is one slip away from a setting is warned of.

`.env.example` has every variable in a form to copy. `make dev` alone reads a file `.env` by itself;
for the other commands let the shell read it: `set -a; . ./.env; set +a`. Put what has blanks or
semicolons into single quotes, which both understand.

Settings are read at the start; a change needs a restart. Two things need none: the token in
`DNS_API_TOKEN_FILE` is read again on SIGHUP, and before each call as long as the server refuses
the old one; and `catalyst-dns-sync log-level` sets the level of the log.
"""

_GROUPS = {
    "cluster": ("The cluster", "Where the objects come from, and which of them count."),
    "DNS": ("DNS", "Where the names go, what they get, and what may be done to them."),
    "loop": ("When to look, and when to delete", "The defaults suit a cluster of any size."),
    "process": ("The process", "How it runs, and how it is seen from outside."),
}

_TAIL = """
## Annotations

On an Ingress, IngressRoute or IngressRouteTCP; each begins with `catalyst-dns-sync.io/`.

| annotation | value |
|---|---|
| `target` | what the object's names get: addresses with commas, or one host name (CNAME) |
| `ttl` | their time to live: seconds, or a form like `5m` |
| `hostname` | more names, with commas, beside those in the object's rules |
| `description`, `owner` | what it is and whom to ask: goes into the comments of its records |
| `priority` | a whole number: in a conflict the higher one wins over the older object |
| `notify` | `"false"`: `NOTIFY_URL` is not told of it; `slack-notify` means the same |
| `ignore` | `"true"`: the object does not count |
| `auto-remediate` | `"true"`, `"false"`: like `DRIFT_POLICY` repair or report, for its records |
| `expires-at` | when its names end, `2026-03-01T18:00:00Z`: [previews.md](previews.md) |
| `ttl-after` | the same as an age, like `36h` or `7d`; the earlier of both counts |
"""


def env_example() -> Iterator[str]:
    """Yield the lines of .env.example."""
    yield "# Every setting of catalyst-dns-sync. Written by `make docs`; copy it to .env and edit."
    yield "# `make dev` reads .env; for other commands: set -a; . ./.env; set +a"
    for group, infos in groupby(ALL, key=lambda info: info.group):
        yield f"\n# {group}"
        for info in infos:
            yield f"\n# {info.help}"
            yield f"#{info.variable}={info.default}"


def page() -> Iterator[str]:
    """Yield the parts of docs/settings.md."""
    yield _HEAD
    for group, infos in groupby(ALL, key=lambda info: info.group):
        title, about = _GROUPS[group]
        yield f"\n## {title}\n\n{about}\n\n"
        yield "| variable | flag | default | what it says |\n|---|---|---|---|\n"
        for info in infos:
            variable = f"`{info.variable}`" + (f", `{info.also}`" if info.also else "")
            default = f"`{info.default}`" if info.default else ""
            yield f"| {variable} | `{info.flag}` | {default} | {info.help} |\n"
    yield _TAIL


def main(*, check: bool) -> int:
    """Write the files, or check them."""
    wanted = {
        ROOT / ".env.example": "\n".join(env_example()) + "\n",
        ROOT / "docs" / "settings.md": "".join(page()),
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
