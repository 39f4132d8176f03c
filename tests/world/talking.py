"""How many scenes begin: phones of some users, and two of them in a call."""

from callwright.kernel.ids import UserId
from callwright.testing.phone_call import PhoneCall
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World


async def phones(world: World, *users: str) -> list[SimulatedPhone]:
    """A registered phone of each."""
    return [await world.phone(user) for user in users]


async def talk(
    world: World, caller: SimulatedPhone, callee: SimulatedPhone
) -> tuple[PhoneCall, PhoneCall]:
    """Both sides of an answered call, in which the called one hears the caller."""
    extension = world.snapshot.users[UserId(callee.user)].extension
    assert extension is not None
    made = await caller.dial(extension)
    taken = await callee.rings()
    taken.answer()
    await made.answered()
    await taken.until_hears(caller.name)
    return made, taken
