"""What is packed is all that is there: also what is no module."""

import zipfile
from pathlib import Path

import pytest
from hatchling.build import build_wheel

ROOT = Path(__file__).parent.parent.parent
PAGES = ROOT / "src" / "catalyst_dns_sync" / "web" / "ui"


def test_a_wheel_has_the_pages_templates_their_files_and_the_vendored_scripts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)

    wheel = tmp_path / build_wheel(str(tmp_path))

    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    files = {path for path in PAGES.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert {str(path.relative_to(ROOT / "src")) for path in files} - packed == set()
    for name in ("static/vendor/htmx.js", "static/vendor/alpine.LICENSE", "templates/base.html"):
        assert f"catalyst_dns_sync/web/ui/{name}" in packed
