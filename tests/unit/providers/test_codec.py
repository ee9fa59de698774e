"""Between the API's JSON and our values."""

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.control.ports import HostedZone, ProviderError, ProviderRejectedError
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.records import Record, Zone, ZoneStamp
from catalyst_dns_sync.providers.technitium.codec import (
    Payload,
    canonical,
    form_of,
    payload_of,
    server_of,
    slimmed,
    zone_of,
    zones_of,
)
from catalyst_dns_sync.providers.technitium.messages import Failure
from catalyst_dns_sync.providers.technitium.steps import Add, Amend, Call, Remove

ZONE = DnsName("lab.test")
MODIFIED = "2026-07-17T10:11:12.1234567Z"


def zone_json(**other: object) -> dict[str, object]:
    return {
        "name": "lab.test",
        "type": "Primary",
        "lastModified": MODIFIED,
        "disabled": False,
        "soaSerial": 7,
        "internal": False,
        "catalog": None,
        "dnssecStatus": "Unsigned",
        "hasDnssecPrivateKeys": False,
        "notifyFailed": False,
        "notifyFailedFor": [],
    } | other


def record_json(kind: str = "A", **other: object) -> dict[str, Any]:
    return {
        "name": "a.lab.test",
        "type": kind,
        "ttl": 300,
        "ttlString": "5m",
        "disabled": False,
        "rData": {"ipAddress": "192.0.2.1"},
        "dnssecStatus": "Unknown",
        "lastUsedOn": "0001-01-01T00:00:00",
        "lastModified": MODIFIED,
        "expiryTtl": 0,
        "expiryTtlString": "0s",
    } | other


def listing(*records: dict[str, Any]) -> Payload:
    return {"zone": zone_json(), "records": list(records)}


def test_a_zone_of_the_list_is_read() -> None:
    payload: Payload = {"zones": [zone_json(name="Lab.Test")]}

    assert zones_of(payload) == {
        ZONE: HostedZone(ZONE, ZoneStamp(7, MODIFIED), "Primary", writable=True, disabled=False)
    }


@pytest.mark.parametrize("kind", ["Primary", "Forwarder"])
def test_primary_and_forwarder_zones_can_be_written(kind: str) -> None:
    assert zones_of({"zones": [zone_json(type=kind)]})[ZONE].writable


@pytest.mark.parametrize(
    "other",
    [
        {"type": "Secondary"},
        {"type": "SecondaryForwarder"},
        {"type": "Stub"},
        {"type": "Catalog"},
        {"type": "Primary", "internal": True},
    ],
    ids=str,
)
def test_other_zones_can_not_be_written(other: dict[str, object]) -> None:
    assert not zones_of({"zones": [zone_json(**other)]})[ZONE].writable


def test_a_zone_without_the_keys_of_newer_servers_is_read() -> None:
    entry = {key: zone_json()[key] for key in ("name", "type", "lastModified", "soaSerial")}

    assert zones_of({"zones": [entry]})[ZONE].writable


def test_a_zone_is_read_with_its_records_sorted_by_name() -> None:
    payload = listing(
        record_json(name="B.Lab.Test", rData={"ipAddress": "192.0.2.9"}),
        record_json(name="b.lab.test", comments="mine", expiryTtl=60, disabled=True),
        record_json(kind="CNAME", name="*.apps.lab.test", rData={"cname": "B.lab.test."}),
    )

    assert zone_of(payload) == Zone(
        ZONE,
        ZoneStamp(7, MODIFIED),
        {
            DnsName("b.lab.test"): (
                Record("A", "192.0.2.1", 300, "mine", disabled=True, expiry=60),
                Record("A", "192.0.2.9", 300),
            ),
            DnsName("*.apps.lab.test"): (Record("CNAME", "b.lab.test", 300),),
        },
    )


