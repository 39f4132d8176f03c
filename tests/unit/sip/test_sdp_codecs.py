"""Codecs, their numbers, clocks and packet lengths in offers and answers."""

import pytest
from tests.unit.sip.sdp_sides import Side, her, plain_offer, talk

from callwright.sip.sdp import (
    Payload,
)


def test_what_the_peer_did_not_strike_out_it_may_send() -> None:
    ours, hers = Side(codecs=("PCMU", "PCMA", "OPUS")), her(codecs=("PCMU",))
    body = ours.offer()
    assert hers.answer(body) is not None
    assert ours.take(hers.description)
    assert ours.agreed.accepts == ()
    all_of_it = hers.description.replace(b"RTP/AVP 0 101", b"RTP/AVP 0 8 96 101").replace(
        b"a=ptime", b"a=rtpmap:96 opus/48000/2\r\na=ptime"
    )
    for choice in (b"RTP/AVP 0 8 96", b"RTP/AVP 96 0 8"):
        assert ours.take(all_of_it.replace(b"RTP/AVP 0 8 96", choice))
        sends = ours.agreed.format
        taken = [(payload.number, payload.name) for payload in ours.agreed.accepts]
        first = choice.split()[1] == b"0"
        assert sends.name == ("PCMU" if first else "OPUS")
        assert (111, "OPUS") in taken, "what it sends has the number of our offer"
        assert (sends.number, sends.name) not in taken


@pytest.mark.parametrize("clock_hz", [8_000, 16_000])
def test_linear_audio_is_answered(clock_hz: int) -> None:
    ours = Side(codecs=("L16",))
    body = plain_offer("97", f"a=rtpmap:97 L16/{clock_hz}", "a=ptime:60")
    assert ours.answer(body) is not None
    assert ours.agreed.format == Payload(97, "L16", clock_hz)
    assert ours.agreed.ptime_ms == 20, "60 ms would not fit into a datagram everywhere"


@pytest.mark.parametrize("rtpmap", ["L16/44100/2", "L16/8000/2", "opus/48000/1", "opus/16000/2"])
def test_a_codec_of_another_shape_is_not_ours(rtpmap: str) -> None:
    assert Side(codecs=("L16", "OPUS")).answer(plain_offer("97", f"a=rtpmap:97 {rtpmap}")) is None


@pytest.mark.parametrize(
    ("ptime_ms", "of_g711", "of_opus"),
    [(10, 10, 10), (20, 20, 20), (30, 30, 20), (40, 40, 40), (50, 50, 20), (60, 60, 60)],
)
def test_a_codec_has_the_packet_lengths_that_it_can(
    ptime_ms: int, of_g711: int, of_opus: int
) -> None:
    for number, expected in (("0", of_g711), ("96", of_opus)):
        ours = Side()
        ours.answer(plain_offer(number, "a=rtpmap:96 opus/48000/2", f"a=ptime:{ptime_ms}"))
        assert ours.agreed.ptime_ms == expected


@pytest.mark.parametrize(("codec", "number"), [("PCMU", 101), ("G722", 101), ("OPUS", 110)])
def test_keys_have_the_clock_of_the_codec(codec: str, number: int) -> None:
    ours, hers = Side(codecs=(codec, "PCMA")), her()
    assert talk(ours, hers)
    assert ours.agreed.codec == hers.agreed.codec == codec
    assert ours.agreed.dtmf_payload_type == hers.agreed.dtmf_payload_type == number


def test_a_side_without_telephone_events_neither_offers_nor_takes_them() -> None:
    ours, hers = Side(), her()
    ours.exchange.with_keys = False
    assert b"telephone-event" not in ours.offer()
    assert talk(hers, ours)
    assert ours.agreed.dtmf_payload_type is None
    assert hers.agreed.dtmf_payload_type is None
