"""JsSIP in a headless Chromium: registers over a secured WebSocket, is reached, leaves."""

from pathlib import Path

import pytest
from tests.browser.chromium import needs_chromium, open_page
from tests.browser.talking import page_settings
from tests.interop.phones import phone, play
from tests.interop.process import ServerProcess, until

pytestmark = [needs_chromium, pytest.mark.timeout(120)]


def test_a_page_registers_and_leaves(web_server: ServerProcess, tmp_path: Path) -> None:
    with open_page(tmp_path, **page_settings(web_server, "bob")) as page:
        page.says("connected")
        registered = page.says("registered")
        assert registered["status"] == 200
        assert ".invalid;transport=ws" in registered["contact"]
        page.tell("leave")
        page.says("unregistered")


def test_a_wrong_password_is_refused(web_server: ServerProcess, tmp_path: Path) -> None:
    with open_page(tmp_path, **page_settings(web_server, "bob", "wrong")) as page:
        refused = page.says("refused")
        assert refused["status"] == 401


def test_a_call_rings_the_page(web_server: ServerProcess, tmp_path: Path) -> None:
    """What the page says reaches the caller."""

    async def scene() -> None:
        async with phone(web_server, "erin") as erin:
            call = await erin.dial("102")
            rung = page.says("rung")
            assert rung["from"] == "sip:+14255550105@contoso.test"
            page.tell("decline")
            assert await call.refused() == 486
            record = await web_server.record(callee="102")
            assert (record["result"], record["callee_user"]) == ("busy", "bob")

    with open_page(tmp_path, **page_settings(web_server, "bob")) as page:
        page.says("registered")
        play(scene())


def test_a_closed_page_is_not_rung(web_server: ServerProcess, tmp_path: Path) -> None:
    with open_page(tmp_path, **page_settings(web_server, "bob")) as page:
        page.says("registered")

    async def scene() -> None:
        async with phone(web_server, "erin") as erin:
            call = await erin.dial("102")
            await call.answered()  # bob's voicemail, at once
            call.hang_up()
            await until(lambda: web_server.records(callee="102"), "the record")

    play(scene())
