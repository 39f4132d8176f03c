"""Keys: reported once, relayed, sent."""

from tests.contract.media.stage import Stage

from callwright.media.events import DtmfReceived

KEYS = "0123456789*#ABCD"


def test_each_key_is_reported_once_and_in_order(stage: Stage) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        await alice.press(KEYS)
        await stage.event(DtmfReceived, nth=len(KEYS))
        assert stage.events == [DtmfReceived(alice.leg, key) for key in KEYS]

    stage.run(scene())


def test_the_same_key_twice_is_two_keys(stage: Stage) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        await alice.press("77")
        await stage.event(DtmfReceived, nth=2)
        assert stage.events == [DtmfReceived(alice.leg, "7")] * 2

    stage.run(scene())


def test_keys_pass_a_bridge_and_are_reported_too(stage: Stage) -> None:
    async def scene() -> None:
        alice, bob = await stage.party("alice"), await stage.party("bob")
        stage.engine.bridge(alice.leg, bob.leg)
        alice.talk()
        await bob.until_hears("alice")
        alice.stop_packets()
        await alice.press("19#")
        await bob.until_digits("19#")
        assert stage.events == [DtmfReceived(alice.leg, key) for key in "19#"]

    stage.run(scene())


def test_keys_are_sent_one_after_the_other(stage: Stage) -> None:
    async def scene() -> None:
        alice = await stage.party("alice")
        stage.engine.send_dtmf(alice.leg, "42")
        stage.engine.send_dtmf(alice.leg, "#", duration_ms=60)
        await alice.until_digits("42#")
        assert stage.events == []

    stage.run(scene())


def test_a_peer_that_knows_no_events_is_sent_none(stage: Stage) -> None:
    async def scene() -> None:
        alice = await stage.party("alice", dtmf_payload_type=None)
        bob = await stage.party("bob")
        stage.engine.send_dtmf(alice.leg, "1")
        stage.engine.bridge(alice.leg, bob.leg)
        await bob.press("2")
        bob.talk()
        await alice.until_hears("bob")
        assert alice.digits == ""

    stage.run(scene())