def test_a_zone_that_is_slimmed_while_it_is_read_is_the_same() -> None:
    payload = listing(
        record_json(name="B.Lab.Test", rData={"ipAddress": "192.0.2.9"}),
        record_json(kind="SOA", name="lab.test", rData={"serial": 7, "minimum": 900}),
    )

    found = payload["records"]
    assert isinstance(found, list)

    slim = {**payload, "records": [slimmed(record) for record in found]}

    assert zone_of(slim) == zone_of(payload)


@pytest.mark.parametrize(
    ("kind", "data", "value"),
    [
        ("A", {"ipAddress": "192.0.2.1"}, "192.0.2.1"),
        ("AAAA", {"ipAddress": "2001:DB8:0:0::1"}, "2001:db8::1"),
        ("AAAA", {"ipAddress": "fe80::1%3"}, "fe80::1"),
        ("CNAME", {"cname": "WWW.Lab.Test."}, "www.lab.test"),
        ("CNAME", {"cname": "xn--bcher-kva.test", "cnameIdn": "bücher.test"}, "xn--bcher-kva.test"),
        ("CNAME", {"cname": "."}, "."),
        ("PTR", {"ptrName": "WWW.Lab.Test"}, "www.lab.test"),
        ("MX", {"preference": 10, "exchange": "m.test"}, '{"exchange":"m.test","preference":10}'),
        ("ANAME", {"aname": "x.test"}, '{"aname":"x.test"}'),
        ("UNKNOWN", {"value": "00:11"}, '{"value":"00:11"}'),
    ],
)
def test_a_value_is_read_in_its_one_form(kind: str, data: object, value: str) -> None:
    zone = zone_of(listing(record_json(kind=kind, rData=data)))

    assert zone.names == {DnsName("a.lab.test"): (Record(kind, value, 300),)}


def test_the_serial_does_not_make_another_record_of_the_soa() -> None:
    soas = [record_json(kind="SOA", rData={"serial": n, "expire": 604800}) for n in (1, 2)]

    first, second = (zone_of(listing(soa)).names for soa in soas)

    assert first == second


def test_a_record_without_the_keys_of_newer_servers_is_read() -> None:
    entry = {key: record_json()[key] for key in ("name", "type", "ttl", "rData")}

    assert zone_of(listing(entry)).names == {
        DnsName("a.lab.test"): (Record("A", "192.0.2.1", 300),)
    }


@pytest.mark.parametrize("name", ["-x.lab.test", "a/b.lab.test", "x-.lab.test", "b.*.lab.test"])
def test_a_name_that_we_would_never_write_is_kept(name: str) -> None:
    assert list(zone_of(listing(record_json(name=name.upper()))).names) == [name]


def test_the_server_says_its_version_and_when_it_started() -> None:
    info = {"version": "15.2", "uptimestamp": "2026-07-17T10:11:12.1234567Z"}

    assert server_of({"info": info}) == ("15.2", datetime(2026, 7, 17, 10, 11, 12, 123456, UTC))


def test_a_start_time_without_a_zone_is_utc() -> None:
    info = {"version": "15.2", "uptimestamp": "2026-07-17T10:11:12"}

    assert server_of({"info": info}) == ("15.2", datetime(2026, 7, 17, 10, 11, 12, tzinfo=UTC))


def test_a_server_need_not_say_when_it_started() -> None:
    assert server_of({"info": {"version": "13.6"}}) == ("13.6", None)


def test_the_envelope_comes_off() -> None:
    answer = {"response": {"zones": []}, "server": "ns1", "status": "ok"}

    assert payload_of(answer) == {"zones": []}


def test_a_flat_answer_is_its_own_payload() -> None:
    answer = {"info": {}, "status": "ok"}

    assert payload_of(answer, flat=True) == answer


def test_an_answer_that_is_no_success_is_a_failure() -> None:
    answer = {"status": "error", "errorMessage": "Access was denied."}

    assert payload_of(answer) == Failure("error", "Access was denied.")


@pytest.mark.parametrize(
    "answer", [[], None, {}, {"status": "ok"}, {"status": "ok", "response": 1}]
)
def test_nonsense_is_no_payload(answer: object) -> None:
    with pytest.raises(ProviderError, match="not an answer that Technitium gives"):
        payload_of(answer)


