"""Who passes a key on: the engine what came in the audio, the relay what it cannot."""

import pytest
from tests.unit.calls.desk import Desk

from callwright.calls.key_relay import KeyRelay
from callwright.media.events import DtmfReceived


def relayed(way: str, *, from_events: bool, to_events: bool) -> list[str]:
    """What becomes of a key by the relay, beside what the engine does."""
    sender, listener = Desk(with_keys=from_events), Desk(with_keys=to_events)
    sender.answered_call()
    listener.answered_call()
    relay = KeyRelay(sender.leg, listener.leg)
    media = sender.leg.media
    if way == "audio":
        media.handle(DtmfReceived(media.id, "5"))
    else:
        media.press("5")
    listener.pair.run()
    heard = [r.body.decode() for r in listener.pair.alice.listener.requests if r.method == "INFO"]
    relay.stop()
    media.handle(DtmfReceived(media.id, "6"))
    media.press("7")
    listener.pair.run()
    assert len(listener.pair.alice.listener.requests) == len(heard), "nobody listens any longer"
    return [*listener.engine.commands, *(body.partition("\r\n")[0] for body in heard)]


@pytest.mark.parametrize("from_events", [True, False], ids=["event", "tone"])
def test_a_key_in_the_audio_is_the_engines_where_the_other_party_takes_events(
    from_events: bool,
) -> None:
    assert relayed("audio", from_events=from_events, to_events=True) == []
    assert relayed("audio", from_events=from_events, to_events=False) == ["Signal=5"]


@pytest.mark.parametrize("from_events", [True, False])
def test_a_key_by_signalling_is_always_passed_on(from_events: bool) -> None:
    assert relayed("info", from_events=from_events, to_events=True) == ["key 5"]
    assert relayed("info", from_events=from_events, to_events=False) == ["Signal=5"]
