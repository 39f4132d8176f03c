"""A page that talks: who hears whom, and what the page counts."""

import asyncio

from tests.browser.chromium import Event, Page
from tests.interop.phones import line
from tests.interop.process import ServerProcess

from callwright.testing.agent_call import AgentCall

HEARD_WITHIN_S = 15.0
"""Two cores serve the browser, the server and the phones."""


def page_settings(server: ServerProcess, user: str, password: str = "") -> dict[str, str]:
    return {
        "server": f"wss://{server.places['wss']}",
        "domain": "contoso.test",
        "user": user,
        "password": password or f"{user}-secret",
    }


async def said(page: Page, event: str) -> Event:
    """Waits for a report while the phones of this loop go on talking."""
    return await asyncio.to_thread(page.says, event)


async def asked(page: Page, verb: str, event: str, *words: str) -> Event:
    """Tells the page to do something and waits until it has."""
    page.tell(verb, *words)
    return await said(page, event)


async def page_hears(page: Page, tone_hz: int) -> None:
    await asked(page, "listen", "heard", str(tone_hz))


async def talk_with_page(page: Page, page_hz: int, call: AgentCall) -> None:
    """Proves audio both ways: each hears the tone of the other."""
    phone = line(call)
    phone.forget()
    await asyncio.gather(
        page_hears(page, phone.frequency_hz),
        phone.until_hears(page_hz, none_of=[phone.frequency_hz], within_s=HEARD_WITHIN_S),
    )


async def statistics(page: Page) -> Event:
    """What the browser counts on the call, and the text of the page."""
    return await asked(page, "tell_statistics", "statistics")
