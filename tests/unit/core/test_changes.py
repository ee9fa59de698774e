from catalyst_dns_sync.core.changes import Create, Update, describe
from fakes.values import a, delete, endpoint, host, ours


def test_a_change_is_told_in_one_line() -> None:
    wanted = endpoint("app")
    create = Create(wanted, (ours(),))
    update = Update(wanted, (ours("10.0.0.1", 60),), (ours(),))

    assert describe(create) == "+ app.lab.test A 192.168.1.54 ttl 300"
    assert describe(update) == "~ app.lab.test A 10.0.0.1 ttl 60 -> A 192.168.1.54 ttl 300"
    assert describe(delete("app")) == "- app.lab.test A 192.168.1.54 ttl 300"


def test_each_change_knows_its_name_and_both_sides() -> None:
    wanted = endpoint("app")
    create = Create(wanted, (ours(),))
    update = Update(wanted, (a(),), (ours(),))

    assert (create.name, create.before, create.goal) == (host("app"), (), (ours(),))
    assert (update.name, update.before, update.goal) == (host("app"), (a(),), (ours(),))
    assert (delete("app").name, delete("app").goal) == (host("app"), ())
