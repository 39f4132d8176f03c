"""Phones that send from another port than they listen at, and do not ask for answers there."""

from callwright.sip.flow import Flow
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play


def sends_from_elsewhere(phone: SimulatedPhone) -> None:
    """As old desk phones do, whose Via has no rport (RFC 3581)."""
    port = phone.host.bind(50_123, lambda _source, _data: None)

    def send(flow: Flow, data: bytes) -> None:
        port.send(flow.remote, data.replace(b";rport\r\n", b"\r\n", 1))

    phone.endpoint._layer.transmit = send


def test_a_phone_is_registered_and_called_where_it_listens() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        bob = await world.phone("bob", register=False)
        sends_from_elsewhere(bob)
        await bob.register()
        call = await alice.dial("102")
        rung = await bob.rings()
        await call.ringing()
        rung.answer()
        await call.until_hears("bob")
        call.hang_up()
        await rung.ended(within_s=2)

    play(scene)


def test_a_phone_that_calls_hears_the_answer_and_the_end() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob", register=False)
        sends_from_elsewhere(bob)
        await bob.register()
        call = await bob.dial("101")
        rung = await alice.rings()
        await call.ringing()
        rung.answer()
        await call.until_hears("alice")
        rung.hang_up()
        await call.ended(within_s=2)

    play(scene)
