"""alice serves a customer of support; dave and erin lead the queue (SPEC 10.3).

Each party has a tone of its own; ``until_hears`` names all that a party hears, and no other.
"""

from dataclasses import dataclass, replace
from typing import Any

from callwright.domains.policies.model import VoiceApplicationsPolicy
from callwright.domains.queues.model import RoutingMethod
from callwright.kernel.ids import UserId
from callwright.kernel.policy import PolicyKind
from callwright.kernel.supervision import SupervisionMode
from callwright.routing.snapshot import Snapshot
from callwright.testing.builders import SUPPORT, contoso_queues, contoso_snapshot, contoso_users
from callwright.testing.phone_call import PhoneCall
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World

SUPPORT_NUMBER = "+14255550151"
CUSTOMER = "+12065550101"
JOINED = "say: A supervisor has joined."
NO = "say: That is not allowed."
DAVE, ERIN = UserId("dave"), UserId("erin")


def supervised(most: SupervisionMode | None = SupervisionMode.TAKEOVER, **policy: Any) -> Snapshot:
    """The demo organisation, where dave and erin lead support, whose one agent is alice."""
    queues, users = contoso_queues(), contoso_users()
    leads = {PolicyKind.VOICE_APPLICATIONS: "leads"}
    for lead in (DAVE, ERIN):
        users[lead] = replace(users[lead], policies=leads)
    queue = replace(
        queues[SUPPORT], agents=(UserId("alice"),), routing=RoutingMethod.SERIAL, greeting=None
    )
    return contoso_snapshot(
        users=users,
        queues={**queues, SUPPORT: queue},
        voice_application_policies={"leads": VoiceApplicationsPolicy(supervision=most, **policy)},
        entrusted_queues={DAVE: frozenset({SUPPORT}), ERIN: frozenset({SUPPORT})},
    )


@dataclass
class Served:
    """A customer whom alice serves."""

    customer: PhoneCall
    agent: PhoneCall
    alice: SimulatedPhone


async def served(world: World) -> Served:
    alice = await world.phone("alice")
    customer = world.carrier("sbc1").call(SUPPORT_NUMBER, calling=CUSTOMER)
    agent = await alice.rings()
    agent.answer()
    await hear(customer, "alice")
    await hear(agent, CUSTOMER)
    return Served(customer, agent, alice)


async def hear(call: PhoneCall, *others: str) -> None:
    await call.until_hears(*others, within_s=5)


async def supervise(world: World, user: str = "dave", extension: str = "101") -> PhoneCall:
    phone = await world.phone(user)
    return await phone.dial(f"*44{extension}")


async def join(world: World, talk: Served) -> PhoneCall:
    """dave listens."""
    dave = await supervise(world)
    await dave.answered()
    await hear(dave, "alice", CUSTOMER)
    return dave


async def hears_for(call: PhoneCall, seconds: float, *others: str) -> None:
    """Nothing else, and no gap."""
    assert await call.listen(seconds) == [frozenset(others)]
