from catalyst_dns_sync.core.hostsmove import from_hosts, hosts_in
from catalyst_dns_sync.core.records import Record
from fakes.values import US, a, demand, endpoint, host, ours, zone

FILE = """\
127.0.0.1 localhost
192.168.1.54  app.lab.test moved.lab.test  # two
192.168.1.54  mine.lab.test idle.lab.test new.lab.test hand.lab.test elsewhere.other.test
10.0.0.1 moved.lab.test
no-address x.lab.test
192.168.1.54 not..a.name
"""


def test_a_hosts_file_is_taken_over_where_dns_and_the_cluster_agree() -> None:
    held = zone(
        {"app": [a()], "mine": [ours()], "hand": [a("10.0.0.7")], "moved": [a()], "other": [a()]}
    )
    labels = ("app", "mine", "hand", "moved", "new", "other")

    found = from_hosts(demand(*map(endpoint, labels)), held, US, hosts=hosts_in(FILE))

    assert [change.name for change in found.changes] == [host("app"), host("moved")]
    assert {one.name: one.reason for one in found.refusals} == {
        host("hand"): "the cluster wants A 192.168.1.54, and DNS has A 10.0.0.7",
        host("idle"): (
            "no object that is watched claims it: keep the line (A 192.168.1.54), or make a record"
        ),
        host("new"): "it is not in DNS yet: the daemon makes it",
    }


def test_a_line_that_says_something_else_is_told() -> None:
    held = zone({"moved": [Record("A", "10.0.0.9", 300)]})

    found = from_hosts(demand(endpoint("moved")), held, US, hosts=hosts_in(FILE))

    assert (
        "the file says A 10.0.0.1, A 192.168.1.54"
        in {one.name: one.reason for one in found.refusals}[host("moved")]
    )
