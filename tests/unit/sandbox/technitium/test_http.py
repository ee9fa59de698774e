"""The HTTP side: envelopes, headers, parameters, what is no call at all."""

import io
import json
from typing import Any

import aiohttp
import pytest

from catalyst_dns_sync.sandbox.technitium import Technitium
from unit.sandbox.technitium.builders import ZONE, Api, below_apex, running

FORM = "application/x-www-form-urlencoded"


async def _text(api: Api, path: str, **options: Any) -> tuple[int, dict[str, str], str]:
    async with api.client.request("POST", api.ports.url + path, **options) as answer:
        return answer.status, dict(answer.headers), await answer.text()


async def test_an_answer_has_its_keys_and_headers_in_the_real_ones_order() -> None:
    async with running(Technitium(domain="ns1.test")) as api:
        status, headers, text = await _text(
            api, "/api/zones/delete", data={"token": api.token, "zone": ZONE}
        )

    assert (status, text) == (200, '{"response":{},"server":"ns1.test","status":"ok"}')
    del headers["Date"]
    assert headers == {
        "Cache-Control": "no-cache, no-store, must-revalidate",
        "Pragma": "no-cache",
        "Expires": "0",
        "Content-Type": "application/json; charset=utf-8",
        "Content-Length": str(len(text)),
    }


async def test_an_error_has_its_inner_message_last() -> None:
    async with running() as api:
        body = await api.add("x", "999.1.1.1")

    assert list(body) == ["server", "status", "errorMessage", "innerErrorMessage"]


async def test_before_15_an_error_has_a_stack_trace_and_before_14_no_server() -> None:
    async with running(Technitium(version="14.3")) as api:
        newer = await api("zones/delete", zone="no.test")
    async with running(Technitium(version="13.6")) as api:
        older = await api("zones/delete", zone="no.test")

    assert list(newer) == ["server", "status", "errorMessage", "stackTrace"]
    assert list(older) == ["status", "errorMessage", "stackTrace"]


@pytest.mark.parametrize(
    ("version", "status", "error"),
    [
        ("15.2", "invalid-token", "Invalid token or session expired."),
        ("14.3", "error", "Parameter 'token' missing."),
    ],
)
async def test_a_missing_token_is_told_in_the_releases_words(
    version: str, status: str, error: str
) -> None:
    async with running(Technitium(version=version)) as api:
        _, _, text = await _text(api, "/api/zones/list")

    body = json.loads(text)
    assert (body["status"], body["errorMessage"]) == (status, error)


async def test_before_15_a_bearer_header_is_not_looked_at() -> None:
    async with running(Technitium(version="14.3")) as api:
        headers = {"Authorization": f"Bearer {api.token}"}
        _, _, text = await _text(api, "/api/zones/list", headers=headers)

    assert json.loads(text)["errorMessage"] == "Parameter 'token' missing."


@pytest.mark.parametrize(
    ("version", "answer"),
    [("15.2", (404, "")), ("14.3", (404, "")), ("13.6", (200, '{"response":{},"status":"ok"}'))],
)
async def test_an_unknown_path_is_404_since_14_and_ok_before(
    version: str, answer: tuple[int, str]
) -> None:
    async with running(Technitium(version=version)) as api:
        status, _, text = await _text(api, "/api/zones/bogus", data={"token": api.token})

    assert (status, text) == answer


async def test_calls_of_15_are_unknown_before() -> None:
    async with running(Technitium(version="14.3")) as api:
        status, _, _ = await _text(api, "/api/sso/status", data={"token": api.token})

    assert status == 404


async def test_outside_of_the_api_there_is_a_front_page_and_nothing_else() -> None:
    async with running() as api:
        front = await _text(api, "/")
        other = await _text(api, "/favicon.ico")

    assert (front[0], other[0], other[2]) == (200, 404, "")


async def test_names_of_paths_and_parameters_have_no_case() -> None:
    async with running() as api:
        _, _, text = await _text(
            api,
            "/API/Zones/Records/Get",
            data={"TOKEN": api.token, "Domain": ZONE},
        )

    assert json.loads(text)["status"] == "ok"


async def test_the_query_string_wins_over_the_form_and_twins_are_joined() -> None:
    async with running() as api:
        _, _, text = await _text(
            api,
            "/api/zones/delete?zone=one.test&zone=two.test",
            data={"token": api.token, "zone": ZONE},
        )

    assert json.loads(text)["errorMessage"] == "No such zone was found: one.test,two.test"


