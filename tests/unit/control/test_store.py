from dataclasses import dataclass, replace

from catalyst_dns_sync.control.store import ClaimEnd, SourceState, Store, StoreChange
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.objects import Fault, WatchedObject
from catalyst_dns_sync.core.skips import SkipReason
from fakes.values import host, obj, ref

APP = "IngressRoute/web/app"
FAULT = Fault(SkipReason.INVALID_RULE, "Host(", "no end")


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


class Rig:
    """A store that was listed once, at 100, and what it has said since."""

    def __init__(self, *objects: WatchedObject, uid: str | None = "crd-1") -> None:
        self.clock = Clock()
        self.said: list[StoreChange] = []
        self.store = Store("ingressroute", "IngressRoute", self.clock)
        self.store.replace(objects, began=100.0, uid=uid)
        self.store.listener = self.said.append
        self.clock.now = 200.0

    def names(self) -> frozenset[DnsName]:
        """Return the names of the one thing that was said."""
        (change,) = self.said
        return change.names

    def ends(self) -> set[tuple[DnsName, bool]]:
        """Return the ends of the one thing that was said: name, and whether it was seen."""
        (change,) = self.said
        return {(end.name, end.seen) for end in change.ends}


def names(*labels: str) -> frozenset[DnsName]:
    return frozenset(host(label) for label in labels)


def broken(*held: str, origin: str = APP) -> WatchedObject:
    return WatchedObject(ref(origin), faults=(FAULT,), holds=names(*held))


def filtered(*labels: str) -> WatchedObject:
    return WatchedObject(ref(APP), filtered=names(*labels))


def test_the_first_list_names_everything_and_ends_nothing() -> None:
    said: list[StoreChange] = []
    store = Store("ingressroute", "IngressRoute", Clock(), said.append)

    store.replace([obj(APP, "a", "b")], began=90.0, uid="crd-1")

    assert said == [StoreChange(names("a", "b"), everywhere=True)]
    assert (store.state, store.answered, store.error) == (SourceState.SYNCED, True, "")
    assert (store.listed_at, store.uid) == (90.0, "crd-1")


def test_an_event_that_changes_nothing_that_matters_wakes_nobody() -> None:
    rig = Rig(obj(APP, "a"))

    rig.store.put(obj(APP, "a"))
    rig.store.remove(ref("IngressRoute/web/other"))

    assert rig.said == []
    assert rig.store.last_event_at == 200.0


def test_a_new_object_names_what_it_claims() -> None:
    rig = Rig()

    rig.store.put(obj(APP, "a"))

    assert rig.said == [StoreChange(names("a"))]


def test_a_changed_host_is_a_seen_end_of_the_old_one() -> None:
    rig = Rig(obj(APP, "a", "kept"))

    rig.store.put(obj(APP, "b", "kept"))

    end = ClaimEnd(host("a"), ref(APP), seen=True, uid="crd-1", at=200.0)
    assert rig.said == [StoreChange(names("a", "b", "kept"), (end,))]


def test_a_deleted_object_is_a_seen_end_of_all_its_names() -> None:
    rig = Rig(obj(APP, "a", "b"), obj("IngressRoute/web/x", "x"))

    rig.store.remove(ref(APP))

    assert rig.names() == names("a", "b")
    assert rig.ends() == {(host("a"), True), (host("b"), True)}
    assert set(rig.store.objects) == {ref("IngressRoute/web/x")}


def test_what_a_list_lacks_ended_by_inference_and_what_it_changed_was_seen() -> None:
    rig = Rig(obj("IngressRoute/web/gone", "gone"), obj(APP, "old"), obj("IngressRoute/web/s", "s"))

    rig.store.replace([obj(APP, "new"), obj("IngressRoute/web/s", "s")], began=199.0, uid="crd-2")

    assert rig.names() == names("gone", "old", "new")
    assert rig.ends() == {(host("gone"), False), (host("old"), True)}
    assert rig.store.listed_at == 199.0


def test_an_end_tells_the_definition_under_which_the_object_was_listed() -> None:
    rig = Rig(obj(APP, "a"))

    rig.store.replace([], began=199.0, uid="crd-2")

    assert [end.uid for end in rig.said[0].ends] == ["crd-1"]
    assert rig.store.uid == "crd-2"


def test_a_list_that_changes_nothing_is_said_without_names() -> None:
    rig = Rig(obj(APP, "a"))

    rig.store.replace([obj(APP, "a")], began=199.0, uid="crd-1")

    assert rig.said == [StoreChange(frozenset(), everywhere=True)]


def test_a_slip_of_the_pen_holds_the_names_and_ends_none() -> None:
    rig = Rig(obj(APP, "a", "b"))

    rig.store.put(broken("mentioned"))

    assert rig.ends() == set()
    assert rig.store.objects[ref(APP)].holds == names("a", "b", "mentioned")


