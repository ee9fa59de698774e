"""All zones of a server: the closest one, expiry, PTR records beside addresses."""

import pytest

from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError
from catalyst_dns_sync.sandbox.technitium.model.names import reverse_name
from catalyst_dns_sync.sandbox.technitium.model.pointers import drop_pointer, set_pointer
from catalyst_dns_sync.sandbox.technitium.model.rdata import Target, parse_address
from unit.sandbox.technitium.builders import ZONE, Clock, a, below_apex, lab

ADDRESS = parse_address("203.0.113.10", "A").ip


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        (f"x.{ZONE}", ZONE),
        (ZONE, ZONE),
        (f"x.sub.{ZONE}", f"sub.{ZONE}"),
        (f"not{ZONE}", None),
        ("test", None),
    ],
)
def test_the_closest_zone_lies_at_or_above_a_name_on_a_label_boundary(
    name: str, zone: str | None
) -> None:
    server, _ = lab()
    server.create_zone(f"sub.{ZONE}")

    found = server.zones.closest(name)

    assert (found and found.name) == zone


def test_a_record_with_an_expiry_deletes_itself_with_one_serial_step() -> None:
    clock = Clock()
    server, zone = lab(clock=clock)
    zone.add(a("x", expiry_ttl=60, last_modified=clock()))
    clock.advance(59)
    server.zones.expire_due()
    before = zone.serial

    clock.advance(1)
    server.zones.expire_due()

    assert (before, zone.serial) == (2, 3)
    assert below_apex(zone) == []


def test_an_update_restarts_the_clock_of_an_expiry() -> None:
    clock = Clock()
    server, zone = lab(clock=clock)
    zone.add(a("x", expiry_ttl=60, last_modified=clock()))
    clock.advance(50)
    renewed = a("x", expiry_ttl=60, last_modified=clock())
    zone.update(renewed.data, renewed)
    clock.advance(50)

    server.zones.expire_due()

    assert below_apex(zone) == [renewed]


def test_an_expiry_that_a_sibling_wiped_never_comes() -> None:
    clock = Clock()
    server, zone = lab(clock=clock)
    zone.add(a("x", "192.0.2.1", expiry_ttl=60, last_modified=clock()))
    zone.add(a("x", "192.0.2.2", ttl=60))
    clock.advance(3600)

    server.zones.expire_due()

    assert len(below_apex(zone)) == 2


def test_expiry_survives_a_restart() -> None:
    clock = Clock()
    server, zone = lab(clock=clock)
    zone.add(a("x", expiry_ttl=60, last_modified=clock()))
    server.restart()
    clock.advance(60)

    server.zones.expire_due()

    assert below_apex(zone) == []


def test_a_pointer_replaces_the_one_before_and_has_no_comment() -> None:
    server, _ = lab()
    set_pointer(server.zones, ADDRESS, a("one", ttl=60, comments="c"), create=True)

    set_pointer(server.zones, ADDRESS, a("two", ttl=90, comments="c"), create=False)

    zone = server.zones.find("113.0.203.in-addr.arpa")
    assert zone is not None
    assert [(r.name, r.ttl, r.data, r.comments) for r in below_apex(zone)] == [
        (reverse_name(ADDRESS), 90, Target.of(f"two.{ZONE}"), "")
    ]


def test_only_a_pointer_to_the_deleted_name_goes_with_it() -> None:
    server, _ = lab()
    set_pointer(server.zones, ADDRESS, a("one"), create=True)
    zone = server.zones.find("113.0.203.in-addr.arpa")
    assert zone is not None

    drop_pointer(server.zones, ADDRESS, owner=f"other.{ZONE}")
    kept = len(below_apex(zone))
    drop_pointer(server.zones, ADDRESS, owner=f"ONE.{ZONE}")

    assert (kept, len(below_apex(zone))) == (1, 0)


def test_an_ipv6_reverse_zone_is_a_64() -> None:
    server, _ = lab()
    address = parse_address("2001:db8:1:2::5", "AAAA").ip

    made = set_pointer(server.zones, address, a("six", "2001:db8:1:2::5"), create=True)

    assert made is not None
    assert made.name == "2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"


def test_without_a_reverse_zone_there_is_no_pointer() -> None:
    server, _ = lab()

    with pytest.raises(ApiError, match="No reverse zone available to add PTR record"):
        set_pointer(server.zones, ADDRESS, a("one"), create=False)