async def test_a_form_value_has_a_limit_of_4_mib() -> None:
    answers = []
    async with running() as api:
        for size in (4 * 1024 * 1024, 4 * 1024 * 1024 + 1):
            form = f"token={api.token}&zone={ZONE}&records=;".encode()
            body = io.BytesIO(form + b"x" * (size - 1))
            _, _, text = await _text(
                api, "/api/zones/import", data=body, headers={"Content-Type": FORM}
            )
            answers.append(json.loads(text))

    assert answers[0]["status"] == "ok"
    assert answers[1]["errorMessage"] == (
        "Form key length limit 2048 or value length limit 4194304 exceeded."
    )


async def test_a_zone_file_may_come_as_a_file_of_a_multipart_form() -> None:
    async with running() as api:
        form = aiohttp.FormData({"token": api.token, "zone": ZONE})
        form.add_field("fileImportZone", b"x 60 IN A 192.0.2.1 ;c\n", filename="lab.zone")
        _, _, text = await _text(api, "/api/zones/import", data=form)
        zone = api.server.zones.find(ZONE)

    assert json.loads(text)["status"] == "ok"
    assert zone is not None
    assert [(r.name, r.comments) for r in below_apex(zone)] == [(f"x.{ZONE}", "c")]


async def test_a_form_with_a_charset_is_read_but_is_no_zone_file() -> None:
    async with running() as api:
        body = f"token={api.token}&zone={ZONE}&records=x+60+IN+A+192.0.2.1"
        headers = {"Content-Type": f"{FORM}; charset=utf-8"}
        _, _, text = await _text(api, "/api/zones/import", data=body, headers=headers)

    assert json.loads(text)["errorMessage"] == "The zone file to import is missing."


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "multipart/form-data"},
        {"Content-Type": FORM, "Content-Encoding": "gzip"},
    ],
    ids=["no parts", "no boundary", "no gzip"],
)
async def test_a_body_that_cannot_be_read_is_an_answer_all_the_same(
    headers: dict[str, str],
) -> None:
    async with running() as api:
        status, _, _ = await _text(api, "/api/zones/list", data=b"abc", headers=headers)

    assert status in {200, 400}


async def test_calls_are_counted_by_path_and_those_that_write_together() -> None:
    async with running() as api:
        await api("zones/list")
        await api.add("x")
        await api.add("x")
        await api("zones/records/delete", domain=f"x.{ZONE}", type="A", ipAddress="192.0.2.1")
        traffic = api.server.traffic

    assert dict(traffic.calls) == {
        "/api/zones/list": 1,
        "/api/zones/records/add": 2,
        "/api/zones/records/delete": 1,
    }
    assert traffic.write_calls == 3


async def test_an_export_can_be_imported_again() -> None:
    async with running() as api:
        await api.add("x", comments="{mine", ttl=60)
        await api("zones/records/add", domain=f"t.{ZONE}", type="TXT", text='say "hi"; \\')
        await api(
            "zones/records/update", domain=f"x.{ZONE}", type="A", ipAddress="192.0.2.1",
            ttl=60, comments="{mine", disable="true",
        )  # fmt: skip
        before = api.server.records(ZONE)
        _, headers, text = await _text(
            api, "/api/zones/export", data={"token": api.token, "zone": ZONE}
        )
        await api("zones/import", zone=ZONE, records=text, overwriteZone="true")
        after = api.server.records(ZONE)

    assert headers["Content-Disposition"] == f"attachment;filename={ZONE}.zone"
    assert [(r.name, r.ttl, r.comments, r.disabled) for r in after] == [
        (r.name, r.ttl, r.comments, r.disabled) for r in before
    ]


@pytest.mark.parametrize(
    ("rtype", "sent", "shown"),
    [
        ("MX", {"exchange": "mail.test", "preference": 5}, {}),
        ("NS", {"nameServer": "ns.test"}, {}),
        ("ANAME", {"aname": "web.test"}, {}),
        ("DNAME", {"dname": "other.test"}, {}),
        ("CAA", {"flags": 0, "tag": "issue", "value": "ca.test"}, {}),
        ("SRV", {"priority": 1, "weight": 2, "port": 3, "target": "s.test"}, {}),
        ("APP", {"appName": "Geo", "classPath": "Geo.App"}, {"data": ""}),
        (
            "FWD",
            {"protocol": "Tcp", "forwarder": "192.0.2.53"},
            {"priority": 0, "dnssecValidation": False, "proxyType": "DefaultProxy"},
        ),
    ],
)
async def test_records_of_every_type_can_be_added_and_deleted(
    rtype: str, sent: dict[str, object], shown: dict[str, object]
) -> None:
    async with running() as api:
        named = {"domain": f"x.{ZONE}", "type": rtype} | sent
        added = await api("zones/records/add", **named)
        deleted = await api("zones/records/delete", **named)

    assert added["response"]["addedRecord"]["rData"] == sent | shown
    assert deleted["status"] == "ok"