def test_a_second_slip_still_holds_them() -> None:
    rig = Rig(obj(APP, "a"))

    rig.store.put(broken("x"))
    rig.store.put(broken("y"))

    assert rig.store.objects[ref(APP)].holds == names("a", "x", "y")
    assert [change.ends for change in rig.said] == [(), ()]


def test_a_slip_in_a_fresh_list_holds_too() -> None:
    rig = Rig(obj(APP, "a"))

    rig.store.replace([broken()], began=199.0)

    assert rig.ends() == set()
    assert rig.store.objects[ref(APP)].holds == names("a")


def test_the_good_rules_of_a_faulty_object_stay_claims() -> None:
    rig = Rig(obj(APP, "a", "b"))

    rig.store.put(replace(obj(APP, "a"), faults=(FAULT,)))

    assert (rig.store.objects[ref(APP)].names, rig.store.objects[ref(APP)].holds) == (
        names("a"),
        names("b"),
    )


def test_mending_the_slip_ends_what_is_not_claimed_any_more() -> None:
    rig = Rig(obj(APP, "a", "b"))
    rig.store.put(broken())
    rig.said.clear()

    rig.store.put(obj(APP, "a"))

    assert rig.ends() == {(host("b"), True)}


def test_deleting_a_faulty_object_ends_what_it_held() -> None:
    rig = Rig(obj(APP, "a"))
    rig.store.put(broken())
    rig.said.clear()

    rig.store.remove(ref(APP))

    assert rig.ends() == {(host("a"), True)}


def test_a_fault_that_costs_no_name_holds_none() -> None:
    rig = Rig(obj(APP, "a", "b"))

    rig.store.put(replace(obj(APP, "a"), faults=(replace(FAULT, costs_names=False),)))

    assert rig.ends() == {(host("b"), True)}


def test_an_object_that_is_filtered_out_has_not_ended() -> None:
    rig = Rig(obj(APP, "a"))

    rig.store.put(filtered("a"))

    assert (rig.names(), rig.ends()) == (names("a"), set())


def test_a_filtered_object_that_is_deleted_was_seen_to_end() -> None:
    rig = Rig(filtered("a"))

    rig.store.remove(ref(APP))

    assert rig.ends() == {(host("a"), True)}


def test_an_ignored_object_is_seen_to_end() -> None:
    rig = Rig(obj(APP, "a"))

    rig.store.put(WatchedObject(ref(APP)))

    assert rig.ends() == {(host("a"), True)}


def test_an_absent_kind_forgets_its_objects_without_proof() -> None:
    rig = Rig(obj(APP, "a"))

    rig.store.mark_absent("404 page not found")
    rig.store.mark_absent("404 page not found")

    assert rig.ends() == {(host("a"), False)}
    assert (rig.store.state, rig.store.listed_at) == (SourceState.ABSENT, float("-inf"))
    assert rig.store.objects == {}
    assert rig.store.uid == "crd-1"


def test_a_kind_that_is_absent_at_the_start_has_answered() -> None:
    said: list[StoreChange] = []
    store = Store("ingressroute", "IngressRoute", Clock(), said.append)

    store.mark_absent("404 page not found")

    assert store.answered
    assert said == [StoreChange(frozenset(), everywhere=True)]


def test_out_of_touch_is_said_once_and_forgets_nothing() -> None:
    rig = Rig(obj(APP, "a"))

    rig.store.mark_unknown("refused")
    rig.clock.now = 300.0
    rig.store.mark_unknown("timeout")

    assert rig.said == [StoreChange(frozenset(), everywhere=True)]
    assert (rig.store.state, rig.store.error) == (SourceState.UNKNOWN, "timeout")
    assert rig.store.since == 200.0
    assert set(rig.store.objects) == {ref(APP)}


def test_a_source_that_never_answered_has_not_answered_by_failing() -> None:
    store = Store("ingressroute", "IngressRoute", Clock())

    store.mark_unknown("refused")
    store.mark_synced()

    assert (store.answered, store.state) == (False, SourceState.UNKNOWN)


def test_a_watch_that_goes_on_where_it_ended_is_in_touch_again() -> None:
    rig = Rig(obj(APP, "a"))

    rig.store.mark_unknown("refused")
    rig.store.mark_synced()
    rig.store.mark_synced()

    assert rig.store.state is SourceState.SYNCED
    assert rig.said == [StoreChange(frozenset(), everywhere=True)] * 2
    assert rig.store.listed_at == 100.0


def test_an_absent_kind_must_be_listed_before_it_is_in_touch() -> None:
    rig = Rig(obj(APP, "a"))

    rig.store.mark_absent("404 page not found")
    rig.store.mark_unknown("429")
    rig.store.mark_synced()

    assert rig.store.state is SourceState.UNKNOWN
