"""The other commands, and what they say to bad input."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from fakes.processes import COMMAND, Ended, cli, program
from fakes.shell import checkout

RULES = r"""Host(`a.test`) && !Host(`b.test`)
"Host(`two.test`) ||\nHost(`lines.test`)"
Host(`a.test`
Host('a.test')
HostRegexp(`^x\.test$`)

"""


async def test_explain_reads_a_rule_a_line_and_answers_a_line_of_json_each() -> None:
    ended = await cli("explain", "--rule", "-", stdin=RULES)

    answers = [json.loads(line) for line in ended.out.splitlines()]
    assert ended.code == 0
    assert [answer["hosts"] for answer in answers] == [
        ["a.test"],
        ["two.test", "lines.test"],
        [],
        [],
        [],
        [],
    ]
    classes = [(answer["error"] or {}).get("class") for answer in answers]
    assert classes == [None, None, "syntax", "syntax", None, "syntax"]
    assert answers[4]["regexps"] == [r"^x\.test$"]
    assert [one["value"] for one in answers[0]["skipped"]] == ["b.test"]


async def test_explain_prints_one_object_for_one_rule() -> None:
    v2 = await cli("explain", "--rule", "HostHeader(`a.test`,`b.test`)", "--syntax", "v2", "-ojson")
    v3 = await cli("explain", "--rule", "HostHeader(`a.test`)", "-o", "json")
    tcp = await cli("explain", "--rule", "HostSNI(`a.test`)", "--tcp", "-o", "json")

    assert json.loads(v2.out) == {
        "hosts": ["a.test", "b.test"],
        "regexps": [],
        "skipped": [],
        "error": None,
    }
    assert json.loads(v3.out)["error"]["class"] == "matcher"
    assert json.loads(tcp.out)["hosts"] == ["a.test"]


async def test_explain_points_at_the_fault_for_people() -> None:
    ended = await cli("explain", "--rule", "Host(`a.test`) & Host(`b.test`)")

    _, rule, pointer = ended.out.splitlines()
    assert ended.code == 1
    assert rule[pointer.index("^")] == "&"


async def test_all_faults_of_the_settings_are_named_together() -> None:
    ended = await cli(
        "run", "--policy", "all", DNS_ZONES="a..b", DNS_IP_ADDRESS="192.168.1.300", GRACE="soon"
    )

    lines = ended.err.splitlines()
    assert ended.code == 2
    assert [line.split(":")[1].strip() for line in lines] == [
        "DNS_ZONES",
        "DNS_IP_ADDRESS",
        "--policy",
        "GRACE",
    ]


async def test_settings_that_are_missing_are_named_together() -> None:
    ended = await cli("plan")

    assert ended.code == 2
    assert "DNS_SERVER_URL" in ended.err
    assert "DNS_API_TOKEN" in ended.err
    assert "DNS_ZONES" in ended.err
    assert "Traceback" not in ended.err


async def test_a_kubeconfig_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    ended = await cli(
        "plan",
        KUBECONFIG=str(tmp_path / "none"),
        DNS_SERVER_URL="http://127.0.0.1:1",
        DNS_API_TOKEN="secret-token",
        DNS_ZONES="lab.test",
    )

    assert ended.code == 1
    (line,) = ended.err.strip().splitlines()
    assert str(tmp_path / "none") in line


async def test_version_says_program_commit_and_python() -> None:
    ended = await cli("version")

    assert ended.out.startswith("catalyst-dns-sync 0.1.0 (commit ")


async def test_explain_wants_a_host_or_a_rule_and_not_both() -> None:
    neither = await cli("explain")
    no_name = await cli("explain", "a..b")

    assert (neither.code, neither.err) == (2, "error: name one of the two: a HOST, or a --rule\n")
    assert (no_name.code, "Traceback" in no_name.err) == (2, False)


@pytest.mark.tool("bash")
async def test_a_shell_completes_commands_options_and_values(tmp_path: Path) -> None:
    folder = await asyncio.to_thread(checkout, tmp_path)
    script = r"""
    source <(_CATALYST_DNS_SYNC_COMPLETE=source_bash catalyst-dns-sync)
    COMP_WORDS=(catalyst-dns-sync plan -o "") COMP_CWORD=3
    "$(complete -p catalyst-dns-sync | sed 's/.* -F \([^ ]*\) .*/\1/')" catalyst-dns-sync
    echo "${COMPREPLY[*]}"
    """
    path = f"{folder / '.venv' / 'bin'}:{os.environ['PATH']}"

    typed = await program("bash", "-euc", script, PATH=path)

    assert typed.out.split() == ["table", "json", "yaml", "markdown"], typed


async def test_output_that_finds_no_room_is_an_error_and_no_bug() -> None:
    ended = await program("sh", "-c", 'exec "$@" > /dev/full', "sh", *COMMAND, "version")

    assert ended == Ended(1, "", "error: the output can't be written: No space left on device\n")
