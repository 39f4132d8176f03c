"""Calls between users: ringing, talking, and everything that ends otherwise."""

from callwright.testing.world import World, play


def test_two_users_talk_and_hear_each_other() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        assert rung.shown == ("Alice Adams", "101")
        await call.ringing()
        rung.answer()
        await call.answered()
        await call.until_hears("bob")
        await rung.until_hears("alice")
        call.hang_up()
        await rung.ended()
        record = await world.record()
        assert record.result.value == "answered"

    play(scene)
