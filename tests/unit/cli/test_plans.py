import json
from typing import Any

from catalyst_dns_sync.cli import yamltext
from catalyst_dns_sync.cli.paint import Colour, Paint, paint_for
from catalyst_dns_sync.cli.plans import (
    as_json,
    as_markdown,
    as_table,
    as_yaml,
    has_changes,
    since_export,
)
from catalyst_dns_sync.cli.progress import Progress
from catalyst_dns_sync.control.outcome import Proposal
from catalyst_dns_sync.control.review import Reviewed
from catalyst_dns_sync.core.backup import Backup
from catalyst_dns_sync.core.changes import Create, Delete, Update
from catalyst_dns_sync.core.plan import Plan
from catalyst_dns_sync.core.records import Endpoint, Record, RecordType, parse_targets
from catalyst_dns_sync.core.skips import Skip, SkipReason
from fakes.values import ZONE, a, host, marker, ours, ref, zone

APP = ref("IngressRoute/web/app")


def wanted(label: str) -> Endpoint:
    rule = f"Host(`{label}.lab.test`) || Host(`b.lab.test`)"
    return Endpoint(host(label), parse_targets("10.0.0.1"), 300, (APP,), rule=rule)


def proposal(**plan: Any) -> Proposal:
    waiting = plan.pop("waiting", {})
    planned = Plan(ZONE, plan.get("changes", ()), plan.get("skips", ()), plan.get("notes", ()))
    return Proposal(Reviewed(planned, waiting), zone({}))


FULL = proposal(
    changes=(
        Create(wanted("new"), (Record(RecordType.A, "10.0.0.1", 300),)),
        Update(wanted("moved"), (ours("10.0.0.9"),), (ours("10.0.0.1", ttl=60),)),
        Update(wanted("marked"), (a(comment="x"),), (ours(),)),
        Delete(host("gone"), (ours(),), frozenset({"Ingress"})),
    ),
    waiting={host("late"): 60.0},
    skips=(
        Skip(SkipReason.WITHHELD, host("kept"), "9 deletes were inferred"),
        Skip(SkipReason.NOT_OURS, host("two"), "A 10.0.0.2", APP),
        Skip(SkipReason.INVALID_RULE, None, "'Host(': no", APP),
        Skip(SkipReason.NOT_OURS, host("one"), "A 10.0.0.3", APP),
    ),
    notes=("y.lab.test is answered by *.lab.test now",),
)

TABLE = """\
Zone lab.test
  + new.lab.test     A 10.0.0.1 ttl 300                       IngressRoute/web/app  \
Host(`new.lab.test`) || Host(`b.lab.test`)
  ~ moved.lab.test   A 10.0.0.9 ttl 300 -> A 10.0.0.1 ttl 60  IngressRoute/web/app  \
Host(`moved.lab.test`) || Host(`b.lab.test`)
  ~ marked.lab.test  A 192.168.1.54 ttl 300 (its marker)      IngressRoute/web/app  \
Host(`marked.lab.test`) || Host(`b.lab.test`)
  - gone.lab.test    A 192.168.1.54 ttl 300                   no object claims it any more
  - late.lab.test    later: its end was not seen, a second list has to confirm it
  ! kept.lab.test    withheld: 9 deletes were inferred
    -> look whether it should go: `release` lets it go
  Note: y.lab.test is answered by *.lab.test now
  Left alone:
    invalid-rule (1): mend the rule; names it held before stay meanwhile
      IngressRoute/web/app: 'Host(': no
    not-ours (2): delete it by hand, where it stands, if the cluster should have the name; \
take over what another owner's marker is on: `adopt --from-owner`
      two.lab.test IngressRoute/web/app: A 10.0.0.2
      one.lab.test IngressRoute/web/app: A 10.0.0.3
  1 to create, 2 to update, 1 to delete, 1 later, 1 withheld, 3 left alone"""


def test_a_plan_reads_as_plans_do() -> None:
    assert as_table([FULL]) == TABLE


def test_several_zones_are_summed_up() -> None:
    last = as_table([FULL, proposal()]).splitlines()[-1]

    assert last.startswith("All zones: 1 to create, 2 to update, 1 to delete")


def test_a_fault_of_an_object_counts_once_however_many_zones_tell_it() -> None:
    last = as_table([FULL, FULL]).splitlines()[-1]

    assert last.endswith("2 withheld, 5 left alone")


def test_yaml_says_what_json_says() -> None:
    said = json.loads(as_json([FULL]))

    assert yamltext.load(as_yaml([FULL])) == said
    assert said["zones"][0]["summary"]["withheld"] == 1
    assert said["zones"][0]["changes"][0]["rule"].startswith("Host(`new")


def test_a_rule_does_not_break_the_table_of_markdown() -> None:
    lines = as_markdown([FULL]).splitlines()

    rows = [line for line in lines if line.startswith("| + ")]
    (row,) = rows
    assert row == (
        "| + | new.lab.test |  | A 10.0.0.1 ttl 300 | "
        "IngressRoute/web/app  Host(`new.lab.test`) \\|\\| Host(`b.lab.test`) |"
    )


def test_a_plan_is_compared_with_an_export() -> None:
    gone = (a("10.0.0.8", comment=marker()),)
    backup = Backup("default", {ZONE: {host("old"): gone, host("moved"): (ours("10.0.0.1"),)}})

    since = since_export(backup, [FULL], "default")

    assert as_table([], since=since).splitlines() == [
        "Since the export, with the changes above:",
        "  + marked.lab.test  A 192.168.1.54 ttl 300",
        "  ~ moved.lab.test  A 10.0.0.1 ttl 300 -> A 10.0.0.1 ttl 60",
        "  + new.lab.test  A 10.0.0.1 ttl 300",
        "  - old.lab.test  A 10.0.0.8 ttl 300",
        "  4 names differ",
    ]
    assert len(json.loads(as_json([FULL], since))["sinceExport"]) == 4
    assert "| - | old.lab.test | A 10.0.0.8 ttl 300 |  |" in as_markdown([FULL], since)


def test_only_what_is_to_be_done_counts_as_change() -> None:
    assert has_changes([FULL])
    assert has_changes([proposal(waiting={host("late"): 1.0})])
    assert not has_changes([proposal(skips=FULL.reviewed.plan.skips)])


class _Terminal:
    def isatty(self) -> bool:
        return True


def test_colours_are_for_terminals_and_for_who_wants_them() -> None:
    terminal: Any = _Terminal()

    assert "\x1b[32m+ new.lab.test" in as_table([FULL], Paint(is_on=True))
    assert paint_for(terminal, {})("x", Colour.RED) != "x"
    assert paint_for(terminal, {"NO_COLOR": "1"})("x", Colour.RED) == "x"
    assert paint_for(terminal, {"TERM": "dumb"})("x", Colour.RED) == "x"


def test_the_bar_fills_with_the_steps() -> None:
    progress = Progress()
    progress.say("reading zone lab.test", 1, 4)

    assert progress.bar() == "[#####...............] reading zone lab.test"
