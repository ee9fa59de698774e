"""What can be checked of the pages without running anything: links, and what they must not name."""

import re
from pathlib import Path

import pytest
import typer

from catalyst_dns_sync.cli.main import COMMANDS, app
from fakes.documents import (
    Step,
    anchors,
    broken_links,
    commands_named,
    documents,
    runnable,
)
from fakes.shell import ROOT

# Registries change, and people have their own; a path of one machine is on no other.
UNWANTED = re.compile(
    r"\b(?:[\w.-]*docker\.(?:io|com)|ghcr\.io|quay\.io|gcr\.io|registry\.k8s\.io|mcr\.microsoft\.com"
    r"|pypi\.org|pythonhosted\.org|npmjs\.org|proxy\.golang\.org|crates\.io)\b"
    r"|(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/"
)

pages = pytest.mark.parametrize("page", documents(), ids=lambda page: str(page.relative_to(ROOT)))


@pages
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    assert broken_links(page) == []


@pages
def test_no_page_names_a_registry_or_a_path_of_one_machine(page: Path) -> None:
    assert UNWANTED.findall(page.read_text()) == []


@pages
def test_every_command_and_option_that_a_page_names_is_there(page: Path) -> None:
    named = commands_named(page.read_text(), COMMANDS)

    unknown = [
        (name, options)
        for name, options in named
        if name not in COMMANDS or set(options) - options_of(name)
    ]
    assert unknown == []


def options_of(name: str) -> set[str]:
    """Return the long options of a command, and of those below it."""
    group = typer.main.get_command(app)
    with typer.Context(group) as context:
        command = group.get_command(context, name)  # type: ignore[attr-defined]
    below = getattr(command, "commands", {}).values()
    params = [param for one in (command, *below) for param in one.params]
    return {"--help"} | {text for param in params for text in (*param.opts, *param.secondary_opts)}


def test_commands_are_found_in_blocks_and_in_text() -> None:
    text = (
        "Run `purge --all`, `adopt` or `catalyst-dns-sync pause`.\n"
        "```sh\ncatalyst-dns-sync plan --zone a | grep --count b\nkubectl get x --all\n```\n"
    )

    assert commands_named(text, {"purge", "adopt"}) == [
        ("plan", ("--zone",)),
        ("pause", ()),
        ("purge", ("--all",)),
    ]


def test_the_index_leads_to_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text()

    others = [page.name for page in documents() if page.name != "README.md"]
    assert [name for name in others if f"{name})" not in index] == []


def test_a_link_to_a_missing_heading_is_broken(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One two\n[a](#one-two) [b](#three) [c](page.md) [d](none.md) [e](https://x)\n"
    )

    assert broken_links(page) == ["#three", "none.md"]


def test_headings_become_the_anchors_that_forges_make() -> None:
    text = "# `make dev`: change it\n## A\n## A\n```sh\n# no heading\n```\n"

    assert anchors(text) == {"make-dev-change-it", "a", "a-1"}


def test_a_marked_block_is_divided_into_what_is_typed_and_what_it_prints() -> None:
    text = (
        "<!-- runnable: sandbox -->\n```console\n$ cat <<'END'\n> one\n> END\none\n$ true\n```\n\n"
        "<!-- runnable: sandbox -->\n\n```sh\nls\n```\n\n```text\na…\n```\n\n"
        "<!-- runnable: sandbox -->\n```sh\npwd\n```\nNot run:\n```sh\nrm\n```\n"
    )

    assert runnable(text) == [
        Step("cat <<'END'\none\nEND", ("one",)),
        Step("true", ()),
        Step("ls\n", ("a…",)),
        Step("pwd\n", None),
    ]


@pytest.mark.parametrize(
    ("output", "printed"),
    [
        (("a … c",), ["a b c"]),
        (("…", "z"), ["x", "y", "z"]),
        (("…", "z"), ["z"]),
        ((), []),
        (None, ["x"]),
    ],
)
def test_an_ellipsis_stands_for_any_text(
    output: tuple[str, ...] | None, printed: list[str]
) -> None:
    assert Step("ls", output).is_printed(printed)


@pytest.mark.parametrize(
    ("output", "printed"),
    [(("a … c",), ["a b d"]), (("x",), ["x", "y"]), (("x", "y"), ["x"]), ((), ["x"])],
)
def test_other_text_is_noticed(output: tuple[str, ...], printed: list[str]) -> None:
    assert not Step("ls", output).is_printed(printed)
