import subprocess
import sys

import pytest
import typer

from catalyst_dns_sync.cli.main import COMMANDS, app

GROUP = typer.main.get_command(app)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_of_the_table_is_there_and_says_what_it_does(name: str) -> None:
    context = typer.Context(GROUP)

    command = GROUP.get_command(context, name)  # type: ignore[attr-defined]

    assert command.help
    assert len(f"  {name:10}  {COMMANDS[name].summary}") <= 80


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