A = Record("A", "192.0.2.1", 60, "mine", expiry=9)
CNAME = Record("CNAME", "x.lab.test", 60, "mine")
PTR = Record("PTR", "x.lab.test", 60, "mine")
VALUE = {"zone": "lab.test", "domain": "a.lab.test"}
FORMS: dict[str, tuple[Call, str, dict[str, str]]] = {
    "add": (
        Add(A, overwrite=False),
        "add",
        {"type": "A", "ipAddress": "192.0.2.1", "overwrite": "false"},
    ),
    "overwrite": (
        Add(A, overwrite=True),
        "add",
        {"type": "A", "ipAddress": "192.0.2.1", "overwrite": "true"},
    ),
    "update": (Amend(A), "update", {"type": "A", "ipAddress": "192.0.2.1", "disable": "false"}),
    "delete": (Remove(A), "delete", {"type": "A", "ipAddress": "192.0.2.1"}),
    "add an alias": (
        Add(CNAME, overwrite=False),
        "add",
        {"type": "CNAME", "cname": "x.lab.test", "overwrite": "false"},
    ),
    "delete an alias": (Remove(CNAME), "delete", {"type": "CNAME"}),
    "add a pointer": (
        Add(PTR, overwrite=True),
        "add",
        {"type": "PTR", "ptrName": "x.lab.test", "overwrite": "true"},
    ),
    "delete a pointer": (Remove(PTR), "delete", {"type": "PTR", "ptrName": "x.lab.test"}),
}


@pytest.mark.parametrize(("call", "path", "fields"), FORMS.values(), ids=FORMS)
def test_a_call_is_sent_with_every_field(call: Call, path: str, fields: dict[str, str]) -> None:
    record = call.record
    metadata = {"ttl": "60", "comments": "mine", "expiryTtl": str(record.expiry)}
    expected = VALUE | fields | ({} if isinstance(call, Remove) else metadata)

    sent = form_of(call, ZONE, DnsName("a.lab.test"))

    assert sent == (f"/api/zones/records/{path}", expected)


def test_a_comment_that_the_zone_file_can_not_hold_is_not_sent() -> None:
    record = Record("A", "192.0.2.1", 60, "ä" * 128)

    with pytest.raises(ProviderRejectedError, match="longer than 255 bytes: shorten it"):
        form_of(Amend(record), ZONE, DnsName("a.lab.test"))


def test_a_type_that_we_do_not_write_is_refused() -> None:
    record = Record("ANAME", "{}", 60)

    with pytest.raises(ProviderRejectedError, match="delete it in the DNS console"):
        form_of(Remove(record), ZONE, DnsName("a.lab.test"))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)


@st.composite
def almost(draw: st.DrawFn, right: dict[str, Any]) -> dict[str, Any]:
    """Draw a right answer with some of its values gone wrong, or gone."""
    wrong = dict(right)
    for key in draw(st.sets(st.sampled_from(sorted(right)), max_size=2)):
        if draw(st.booleans()):
            wrong[key] = draw(anything)
        else:
            del wrong[key]
    return wrong


@given(
    st.one_of(
        anything.map(lambda value: {"zone": value, "records": value, "zones": value}),
        st.builds(
            lambda zone, record: {"zone": zone, "zones": [zone], "records": [record]},
            almost(zone_json()),
            almost(record_json()),
        ),
        almost({"info": {"version": "15.2", "uptimestamp": "x"}}),
    )
)
def test_any_json_gives_a_value_or_a_provider_error(payload: Payload) -> None:
    for reader in (zones_of, zone_of, server_of, payload_of):
        with contextlib.suppress(ProviderError):
            reader(payload)


@given(st.text())
def test_a_canonical_name_is_its_own_canonical_form(text: str) -> None:
    name = canonical(text)

    assert canonical(canonical(name)) == canonical(name)