async def test_a_type_without_fields_of_its_own_is_given_as_bytes() -> None:
    async with running() as api:
        body = await api("zones/records/add", domain=f"x.{ZONE}", type="HTTPS", rdata="0001:ff")

    assert body["response"]["addedRecord"]["rData"] == {"value": "00:01:FF"}


@pytest.mark.parametrize(
    ("rtype", "old", "new", "shown"),
    [
        ("ANAME", {"aname": "a.test"}, {"newAName": "b.test"}, {"aname": "b.test"}),
        ("NS", {"nameServer": "a.test"}, {"newNameServer": "b.test"}, {"nameServer": "b.test"}),
        (
            "MX",
            {"exchange": "a.test", "preference": 1},
            {"newPreference": 2},
            {"exchange": "a.test", "preference": 2},
        ),
        (
            "SRV",
            {"priority": 1, "weight": 1, "port": 1, "target": "a.test"},
            {"newPort": 2, "newTarget": "b.test"},
            {"priority": 1, "weight": 1, "port": 2, "target": "b.test"},
        ),
        (
            "CAA",
            {"flags": 0, "tag": "issue", "value": "a.test"},
            {"newValue": "b.test"},
            {"flags": 0, "tag": "issue", "value": "b.test"},
        ),
    ],
)
async def test_an_update_changes_the_fields_that_it_gives(
    rtype: str, old: dict[str, object], new: dict[str, object], shown: dict[str, object]
) -> None:
    async with running() as api:
        named = {"domain": f"x.{ZONE}", "type": rtype} | old
        await api("zones/records/add", **named)
        body = await api("zones/records/update", **named, **new)
        stored = await api("zones/records/get", domain=f"x.{ZONE}")

    assert body["response"]["updatedRecord"]["rData"] == shown
    assert [record["rData"] for record in stored["response"]["records"]] == [shown]


async def test_a_second_app_record_needs_overwrite() -> None:
    app = {"domain": f"x.{ZONE}", "type": "APP", "appName": "Geo", "classPath": "Geo.App"}
    async with running() as api:
        bodies = [
            await api("zones/records/add", **app),
            await api("zones/records/add", **app),
            await api("zones/records/add", **app, overwrite="true"),
        ]

    assert [body["status"] for body in bodies] == ["ok", "error", "ok"]


async def test_a_comment_that_no_file_can_hold_is_said_aloud(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with running() as api:
        body = await api.add("x", comments="é" * 200)
        unsaveable = api.server.unsaveable_zones()

    assert (body["status"], unsaveable) == ("ok", [ZONE])
    assert [record.message for record in caplog.records] == [
        "zone can not be saved: comment too long"
    ]


async def test_an_update_sets_the_soa_and_its_serial_goes_on() -> None:
    soa = {
        "primaryNameServer": "ns.test", "responsiblePerson": "me@lab.test", "serial": 1,
        "refresh": "1h", "retry": 60, "expire": "2w", "minimum": 60,
    }  # fmt: skip
    async with running() as api:
        kept = await api("zones/records/update", domain=ZONE, type="SOA", ttl=60, **soa)
        taken = await api(
            "zones/records/update", domain=ZONE, type="SOA", ttl=60, **soa | {"serial": 50}
        )

    assert kept["response"]["updatedRecord"]["rData"]["expire"] == 1209600
    assert [body["response"]["zone"]["soaSerial"] for body in (kept, taken)] == [2, 50]


async def test_the_callers_own_address_can_be_asked_for() -> None:
    async with running() as api:
        body = await api.add("x", "request-ip-address")

    assert body["response"]["addedRecord"]["rData"] == {"ipAddress": "127.0.0.1"}


async def test_metrics_count_dns_answers() -> None:
    async with running() as api:
        api.server.traffic.queries["NXDOMAIN"] += 2
        shown = await api("dashboard/metrics/json")
        _, headers, text = await _text(
            api, "/api/dashboard/metrics/text", data={"token": api.token}
        )

    assert shown["response"]["lifetimeCounters"]["totalNxDomain"] == 2
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "technitium_dns_nx_domain_total 2" in text.splitlines()
