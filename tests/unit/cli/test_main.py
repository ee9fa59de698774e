import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest
import typer
from typer.testing import CliRunner

from catalyst_dns_sync.cli.direct import Given, parse
from catalyst_dns_sync.cli.main import COMMANDS, app
from catalyst_dns_sync.telemetry import logs

GROUP = typer.main.get_command(app)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_of_the_table_is_there_and_says_what_it_does(name: str) -> None:
    context = typer.Context(GROUP)

    command = GROUP.get_command(context, name)  # type: ignore[attr-defined]

    assert command.help
    assert len(f"  {name:10}  {COMMANDS[name].summary}") <= 80


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_80_columns_and_has_an_example(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    command = GROUP.get_command(typer.Context(GROUP), name)  # type: ignore[attr-defined]
    inner = getattr(command, "commands", {})

    for words in ([name], *([name, sub] for sub in inner)):
        shown = CliRunner().invoke(app, [*words, "--help"], prog_name="catalyst-dns-sync").output
        assert f"Example: catalyst-dns-sync {name}" in shown
        assert max(map(len, shown.splitlines())) <= 80


def test_the_option_version_says_what_the_command_says() -> None:
    answers = [CliRunner().invoke(app, [words]).output for words in ("--version", "version")]

    assert answers[0] == answers[1]
    assert answers[0].startswith("catalyst-dns-sync ")


@pytest.fixture
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, sys.excepthook
    yield
    root.handlers[:], sys.excepthook = handlers, hook
    logging.captureWarnings(capture=False)
    logs.set_level(logging.getLevelName(level))


@pytest.mark.usefixtures("_logging_as_before")
@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("adopt --from external-dns", "--txt-owner-id ID go together"),
        ("adopt --txt-owner-id k8s", "--txt-owner-id ID go together"),
        ("adopt --from hosts-file", "and a FILE go together"),
        ("adopt some-file", "and a FILE go together"),
        ("adopt --from-owner a --from-cluster b", "say one of them"),
        ("adopt --remove-txt", "--remove-txt is for --from external-dns"),
        ("adopt --from hosts-file no-such-file", "no-such-file: No such file or directory"),
        ("purge", "say what to purge"),
        ("purge --orphans --keep-records", "--keep-records goes with --all"),
        ("explain", "name one of the two"),
        ("plan --zone a..b", "--zone: 'a..b' is not a DNS name"),
        ("export --dns-provider hosts", "no place for our markers"),
    ],
)
def test_options_that_do_not_go_together_are_one_line_and_exit_code_2(
    line: str, fault: str
) -> None:
    ended = CliRunner(env={"DNS_ZONES": "lab.test"}).invoke(app, line.split())

    (said,) = ended.stderr.splitlines()
    assert ended.exit_code == 2
    assert said.startswith("error: ")
    assert fault in said


def test_help_and_version_import_nothing_that_takes_time() -> None:
    code = (
        "import sys; from catalyst_dns_sync.cli.main import app\n"
        "for args in ['--help'], ['version']: app(args, standalone_mode=False)\n"
        "print(sorted(name for name in sys.modules if name.partition('.')[0] in "
        "{'aiohttp', 'asyncio', 'kubernetes_asyncio', 'pydantic', 'rich', 'yaml'}"
        " or name.startswith('catalyst_dns_sync.')))"
    )

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout.splitlines()[-1] == str(
        [
            "catalyst_dns_sync.app",
            "catalyst_dns_sync.app.commit",
            "catalyst_dns_sync.cli",
            "catalyst_dns_sync.cli.main",
            "catalyst_dns_sync.cli.version",
        ]
    )


def test_the_version_alone_is_said_in_the_same_words_without_typer() -> None:
    code = (
        "import sys; from catalyst_dns_sync.__main__ import main\n"
        "for word in 'version', '--version': sys.argv[1:] = [word]; main()\n"
        "print('typer' in sys.modules)"
    )

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    said = CliRunner().invoke(app, ["version"]).output
    assert shown.stdout == said + said + "False\n"


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("run", Given()),
        (
            "run --dns-zones=a.test --once --owner-id me",
            Given({"dns_zones": "a.test", "owner_id": "me"}, {"--once"}),
        ),
        ("run --dev-mode --dry-run", Given({}, {"--dev-mode", "--dry-run"})),
        ("run --help", None),
        ("run --owner-id", None),
        ("run --once=yes", None),
        ("run --no-such-setting 1", None),
        ("run now", None),
        ("plan", None),
        ("", None),
    ],
)
def test_a_plain_run_needs_no_typer_and_all_else_is_left_to_it(
    line: str, given: Given | None
) -> None:
    assert parse(line.split()) == given


def test_a_run_imports_no_typer_and_nothing_of_other_commands() -> None:
    code = (
        "import sys; from catalyst_dns_sync.cli import direct; "
        "from catalyst_dns_sync.app import daemon; from catalyst_dns_sync.telemetry import logs\n"
        "print(sorted(name for name in sys.modules if name.partition('.')[0] in "
        "{'typer', 'click', 'rich', 'pydantic', 'yaml', 'kubernetes_asyncio', 'jinja2'}"
        " or name.startswith('catalyst_dns_sync.sandbox')))"
    )

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "[]"
