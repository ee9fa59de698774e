"""The API as programs use it, on real sockets and in virtual time."""

import asyncio
from typing import Any

import aiohttp
import pytest
from jsonschema import Draft202012Validator

from catalyst_dns_sync.app.console import access_of
from catalyst_dns_sync.app.pages import DaemonReader
from catalyst_dns_sync.control.happenings import KEPT
from catalyst_dns_sync.control.ports import ProviderUnavailableError
from catalyst_dns_sync.core.explain import Stage
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.web.api.document import DOCUMENT
from catalyst_dns_sync.web.api.model import Office
from catalyst_dns_sync.web.api.routes import Api
from catalyst_dns_sync.web.client import NoAnswerError, explanation_at
from fakes.callers import Answer, Caller, calling
from fakes.world import TARGET, ZONE, World, running, settle, world

pytestmark = pytest.mark.looptime

NAS = {"name": "nas.lab.test", "targets": ["192.0.2.9"], "ttl": 60, "text": "the NAS"}


def is_as_documented(method: str, path: str, answer: Answer) -> bool:
    """Tell whether the document knows such an answer; raises where its body is another."""
    responses = DOCUMENT["paths"][f"/{path}"][method.lower()]["responses"]
    if str(answer.status) not in responses:
        return False
    content = responses[str(answer.status)].get("content", {})
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    if content:
        schema = content[kind]["schema"] | {"components": DOCUMENT["components"]}
        Draft202012Validator(schema).validate(answer.body)
    return True


def busy(here: World) -> None:
    """Let there be something of each sort to tell."""
    here.route("app", "Host(`app.lab.test`)")
    here.route("broken", "Host(`broken.lab.test`")
    here.route("same", "Host(`adopt.lab.test`)")
    here.route("other", "Host(`other.lab.test`)")


async def test_all_that_is_read_is_as_the_document_says() -> None:
    async with world() as here, calling(here, known=True) as caller:
        await here.by_hand("adopt.lab.test", TARGET, ttl="300")
        await here.by_hand("other.lab.test", "192.0.2.77")
        busy(here)
        await caller.ask("POST", "custom-records", NAS)
        await settle(5)
        for path, methods in DOCUMENT["paths"].items():
            if "get" in methods and "stream" not in path:
                asked = path.strip("/").replace("{name}", "app.lab.test")
                query = "?name=app.lab.test" if asked == "test-dns" else ""
                answer = await caller.ask("GET", asked + query)
                assert (asked, answer.status) == (asked, 200)
                assert is_as_documented("get", path.strip("/"), answer)
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
        counts = (await caller.ask("GET", "overview")).body["counts"]

    assert counts["in-step"] == 2
    assert counts["left-alone"] == 3


async def test_what_is_found_can_be_narrowed_and_asked_for_again() -> None:
    async with world() as here, calling(here) as caller:
        for number in range(60):
            here.ingress(f"n{number}", f"n{number:02}.lab.test", f"ns{number % 2}")
        await settle(5)
        first = await caller.ask("GET", "records?sort=-name")
        second = await caller.ask("GET", "records?sort=-name&page=2")
        some = await caller.ask(
            "GET", "records?text=1.lab&namespace=ns1&state=in-step&kind=Ingress"
        )
        again = await caller.ask("GET", "records?sort=-name", If_None_Match=first.headers["ETag"])
        here.delete_ingress("n59", "ns1")
        await settle(20)
        changed = await caller.ask("GET", "records?sort=-name", If_None_Match=first.headers["ETag"])

    assert [first.body["found"], first.body["pages"]] == [60, 2]
    assert first.body["records"][0]["name"] == "n59.lab.test"
    assert second.body["records"][-1]["name"] == "n00.lab.test"
    assert first.headers["Link"] == '<?sort=-name&page=2>; rel="next"'
    assert "Link" not in second.headers
    assert [one["name"] for one in some.body["records"]] == [
        f"n{number}1.lab.test" for number in range(6)
    ]
    assert [again.status, again.text] == [304, ""]
    assert [changed.status, changed.body["found"]] == [200, 59]


async def test_since_when_a_name_is_as_it_is_is_told_as_far_as_it_was_seen() -> None:
    async with world() as here:
        here.route("old", "Host(`old.lab.test`)")
        async with running(here):
            pass
        async with calling(here) as caller:
            here.route("new", "Host(`new.lab.test`)")
            await settle(5)
            records = (await caller.ask("GET", "records")).body["records"]
            (event,) = (await caller.ask("GET", "events")).body["events"]

    assert [(one["name"], one["since"] is None) for one in records] == [
        ("new.lab.test", False),
        ("old.lab.test", True),
    ]
    assert records[0]["since"][:19] == event["at"][:19]


