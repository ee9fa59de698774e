"""The rules of section 16, beyond what the contract's cases say."""

from dataclasses import replace

import pytest

from catalyst_dns_sync.sandbox.technitium import ZoneType
from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError
from catalyst_dns_sync.sandbox.technitium.model.rdata import parse_address
from catalyst_dns_sync.sandbox.technitium.model.serials import next_serial
from unit.sandbox.technitium.builders import ZONE, Clock, a, below_apex, lab, named, txt


def test_a_value_with_another_ttl_wipes_what_is_stored_beside_its_siblings() -> None:
    _, zone = lab()
    zone.add(a("x", "192.0.2.1", comments="foreign", disabled=True, expiry_ttl=60))

    zone.add(a("x", "192.0.2.2", ttl=60, comments="mine"))

    assert below_apex(zone) == [a("x", "192.0.2.1", 60), a("x", "192.0.2.2", 60, comments="mine")]


def test_a_value_with_the_same_ttl_leaves_its_siblings_as_they_are() -> None:
    _, zone = lab()
    first = a("x", "192.0.2.1", comments="foreign", disabled=True)
    zone.add(first)

    zone.add(a("x", "192.0.2.2"))

    assert below_apex(zone) == [first, a("x", "192.0.2.2")]


@pytest.mark.parametrize(("version", "ttl_afterwards"), [("15.2", 60), ("14.3", 300)])
def test_only_since_15_2_adding_what_is_there_changes_its_ttl(
    version: str, ttl_afterwards: int
) -> None:
    _, zone = lab(version)
    zone.add(a("x", ttl=300))

    added = zone.add_quietly(a("x", ttl=60))

    assert added is (version == "15.2")
    assert below_apex(zone) == [a("x", ttl=ttl_afterwards)]


def test_every_commit_moves_serial_and_date_and_a_failure_moves_neither() -> None:
    clock = Clock()
    _, zone = lab(clock=clock)
    clock.advance(10)
    zone.add(a("x"))
    before = (zone.serial, zone.last_modified)
    clock.advance(10)

    with pytest.raises(ApiError, match="record already exists"):
        zone.add(a("x"))

    assert (zone.serial, zone.last_modified) == before
    assert before[0] == 2
    assert zone.soa.serial == 2


def test_the_soa_record_shows_the_zones_serial() -> None:
    _, zone = lab()
    zone.add(a("x"))
    zone.delete(f"x.{ZONE}", "A", parse_address("192.0.2.1", "A"))

    assert (zone.serial, zone.soa.serial) == (3, 3)


def test_a_renamed_record_vanishes_into_the_one_that_is_there_already() -> None:
    _, zone = lab()
    zone.add(a("x", comments="moving"))
    zone.add(a("y", comments="there"))

    zone.rename(f"x.{ZONE}", parse_address("192.0.2.1", "A"), a("y", comments="moving"))

    assert below_apex(zone) == [a("y", comments="there")]


def test_an_update_that_fails_changes_nothing() -> None:
    _, zone = lab()
    zone.add(a("x"))

    with pytest.raises(ApiError, match="TTL cannot be greater than SOA EXPIRE"):
        zone.update(parse_address("192.0.2.1", "A"), a("x", ttl=604801))

    assert below_apex(zone) == [a("x")]
    assert zone.serial == 2


def test_a_name_that_lost_its_last_record_is_gone_from_the_tree() -> None:
    _, zone = lab()
    zone.add(a("x"))

    zone.delete(f"X.{ZONE}", "A", parse_address("192.0.2.1", "A"))

    assert f"x.{ZONE}" not in zone.nodes
    assert not zone.nodes.exists(f"x.{ZONE}")


def test_a_failed_add_leaves_an_empty_name_behind() -> None:
    _, zone = lab()

    with pytest.raises(ApiError, match="TTL cannot be greater"):
        zone.add(a("x", ttl=604801))

    assert zone.nodes.exists(f"x.{ZONE}")
    assert below_apex(zone) == []
    assert zone.serial == 1


def test_names_are_compared_without_case_and_kept_with_it() -> None:
    _, zone = lab()
    zone.put(named("CNAME", "C", "Target.Test"))

    with pytest.raises(ApiError, match="cannot exists with other record types"):
        zone.add(a("c"))

    assert [record.name for record in below_apex(zone)] == [f"C.{ZONE}"]


def test_txt_values_differ_by_case() -> None:
    _, zone = lab()
    zone.add(txt("t", "one"))

    zone.add(txt("t", "ONE"))

    assert below_apex(zone) == [txt("t", "one"), txt("t", "ONE")]


@pytest.mark.parametrize("kind", [ZoneType.SECONDARY, ZoneType.SECONDARY_FORWARDER])
def test_a_secondary_zone_names_its_type_when_it_refuses(kind: ZoneType) -> None:
    server, _ = lab()
    zone = server.create_zone("other.test", kind)
    record = replace(a("x"), name="x.other.test")

    with pytest.raises(ApiError, match=f"Cannot add record in {kind.label} zone"):
        zone.add(record)


def test_a_stub_zone_has_no_names_below_it() -> None:
    server, _ = lab()
    zone = server.create_zone("other.test", ZoneType.STUB)

    with pytest.raises(ApiError, match="Zone cannot have sub domains"):
        zone.add(replace(a("x"), name="x.other.test"))


def test_serials_wrap_to_one() -> None:
    now = Clock()()

    assert next_serial(2**32 - 1, date_scheme=False, now=now) == 1


@pytest.mark.parametrize(
    ("serial", "following"),
    [(2026063017, 2026070100), (2026070100, 2026070101), (2026120100, 2026120101)],
    ids=["an older date", "the same date", "ahead of the date"],
)
def test_a_date_serial_never_goes_back(serial: int, following: int) -> None:
    assert next_serial(serial, date_scheme=True, now=Clock()()) == following


def test_internal_zones_never_move() -> None:
    server, _ = lab()
    zone = server.zones.find("localhost")
    assert zone is not None

    zone.add(replace(a("x"), name="x.localhost"))

    assert zone.serial == 1
