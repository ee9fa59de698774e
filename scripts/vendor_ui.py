"""Fetches the scripts that the pages use from npm's registry, and writes them below static/vendor.

Nothing is built: the files are those of the packages. Their versions and checksums are pinned here;
what was written is in SHA256SUMS, which a test compares. `make vendor` runs it.
"""

import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

NPM = shutil.which("npm") or "/usr/bin/npm"
VENDOR = Path(__file__).parent.parent / "src/catalyst_dns_sync/web/ui/static/vendor"

MIT = """\
MIT License

Copyright (c) 2019-2025 Caleb Porzio and contributors

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


@dataclass(frozen=True, slots=True)
class Package:
    """One package: ``integrity`` is the registry's; ``files`` maps what is taken to its new name.

    ``licence`` is the text for a package that has none in it.
    """

    name: str
    version: str
    integrity: str
    files: dict[str, str]
    licence: str = ""


PACKAGES = (
    Package(
        "htmx.org",
        "2.0.11",
        "sha512-Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89ecH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA==",
        {"dist/htmx.min.js": "htmx.js", "LICENSE": "htmx.LICENSE"},
    ),
    Package(
        "htmx-ext-sse",
        "2.2.4",
        "sha512-LJmxVhykyflBWgh5PvbRidcyuqMHlgfajmmzumvKctv9puvsufeH6OaejSMZTNTnEI8O2wXXn4ZZtBdpEMqmEQ==",
        {"dist/sse.min.js": "sse.js", "LICENSE": "sse.LICENSE"},
    ),
    Package(
        "@alpinejs/csp",
        "3.17.4",
        "sha512-SlRXmqO6kYhnxlg+99etmuzJtE9Lk4QbKjBHqerXzaMflJqoJXdz/SI3IvHJGZ/vRVyC3bR0SSBz40oY7goBeg==",
        {"dist/cdn.min.js": "alpine.js"},
        licence=MIT,
    ),
)


def fetch(package: Package, folder: Path) -> None:
    """Write the package's files below `VENDOR`; raises ValueError where it is another one."""
    wanted = f"{package.name}@{package.version}"
    packed = subprocess.run(  # noqa: S603 (the words are those above)
        (NPM, "pack", "--json", "--silent", wanted),
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    (told,) = json.loads(packed.stdout)
    if told["integrity"] != package.integrity:
        raise ValueError(f"{wanted} is another package than before: {told['integrity']}")
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as files:
        for path, name in package.files.items():
            content = files.extractfile(f"package/{path}")
            assert content is not None
            (VENDOR / name).write_bytes(content.read())
    archive.unlink()
    if package.licence:
        script = next(iter(package.files.values()))
        (VENDOR / script.replace(".js", ".LICENSE")).write_text(package.licence)


def write_sums() -> None:
    """Write what `sha256sum --check` reads."""
    files = sorted(path for path in VENDOR.iterdir() if path.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (VENDOR / "SHA256SUMS").write_text("".join(lines))


def main() -> None:
    """Fetch every package."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for package in PACKAGES:
            fetch(package, Path(folder))
    write_sums()


if __name__ == "__main__":
    main()