async def test_a_custom_record_is_made_and_ended_by_whoever_has_the_token() -> None:
    async with world() as here, calling(here, known=True) as caller:
        # Some programs know no whole numbers.
        made = await caller.ask("POST", "custom-records", NAS | {"ttl": 60.0})
        listed = await caller.ask("GET", "custom-records")
        shown = here.addresses("nas.lab.test")
        ended = await caller.ask("DELETE", "custom-records/nas.lab.test")
        again = await caller.ask("DELETE", "custom-records/nas.lab.test")

    assert [made.status, ended.status, again.status] == [201, 200, 200]
    assert [one.body["action"] for one in (made, ended, again)] == ["create", "delete", ""]
    assert is_as_documented("post", "custom-records", made)
    assert is_as_documented("delete", "custom-records/{name}", again)
    assert [one["name"] for one in listed.body["records"]] == ["nas.lab.test"]
    assert shown == {"192.0.2.9"}
    assert here.names() == set()


async def test_a_record_is_adopted_and_one_that_an_object_claims_is_not_deleted() -> None:
    async with world() as here, calling(here, known=True) as caller:
        await here.by_hand("adopt.lab.test", TARGET, ttl="300")
        here.route("same", "Host(`adopt.lab.test`)")
        await settle(20)
        adopted = await caller.ask("POST", "records/adopt.lab.test/adopt")
        deleted = await caller.ask("DELETE", "records/adopt.lab.test")
        strange = await caller.ask("POST", "records/www.example.com/adopt")

    assert [adopted.status, deleted.status, strange.status] == [200, 409, 409]
    assert "Route" in deleted.body["detail"]
    assert here.names() == {"adopt.lab.test"}


async def test_passes_rest_and_begin_again_when_they_are_told_so() -> None:
    async with world() as here, calling(here, known=True) as caller:
        paused = await caller.ask("POST", "pause")
        here.route("app", "Host(`app.lab.test`)")
        await settle(5)
        meanwhile = here.names()
        resumed = await caller.ask("POST", "resume")
        resynced = await caller.ask("POST", "resync")
        await settle(5)
        often = [await caller.ask("POST", "resync", {"zone": "lab.test"}) for _ in range(3)]
        released = await caller.ask("POST", "release", {"names": ["app.lab.test"]})

    assert [paused.body, resumed.body] == [{"paused": True}, {"paused": False}]
    assert (meanwhile, here.names()) == (set(), {"app.lab.test"})
    assert [resynced.status, resynced.body] == [202, {"zones": ["lab.test"]}]
    assert [one.status for one in often] == [202, 202, 429]
    assert often[-1].headers["Retry-After"] == "5"
    # Nothing was withheld, so nothing goes.
    assert released.body == {"released": []}


WRONG: list[tuple[str, str, object, dict[str, str], int]] = [
    ("GET", "nothing", None, {}, 404),
    ("GET", "records/a/b/c", None, {}, 404),
    ("GET", "records/..%2f..%2fetc", None, {}, 404),
    ("GET", "records/a..b", None, {}, 400),
    ("GET", "test-dns", None, {}, 400),
    ("PUT", "overview", None, {}, 405),
    ("GET", "release", None, {}, 405),
    ("GET", "records?page=0", None, {}, 400),
    ("GET", "records?page=99999999999", None, {}, 400),
    ("GET", "records?sort=rowid", None, {}, 400),
    ("GET", "records?state=well", None, {}, 400),
    ("GET", "records?colour=red", None, {}, 400),
    ("POST", "release", {"names": "all"}, {}, 400),
    ("POST", "release", {"names": ["a b"]}, {}, 400),
    ("POST", "release", {"names": []}, {}, 400),
    ("POST", "release", {}, {}, 400),
    ("POST", "release", b"{", {}, 400),
    ("POST", "release", b"[" * 60_000, {}, 400),
    ("POST", "release", b"[]", {}, 400),
    ("POST", "release", b"names=app.lab.test", {"Content_Type": "text/plain"}, 415),
    ("POST", "release", b" " * 70_000, {}, 413),
    ("POST", "custom-records", NAS | {"targets": ["nowhere at all"]}, {}, 400),
    ("POST", "custom-records", NAS | {"targets": ["192.0.2.9", ""]}, {}, 400),
    ("POST", "custom-records", NAS | {"targets": ["192.0.2.9,192.0.2.8"]}, {}, 400),
    ("POST", "custom-records", NAS | {"ttl": -1}, {}, 400),
    ("POST", "custom-records", NAS | {"ttl": 60.5}, {}, 400),
    ("POST", "custom-records", NAS | {"ttl": True}, {}, 400),
    ("POST", "custom-records", NAS | {"text": "a\nb"}, {}, 400),
    ("POST", "custom-records", NAS | {"owner": "me"}, {}, 400),
    ("POST", "custom-records", NAS | {"server": "other"}, {}, 404),
    ("POST", "custom-records", NAS | {"name": "www.example.com"}, {}, 409),
    ("POST", "resync", {"zone": "example.com"}, {}, 404),
    ("POST", "resync", {"zone": ""}, {}, 400),
    ("GET", "test-dns?name=app.lab.test&server=other", None, {}, 404),
]


