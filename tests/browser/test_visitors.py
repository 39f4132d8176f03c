"""A visitor of a web page calls a service that names the page, without account or password."""

from pathlib import Path

import pytest
from tests.browser.chromium import needs_chromium, open_page
from tests.browser.conftest import server_for_pages
from tests.browser.talking import HEARD_WITHIN_S, said, talk_with_page
from tests.interop.phones import TONES_HZ, phone, play
from tests.interop.process import LOOPBACK, Organisation, ServerProcess, free_address

pytestmark = [needs_chromium, pytest.mark.timeout(120)]
ANNA_HZ = TONES_HZ["bob"]


def test_a_visitor_talks_to_an_agent_and_reaches_nobody_else(tmp_path: Path) -> None:
    port = free_address().port

    def call_from_the_page(organisation: Organisation) -> None:
        organisation["resource_accounts"]["main-line"] |= {
            "answers": {"call_queue": "support"},
            "web_pages": [f"http://{LOOPBACK}:{port}"],
        }

    async def scene(server: ServerProcess) -> None:
        async with phone(server, "alice") as alice:
            page.tell("dial", "sip:alice@contoso.test")
            assert (await said(page, "failed"))["cause"] == "Authentication Error"
            page.tell("dial", "sip:main-line@contoso.test")
            call = await alice.rings(within_s=HEARD_WITHIN_S)
            assert "Anna" in call.caller.display
            call.answer()
            await talk_with_page(page, ANNA_HZ, call)
            page.tell("hang_up")
            await call.ended()
        record = await server.record(callee="main-line")
        assert (record["caller"], record["direction"]) == (LOOPBACK, "inbound")

    with server_for_pages(tmp_path / "server", call_from_the_page) as server:
        settings = {
            "server": f"wss://{server.places['wss']}", "domain": "contoso.test",
            "user": "visitor", "password": "", "name": "Anna",
        }  # fmt: skip
        with open_page(tmp_path, tone_hz=ANNA_HZ, port=port, **settings) as page:
            page.says("connected")
            play(scene(server))
