"""What strangers try on the port where people are served: nothing is written, nothing runs."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from catalyst_dns_sync.settings.parsers import networks
from catalyst_dns_sync.web.sessions import COOKIE
from fakes.callers import BEARER, TOKEN, Answer, Caller, calling
from fakes.world import settle, world

pytestmark = pytest.mark.looptime

NAS = {"name": "nas.lab.test", "targets": ["192.0.2.9"]}
OTHER = "another token, as long as that"


async def logged_in(caller: Caller, **headers: str) -> tuple[dict[str, str], Answer]:
    """Log in, and return what a browser sends from then on from our own pages."""
    answer = await caller.ask("POST", "session", {"token": TOKEN}, **headers)
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    return {"Cookie": cookie, "X_CSRF_Token": answer.body["csrf"]}, answer


async def tries(caller: Caller, **headers: str) -> int:
    """Try to make a record, and return what was answered."""
    return (await caller.ask("POST", "custom-records", NAS, **headers)).status


async def test_without_a_token_nothing_can_be_changed_and_the_answer_says_why() -> None:
    async with world() as here, calling(here, ui_token=None) as caller:
        nobody = await caller.ask("POST", "custom-records", NAS)
        liar = await caller.ask("POST", "custom-records", NAS, Authorization="Bearer ")
        login = await caller.ask("POST", "session", {"token": ""})
        session = await caller.ask("GET", "session")

    assert [one.status for one in (nobody, liar, login)] == [405, 405, 405]
    assert "UI_TOKEN_FILE" in nobody.body["detail"]
    assert session.body == {"mayWrite": False, "whyNot": nobody.body["detail"]}
    assert here.names() == set()


async def test_a_page_of_another_site_changes_nothing_with_our_cookie() -> None:
    async with world() as here, calling(here) as caller:
        ours, _ = await logged_in(caller)
        cookie = {"Cookie": ours["Cookie"]}
        host = f"http://127.0.0.1:{caller.daemon.bound.ui}"
        refused = [
            await tries(caller, **cookie),
            await tries(caller, **ours, Origin="https://evil.example.com"),
            await tries(caller, **ours, Origin="null"),
            await tries(caller, **ours, Origin=host.replace("127.0.0.1", "127.0.0.2")),
            await tries(caller, **ours, Sec_Fetch_Site="cross-site"),
            await tries(caller, **ours, Sec_Fetch_Site="same-site"),
            await tries(caller, **ours | {"X_CSRF_Token": "0" * 64}),
            await tries(caller, **BEARER, Origin="https://evil.example.com"),
        ]
        names = here.names()
        allowed = await tries(caller, **ours, Origin=host, Sec_Fetch_Site="same-origin")

    assert refused == [403] * 8
    assert names == set()
    assert allowed == 201


async def test_a_name_that_a_stranger_lets_point_to_us_reads_nothing() -> None:
    async with world() as here, calling(here, known=True) as caller:
        found = [
            await caller.ask(method, path, body, Host="evil.example.com")
            for method, path, body in (
                ("GET", "overview", None),
                ("GET", "events/stream", None),
                ("POST", "custom-records", NAS),
            )
        ]
        url = f"http://127.0.0.1:{caller.daemon.bound.ui}/metrics"
        async with caller.session.get(url, headers={"Host": "evil.example.com"}) as metrics:
            scraped = metrics.status

    assert [one.status for one in found] == [421, 421, 421]
    assert scraped == 200
    assert here.names() == set()


async def test_a_stolen_cookie_is_worth_nothing_once_the_token_is_another(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN)
    async with world() as here, calling(here, ui_token_file=file) as caller:
        ours, answer = await logged_in(caller, X_Forwarded_Proto="https")
        before = await tries(caller, **ours)
        file.write_text(OTHER)
        after = [await tries(caller, **ours), await tries(caller, **BEARER)]
        file.unlink()
        without = await tries(caller, Authorization=f"Bearer {OTHER}")

    assert (before, after, without) == (201, [401, 401], 401)
    cookie = answer.headers["Set-Cookie"]
    for word in ("HttpOnly", "SameSite=Strict", "Secure", "Max-Age=43200"):
        assert word in cookie
    # So it is sent to what lies beside the login only, under whatever path that is.
    assert "Path" not in cookie


async def test_who_logs_out_has_to_log_in_again() -> None:
    async with world() as here, calling(here) as caller:
        ours, answer = await logged_in(caller)
        before = await caller.ask("GET", "session", **ours)
        out = await caller.ask("DELETE", "session", **ours)
        after = await caller.ask("GET", "session", **ours)

    assert "Secure" not in answer.headers["Set-Cookie"]
    assert [before.body["mayWrite"], out.status, after.body["mayWrite"]] == [True, 204, False]


async def test_tokens_can_be_tried_ten_times_a_minute() -> None:
    async with world() as here, calling(here) as caller:
        wrong = [
            await tries(caller, Authorization=f"Bearer guess {number}") for number in range(11)
        ]
        right = await caller.ask("POST", "session", {"token": TOKEN})
        await settle(61)
        later = await tries(caller, **BEARER)

    assert wrong == [401] * 10 + [429]
    assert (right.status, later) == (429, 201)
    assert int(right.headers["Retry-After"]) <= 61


async def test_odd_headers_are_no_token() -> None:
    async with world() as here, calling(here) as caller:
        odd = b"\xff\xfe".decode("utf-8", "surrogateescape")
        found = [
            await tries(caller, Authorization=f"Bearer {odd}"),
            await tries(caller, Authorization="Basic YTpi"),
            await tries(caller, Cookie=f"{COOKIE}={odd}.1.2"),
            await tries(caller, Cookie=f"{COOKIE}=1.2"),
        ]

    assert found == [401] * 4


async def test_only_the_proxy_may_say_who_somebody_is(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    ranges: dict[str, Any] = {"ui_token": None, "ui_proxy_header": "Remote-User"}
    async with world() as here:
        async with calling(here, **ranges, ui_proxy_ranges=networks("10.0.0.0/8")) as caller:
            outside = await tries(caller, Remote_User="anna")
        async with calling(here, **ranges, ui_proxy_ranges=networks("127.0.0.1/32")) as caller:
            session = await caller.ask("GET", "session", Remote_User="anna")
            csrf = {"X_CSRF_Token": session.body["csrf"]}
            inside = [
                await tries(caller, Remote_User="anna"),
                await tries(caller, Remote_User="berta", **csrf),
                await tries(caller, **csrf),
                await tries(caller, Remote_User="anna", **csrf),
            ]

    assert (outside, inside) == (401, [403, 403, 401, 201])
    told = [vars(one).get("who") for one in caplog.records if "was carried out" in one.message]
    assert told == ["anna, from 127.0.0.1"]


async def test_only_a_proxy_of_ours_may_say_from_where_somebody_asks(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    near = networks("127.0.0.0/8")
    async with world() as here:
        async with calling(here, ui_proxy_ranges=near) as caller:
            guesses = [
                await tries(caller, Authorization="Bearer no", X_Forwarded_For="192.0.2.66")
                for _ in range(11)
            ]
            spoofed = await tries(caller, **BEARER, X_Forwarded_For="192.0.2.7, 192.0.2.66")
            another = await tries(caller, **BEARER, X_Forwarded_For="192.0.2.66, 192.0.2.7")
        async with calling(here, ui_proxy_ranges=networks("10.0.0.0/8")) as caller:
            hops = [
                await tries(caller, Authorization="Bearer no", X_Forwarded_For=f"192.0.2.{last}")
                for last in range(11)
            ]
            await settle(61)
            known = await tries(caller, **BEARER, X_Forwarded_For="192.0.2.8")

    assert guesses == hops == [401] * 10 + [429]
    assert (spoofed, another, known) == (429, 201, 200)
    told = [vars(one).get("who") for one in caplog.records if "was carried out" in one.message]
    assert told == ["the token, from 192.0.2.7", "the token, from 127.0.0.1"]


async def test_no_secret_is_in_any_answer_or_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with world() as here, calling(here, known=True) as caller:
        here.route("app", "Host(`app.lab.test`)")
        await settle(5)
        paths = ("overview", "records", "records/app.lab.test", "events", "sources", "session")
        texts = [(await caller.ask("GET", path)).text for path in paths]
        texts += [(await caller.ask("POST", "session", {"token": TOKEN[:-1]})).text]
        texts += [str(vars(record)) for record in caplog.records]
        secrets = (TOKEN[:-1], here.token)

    assert not [text for text in texts for secret in secrets if secret in text]


async def test_html_in_names_stays_text_that_no_browser_runs() -> None:
    bad = "<img src=x onerror=alert(1)>"
    async with world() as here, calling(here) as caller:
        here.route("app", f"Host(`{bad}.lab.test`)")
        here.route(
            "b", "Host(`b.lab.test`)", annotations={"catalyst-dns-sync.io/target": f"<b>{bad}</b>"}
        )
        await settle(5)
        found = [await caller.ask("GET", path) for path in ("skips", "records", "events")]
        wrong = await caller.ask("GET", f"records/{bad.replace(' ', '%20')}")

    assert bad in found[0].body["skips"][0]["detail"] + found[0].body["skips"][1]["detail"]
    for answer in (*found, wrong):
        assert answer.headers["Content-Type"].startswith(("application/json", "application/prob"))
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


async def raw(caller: Caller, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Send bytes as they are, with pauses between, and return all that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", caller.daemon.bound.ui)
    try:
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(pause)
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


HEAD = (
    "POST /api/v1/custom-records HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60\r\n"
    f"Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n"
).encode()


async def test_requests_that_never_end_are_ended() -> None:
    async with world() as here, calling(here) as caller:
        began = asyncio.get_running_loop().time()
        body = await raw(caller, HEAD + b"\r\n", b'{"name": "nas', pause=1.0)
        took = asyncio.get_running_loop().time() - began
        head = await raw(caller, HEAD)
        waited = asyncio.get_running_loop().time() - began - took
        long = await raw(caller, b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n")
        here.route("app", "Host(`app.lab.test`)")
        await settle(5)

    assert body.startswith(b"HTTP/1.1 408 ")
    # Ten seconds for the body, and as long for the caller to hear that it was too long.
    assert took == pytest.approx(20, abs=2)
    assert head == b""
    assert waited == pytest.approx(20, abs=1)
    assert long.partition(b"\r\n")[0].endswith(b" 400 Bad Request")
    assert here.names() == {"app.lab.test"}


async def _streams(caller: Caller, count: int) -> list[aiohttp.ClientResponse]:
    return [await caller.session.get(caller.url + "events/stream") for _ in range(count)]


async def test_a_stream_too_many_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalyst_dns_sync.web.api.stream.STREAMS", 2)
    async with world() as here, calling(here) as caller:
        streams = await _streams(caller, 3)
        statuses = [stream.status for stream in streams]
        waits = streams[2].headers["Retry-After"]
        streams[0].close()
        await settle(20)
        again = (await _streams(caller, 1))[0]
        for stream in (*streams, again):
            stream.close()

    assert (statuses, waits, again.status) == ([200, 200, 503], "30", 200)