async def test_what_is_wrong_is_answered_with_a_problem_that_says_so() -> None:
    async with world() as here, calling(here, known=True) as caller:
        found = []
        for method, path, body, headers, _ in WRONG:
            answer = await caller.ask(method, path, body, **headers)
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.body["status"] == answer.status
            assert answer.body["detail"]
            found.append((method, path, answer.status))

    assert found == [(method, path, status) for method, path, _, _, status in WRONG]
    assert here.names() == set()


async def lines_of(caller: Caller, count: int, **headers: str) -> list[str]:
    """Return the first lines of the stream that are not empty."""
    found: list[str] = []
    sent = {key.replace("_", "-"): value for key, value in headers.items()}
    async with caller.session.get(caller.url + "events/stream", headers=sent) as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        async for line in response.content:
            found += [line.decode().strip()] if line.strip() else []
            if len(found) == count:
                break
    return found


async def test_what_happens_is_told_as_it_happens_and_again_from_where_one_was() -> None:
    async with world() as here, calling(here) as caller, asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(lines_of(caller, 4))
        await settle(1)
        here.route("app", "Host(`app.lab.test`)")
        live = await watching
        here.route("two", "Host(`two.lab.test`)")
        await settle(1)
        resumed = await lines_of(caller, 4, Last_Event_ID=live[1].removeprefix("id: "))
        stranger = await lines_of(caller, 4, Last_Event_ID="00000000-1")
        quiet = await lines_of(caller, 2)

    assert live[0] == "retry: 3000"
    assert live[2] == "event: happened"
    assert '"name": "app.lab.test", "what": "created"' in live[3]
    assert '"name": "two.lab.test", "what": "created"' in resumed[3]
    assert stranger[2] == "event: reload"
    assert quiet == ["retry: 3000", ": still here"]


async def test_a_client_that_is_slow_is_told_to_load_again() -> None:
    async with world() as here, calling(here) as caller:
        happenings = caller.daemon.parts.happenings
        assert happenings is not None
        here.route("app", "Host(`app.lab.test`)")
        await settle(1)
        (happened,) = (await caller.ask("GET", "events")).body["events"]
        process = (await lines_of(caller, 2, Last_Event_ID="x"))[1].split()[1].partition("-")[0]
        for number in range(KEPT + 1):
            happenings.pass_failed(
                parse_name(ZONE), ProviderUnavailableError(f"error {number}"), 1.0
            )
        lost = await lines_of(caller, 3, Last_Event_ID=f"{process}-{happened['number']}")

    assert lost[1:] == [f"id: {process}-{happened['number'] + KEPT + 1}", "event: reload"]


async def test_the_daemon_stops_at_once_with_a_stream_open() -> None:
    async with world() as here:
        async with running(here) as daemon:
            session = aiohttp.ClientSession()
            url = f"http://127.0.0.1:{daemon.bound.ui}/api/v1/events/stream"
            response = await session.get(url)
            assert await response.content.readline() == b"retry: 3000\n"
            began = asyncio.get_running_loop().time()
        took = asyncio.get_running_loop().time() - began
        await session.close()

    assert took < 1.0


async def test_the_document_has_exactly_the_addresses_that_there_are() -> None:
    async with world() as here, running(here, wait=False) as daemon:
        parts = daemon.parts
        assert parts.happenings is not None
        reader = DaemonReader(parts, parts.happenings, asyncio.get_running_loop().time)
        office = Office((), parts.reconciler, parts.begin)
        api = Api(reader, office, access_of(parts.settings))

    served = {f"/{path}": {one.lower() for one in methods} for path, methods in api.routes.items()}
    assert {path: set(methods) for path, methods in DOCUMENT["paths"].items()} == served


def test_every_reference_of_the_document_is_there() -> None:
    Draft202012Validator.check_schema(DOCUMENT["components"]["schemas"])
    for reference in _references(DOCUMENT):
        assert reference.rpartition("/")[2] in DOCUMENT["components"]["schemas"]


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [one for inner in value.values() for one in _references(inner)]
    if isinstance(value, list):
        return [one for inner in value for one in _references(inner)]
    return []


async def test_a_name_is_explained_from_afar_as_it_is_beside_the_daemon() -> None:
    async with world() as here, calling(here) as caller:
        here.route("app", "Host(`app.lab.test`)")
        await settle(5)
        url = caller.url.removesuffix("/api/v1/")
        told = await explanation_at(f"{url}/", parse_name("app.lab.test"))
        body = (await caller.ask("GET", "records/app.lab.test")).body
        with pytest.raises(NoAnswerError, match="no answer of catalyst"):
            await explanation_at(f"{url}/ui", parse_name("app.lab.test"))
    with pytest.raises(NoAnswerError, match="is UI on there"):
        await explanation_at(url, parse_name("app.lab.test"))

    # What DNS answers, and how fast, is another thing each time.
    told_there = [(one["stage"], one["detail"]) for one in body["steps"]]
    assert [(one.stage, one.detail) for one in told.steps][:6] == told_there[:6]
    assert [step.stage for step in told.steps][:2] == [Stage.ZONE, Stage.OBJECTS]
