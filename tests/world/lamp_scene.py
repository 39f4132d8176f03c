"""What tests of lamps have in common: people, and who watches whom."""

from xml.etree import ElementTree

from callwright.sip.message import Request
from callwright.testing.phone_watch import PhoneWatch
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World

NS = {"d": "urn:ietf:params:xml:ns:dialog-info"}
IDLE = "terminated"
"""What a lamp shows of a user without calls."""


def document(notify: Request) -> ElementTree.Element:
    assert notify.content_type == "application/dialog-info+xml"
    return ElementTree.fromstring(notify.body)


async def people(world: World) -> tuple[SimulatedPhone, SimulatedPhone, SimulatedPhone]:
    return await world.phone("alice"), await world.phone("bob"), await world.phone("carol")


async def lit(world: World, watcher: SimulatedPhone, user: str = "bob") -> PhoneWatch:
    lamp = watcher.watch("dialog", user)
    await lamp.until_lit(IDLE)
    return lamp
