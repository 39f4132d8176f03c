"""JsSIP in a headless Chromium calls a SIP phone and is called by it; both are heard."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.browser.chromium import Page, needs_chromium, open_page
from tests.browser.talking import (
    HEARD_WITHIN_S,
    asked,
    page_hears,
    page_settings,
    said,
    statistics,
    talk_with_page,
)
from tests.browser.turn_server import needs_coturn, turn_server
from tests.interop.phones import TONES_HZ, line, phone, play, until_true
from tests.interop.process import ServerProcess

from callwright.testing.agent_call import AgentCall

pytestmark = [needs_chromium, pytest.mark.timeout(150)]
BOB_HZ, ERIN_HZ = TONES_HZ["bob"], TONES_HZ["erin"]
ERIN = "sip:105@contoso.test"


@asynccontextmanager
async def page_calls_erin(server: ServerProcess, page: Page) -> AsyncIterator[AgentCall]:
    """Bob's page has called erin's phone, and both are heard; the page hangs up at the end."""
    async with phone(server, "erin") as erin:
        page.tell("dial", ERIN)
        call = await erin.rings(within_s=HEARD_WITHIN_S)
        call.answer()
        await said(page, "answered")
        await talk_with_page(page, BOB_HZ, call)
        yield call
        page.tell("hang_up")
        await call.ended()


def test_a_page_calls_a_phone(web_server: ServerProcess, tmp_path: Path) -> None:
    async def scene() -> None:
        async with page_calls_erin(web_server, page):
            pass
        record = await web_server.record(caller_user="bob")
        assert (record["result"], record["callee_user"]) == ("answered", "erin")

    with open_page(tmp_path, tone_hz=BOB_HZ, **page_settings(web_server, "bob")) as page:
        page.says("registered")
        play(scene())


def test_a_phone_calls_a_page(web_server: ServerProcess, tmp_path: Path) -> None:
    async def scene() -> None:
        async with phone(web_server, "erin") as erin:
            call = await erin.dial("102")
            rung = await said(page, "rung")
            assert rung["from"] == "sip:+14255550105@contoso.test"
            page.tell("answer")
            await call.answered()
            await talk_with_page(page, BOB_HZ, call)
            call.hang_up()
            assert (await said(page, "ended"))["who"] == "remote"

    with open_page(tmp_path, tone_hz=BOB_HZ, **page_settings(web_server, "bob")) as page:
        page.says("registered")
        play(scene())


def test_a_restart_of_ice_keeps_the_audio(web_server: ServerProcess, tmp_path: Path) -> None:
    """Browser-Phone#440: packets went out, and the browser was silent."""

    async def scene() -> None:
        async with page_calls_erin(web_server, page) as call:
            before = await statistics(page)
            await asked(page, "restart_ice", "restarted")
            await talk_with_page(page, BOB_HZ, call)
            after = await statistics(page)
            assert after["localName"] not in (None, before["localName"])
            assert after["packetsLost"] <= before["packetsLost"] + 5
            assert (after["ice"], after["dtls"]) == ("connected", "connected")
            await asked(page, "renegotiate", "renegotiated")
            await talk_with_page(page, BOB_HZ, call)

    with open_page(tmp_path, tone_hz=BOB_HZ, **page_settings(web_server, "bob")) as page:
        page.says("registered")
        play(scene())


def test_hold_by_either_side_and_back(web_server: ServerProcess, tmp_path: Path) -> None:
    async def scene() -> None:
        async with page_calls_erin(web_server, page) as call:
            await asked(page, "hold", "held")
            await until_true(lambda: not line(call).hears(BOB_HZ), "hold", HEARD_WITHIN_S)
            await asked(page, "resume", "resumed")
            await talk_with_page(page, BOB_HZ, call)
            await call.hold()
            await call.resume()
            await talk_with_page(page, BOB_HZ, call)

    with open_page(tmp_path, tone_hz=BOB_HZ, **page_settings(web_server, "bob")) as page:
        page.says("registered")
        play(scene())


def test_a_page_shows_what_it_counts(web_server: ServerProcess, tmp_path: Path) -> None:
    async def scene() -> None:
        async with page_calls_erin(web_server, page):
            counted = await statistics(page)
            assert counted["codec"].startswith("audio/")
            assert counted["packetsReceived"] >= 10
            assert counted["packetsSent"] >= 10
            assert counted["packetsLost"] == 0
            assert counted["srtp"] is not None
            assert (counted["ice"], counted["dtls"]) == ("connected", "connected")
            assert "packetsReceived" in counted["shown"]
            assert counted["srtp"] in counted["shown"]

    with open_page(tmp_path, tone_hz=BOB_HZ, **page_settings(web_server, "bob")) as page:
        page.says("registered")
        play(scene())


def test_keys_of_a_page_arrive(web_server: ServerProcess, tmp_path: Path) -> None:
    async def scene() -> None:
        async with page_calls_erin(web_server, page) as call:
            page.tell("press", "59")
            await until_true(lambda: line(call).digits == ["5", "9"], "the keys", HEARD_WITHIN_S)

    with open_page(tmp_path, tone_hz=BOB_HZ, **page_settings(web_server, "bob")) as page:
        page.says("registered")
        play(scene())


def test_a_page_calls_a_page(web_server: ServerProcess, tmp_path: Path) -> None:
    async def scene() -> None:
        one.tell("dial", "sip:104@contoso.test")
        await said(two, "rung")
        two.tell("answer")
        await said(one, "answered")
        await page_hears(one, TONES_HZ["dave"])
        await page_hears(two, BOB_HZ)
        counted = await statistics(one)
        assert counted["codec"] == "audio/opus"
        one.tell("hang_up")
        await said(two, "ended")

    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    bob, dave = (page_settings(web_server, user) for user in ("bob", "dave"))
    with (
        open_page(tmp_path / "one", tone_hz=BOB_HZ, **bob) as one,
        open_page(tmp_path / "two", tone_hz=TONES_HZ["dave"], **dave) as two,
    ):
        one.says("registered")
        two.says("registered")
        play(scene())


@needs_coturn
def test_a_page_uses_turn(web_server: ServerProcess, tmp_path: Path) -> None:
    """Everything between page and server passes the TURN server, with credentials for an hour."""

    async def scene() -> None:
        async with page_calls_erin(web_server, page):
            counted = await statistics(page)
            assert counted["localCandidate"] == "relay"

    settings = page_settings(web_server, "bob")
    with (
        turn_server(tmp_path) as turn,
        open_page(tmp_path, tone_hz=BOB_HZ, **settings, **turn.settings("bob")) as page,
    ):
        page.says("registered")
        play(scene())
