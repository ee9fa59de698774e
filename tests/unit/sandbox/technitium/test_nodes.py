"""The index of a zone's names agrees with its records, whatever was done to them."""

from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.sandbox.technitium.model.names import ancestors
from unit.sandbox.technitium.builders import ZONE, a, lab

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "disable", "delete"]),
        st.sampled_from(["a", "b.a", "x.b.a", "*.c", "d"]),
        st.integers(1, 2),
    ),
    max_size=30,
)


@given(STEPS)
def test_a_name_exists_when_it_or_one_below_it_has_an_enabled_record(
    steps: list[tuple[str, str, int]],
) -> None:
    _, zone = lab()
    for action, name, number in steps:
        record = a(name, f"192.0.2.{number}", disabled=action == "disable")
        if action == "delete":
            zone._delete(record.name, "A", record.data)
        else:
            zone._delete(record.name, "A", record.data)
            zone.add(record)

    alive = {
        above
        for record in zone.nodes.all_records()
        if not record.disabled
        for above in ancestors(record.name)
    }

    for name in ("a", "b.a", "x.b.a", "*.c", "c", "d", "e"):
        full = f"{name}.{ZONE}"
        assert zone.nodes.exists(full) is (full in alive), name


def test_records_are_listed_by_name_from_the_right_and_then_by_type() -> None:
    _, zone = lab()
    for record in (a("b"), a("x.a"), a("*"), a("a", "2001:db8::1"), a("a"), a("")):
        zone.add(record)

    listed = [(record.name, record.type) for record in zone.nodes.all_records()]

    assert listed == [
        (ZONE, "A"),
        (ZONE, "NS"),
        (ZONE, "SOA"),
        (f"*.{ZONE}", "A"),
        (f"a.{ZONE}", "A"),
        (f"a.{ZONE}", "AAAA"),
        (f"x.a.{ZONE}", "A"),
        (f"b.{ZONE}", "A"),
    ]
