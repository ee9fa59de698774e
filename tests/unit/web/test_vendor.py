"""What was taken from others is what the script fetched, with its licence."""

import hashlib
from importlib.resources import files

VENDOR = files("catalyst_dns_sync.web.ui") / "static" / "vendor"


def test_each_vendored_file_is_the_one_that_was_fetched() -> None:
    lines = (VENDOR / "SHA256SUMS").read_text().splitlines()
    wanted = {name: told for told, name in (line.split("  ") for line in lines)}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.name != "SHA256SUMS"
    }

    assert found == wanted


def test_each_vendored_script_has_its_licence_beside_it() -> None:
    names = {path.name for path in VENDOR.iterdir()}
    scripts = {name.removesuffix(".js") for name in names if name.endswith(".js")}

    assert scripts == {"alpine", "htmx", "sse"}
    assert {f"{script}.LICENSE" for script in scripts} <= names
