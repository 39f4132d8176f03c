"""What the adapter between legs and SIP does to the media, and says in its descriptions."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path

import pytest
from tests.unit.calls.desk import HERS, Desk

from callwright.calls.leg import Failure
from callwright.kernel.addresses import HostPort
from callwright.kernel.limits.signalling import KEYS_WAITING_MAX
from callwright.kernel.reason import Reason
from callwright.media.events import DtmfReceived, Protected, ProtectionChanged
from callwright.sip.sdp import answer, parse_sdp
from callwright.sip.session.session import InviteSession


def version_of(body: bytes) -> int:
    return int(body.split(b"\r\n")[1].split()[2])


# -- descriptions ----------------------------------------------------------------------------------


def test_an_offer_that_says_nothing_new_gets_the_answer_that_it_got_before() -> None:
    desk = Desk()
    hers = desk.answered_call()
    first = desk.last_answer
    for _ in range(3):
        hers.reoffer(desk.offer())
        desk.pair.run()
        assert desk.last_answer == first, "RFC 3264 §8: the same version, too"
    assert desk.engine.commands == []


def test_an_offer_that_says_something_new_gets_the_next_version() -> None:
    desk = Desk()
    hers = desk.answered_call()
    first = desk.last_answer
    hold = desk.offer(2).replace(b"a=sendrecv", b"a=sendonly")
    for offer, expected in ((hold, 1), (hold, 1), (desk.offer(3), 2), (desk.offer(3), 2)):
        hers.reoffer(offer)
        desk.pair.run()
        assert version_of(desk.last_answer) == version_of(first) + expected
    assert [c for c in desk.engine.commands if c.startswith("remote")] == [
        "remote PCMA 4000 receive",
        "remote PCMA 4000 sendreceive",
    ]


def test_an_offer_that_is_refused_uses_up_no_version() -> None:
    desk = Desk()
    hers = desk.answered_call()
    first = desk.last_answer
    for body in (b"v=0\r\n", b"nonsense", desk.offer().replace(b"RTP/AVP", b"RTP/SAVP")):
        hers.reoffer(body)
        desk.pair.run()
        assert desk.pair.alice.listener.heard[-1] == "reoffer_failed 488"
    hers.reoffer(desk.offer(2).replace(b"4000", b"4002"))
    desk.pair.run()
    assert desk.last_answer == first, "our side did not change"
    assert desk.engine.commands == ["remote PCMA 4002 sendreceive"]


@pytest.mark.parametrize("with_offer", [True, False])
def test_an_offer_from_another_address_moves_the_audio_though_it_says_nothing_new(
    with_offer: bool,
) -> None:
    """Its phone is behind a router that got a new public address."""
    desk = Desk()
    hers = desk.answered_call()
    alice = desk.pair.alice

    def accept(session: InviteSession) -> None:
        offer = parse_sdp(desk.last_answer)
        answered = answer(offer, HERS, codecs=("PCMA",), session_id=7, version=2)
        assert answered is not None
        session.acknowledge(answered[0])

    if not with_offer:
        alice.listener.reactions["reoffer_answered"] = accept
    desk.pair.network.nat[alice.address] = HostPort("203.0.113.9", 61_000)
    for _ in range(2):
        hers.reoffer(desk.offer() if with_offer else b"")
        desk.pair.run()
    assert desk.engine.commands == ["remote PCMA 4000 sendreceive"]
    assert desk.leg.media.remote is not None
    assert desk.leg.media.remote.also_accept == "203.0.113.9"


def test_an_offer_of_ours_that_says_nothing_new_keeps_its_version() -> None:
    desk = Desk()
    hers = desk.answered_call()
    hers_answers = desk.pair.alice.listener.reactions
    offers: list[bytes] = []

    def accept(session: InviteSession) -> None:
        offers.append(desk.last_answer)
        answered = answer(
            parse_sdp(offers[-1]), HERS, codecs=("PCMA",), session_id=7, version=len(offers) + 1
        )
        assert answered is not None
        session.acknowledge(answered[0])

    hers_answers["reoffer_answered"] = accept
    for _ in range(2):
        hers.reoffer(b"")
        desk.pair.run()
    assert offers[0] == offers[1]
    assert desk.engine.commands == []


def test_our_refresh_does_not_touch_the_media() -> None:
    """rtpengine#226: the audio was lost when the session was refreshed."""
    desk = Desk()
    desk.answered_call()
    desk.pair.run(1_900)
    assert desk.pair.lines.count("bob -> alice UPDATE") == 2
    assert desk.engine.commands == []


def test_our_refresh_of_a_phone_without_update_does_not_touch_the_media_either() -> None:
    desk = Desk()
    desk.pair.alice.rewrite = lambda data: data.replace(b"UPDATE, ", b"")
    listener = desk.pair.alice.listener

    def accept(session: InviteSession) -> None:
        offer = parse_sdp(listener.requests[-1].body)
        answered = answer(offer, HERS, codecs=("PCMU", "PCMA"), session_id=7, version=2)
        assert answered is not None
        session.answer_offer(answered[0])

    listener.reactions["offer"] = accept
    desk.answered_call()
    first = desk.last_answer
    desk.pair.run(1_900)
    assert [r.body for r in listener.requests if r.method == "INVITE"] == [first, first]
    assert desk.engine.commands == []


# -- keys by INFO ----------------------------------------------------------------------------------


def soon(act: Coroutine[None, None, None]) -> None:
    asyncio.run(asyncio.wait_for(act, 5))


@pytest.mark.parametrize(
    ("kind", "body", "key"),
    [
        ("application/dtmf-relay", b"Signal=5\r\nDuration=160\r\n", "5"),
        ("application/dtmf-relay", b"Duration=160\nsignal = #\n", "#"),
        ("Application/DTMF-Relay; x=y", b"Signal=10", "*"),
        ("application/dtmf-relay", b"Signal=d", "D"),
        ("application/dtmf", b"7\r\n", "7"),
        ("application/dtmf-relay", b"Signal=16", None),
        ("application/dtmf-relay", b"Signal=", None),
        ("application/dtmf-relay", b"Signal=55", None),
        ("application/dtmf-relay", b"\xff\x00", None),
        ("application/dtmf-relay", b"", None),
        ("application/media_control+xml", b"Signal=5", None),
        ("text/plain", b"5", None),
    ],
)
def test_a_key_that_a_phone_sends_by_info(kind: str, body: bytes, key: str | None) -> None:
    async def act() -> None:
        desk = Desk(with_keys=False)
        hers = desk.answered_call()
        statuses: list[int] = []
        hers.send_request(
            "INFO",
            body=body,
            content_type=kind,
            on_response=lambda response: statuses.append(response.status),
        )
        desk.pair.run()
        assert statuses == [200]
        assert await desk.leg.media.next_digit(0) == key

    soon(act())


def press_by_info(hers: InviteSession, key: str) -> None:
    hers.send_request("INFO", body=f"Signal={key}".encode(), content_type="application/dtmf-relay")


def test_a_phone_with_telephone_event_may_send_its_keys_by_info() -> None:
    async def act() -> None:
        desk = Desk()
        hers = desk.answered_call()
        for key in "57":
            press_by_info(hers, key)
        desk.pair.run(1)
        assert [await desk.leg.media.next_digit(0) for _ in range(3)] == ["5", "7", None]
        press_by_info(hers, "9")
        desk.pair.run(0.1)
        assert await desk.leg.media.next_digit(0) == "9", "by now it is known to need no wait"

    soon(act())


@pytest.mark.parametrize("info_comes_first", [True, False])
def test_a_phone_that_presses_its_keys_in_the_audio_says_them_again_by_info(
    info_comes_first: bool,
) -> None:
    async def act() -> None:
        desk = Desk()
        hers = desk.answered_call()
        media = desk.leg.media
        for key in "123":
            if info_comes_first:
                press_by_info(hers, key)
                desk.pair.run(0.05)
            media.handle(DtmfReceived(media.id, key))
            if not info_comes_first:
                press_by_info(hers, key)
            desk.pair.run(1)
        assert [await media.next_digit(0) for _ in range(4)] == ["1", "2", "3", None]

    soon(act())


def test_keys_by_info_that_wait_are_bounded_and_end_with_the_call() -> None:
    async def act() -> None:
        desk = Desk()
        hers = desk.answered_call()
        media = desk.leg.media
        for _ in range(2 * KEYS_WAITING_MAX):
            press_by_info(hers, "1")
        desk.pair.run(0.1)
        hers.bye()
        desk.pair.run(1)
        assert await media.next_digit(0) is None

    soon(act())


def test_a_key_by_info_ends_a_recording_like_any_other(tmp_path: Path) -> None:
    async def act() -> None:
        desk = Desk(with_keys=False)
        hers = desk.answered_call()
        recorded = asyncio.ensure_future(
            desk.leg.media.record(tmp_path / "message.wav", max_s=60, silence_s=5)
        )
        await asyncio.sleep(0)
        for key in (b"5", b"#"):
            assert not recorded.done()
            hers.send_request("INFO", body=b"Signal=" + key, content_type="application/dtmf-relay")
            desk.pair.run()
        assert (await recorded).duration_ms == 900

    soon(act())


# -- redirections ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("contact", "place", "redirects"),
    [
        (
            "<sip:+12065550199@192.0.2.77;x=y>;q=1",
            "sip:+12065550199@192.0.2.77;x=y",
            ("+12065550199",),
        ),
        ("", "nowhere", ()),
    ],
)
def test_a_redirection_is_a_failure_that_says_where_to(
    contact: str, place: str, redirects: tuple[str, ...]
) -> None:
    desk = Desk()
    headers = (("Contact", contact),) if contact else ()
    desk.pair.alice.on_ring = lambda session: session.refuse(302, headers=headers)
    leg = desk.outgoing_leg()
    assert leg.has_ended
    assert desk.observer.failures == [
        Failure(302, f"Moved Temporarily: {place}", redirects=redirects)
    ]


def test_a_redirection_is_not_handed_to_the_caller() -> None:
    desk = Desk()
    desk.pair.alice.call(desk.pair.bob, body=desk.offer())
    desk.pair.run()
    desk.leg.hang_up(Reason.GATEWAY_REFUSED, status=302)
    desk.pair.run()
    assert desk.pair.alice.listener.heard[-1] == "failed 503"


# -- the ends that the session tells of ------------------------------------------------------------


def test_a_session_that_expired_ends_the_leg() -> None:
    desk = Desk()
    wish = b"Session-Expires: 90;refresher=uac\r\n"
    desk.pair.alice.rewrite = lambda data: data.replace(b"Session-Expires: 1800\r\n", wish)
    desk.answered_call()
    desk.pair.alice.rewrite = lambda data: b""
    desk.pair.run(61)
    assert desk.leg.has_ended
    assert desk.observer.ends == 1
    assert desk.pair.lines[-1] == "bob -> alice BYE"


def test_early_media_that_is_never_acknowledged_ends_the_leg() -> None:
    desk = Desk()
    desk.pair.alice.rewrite = lambda data: b"" if data.startswith(b"PRACK") else data
    desk.pair.alice.call(desk.pair.bob, body=desk.offer())
    desk.pair.run()
    assert desk.leg.answer_early()
    assert desk.leg.answer()
    desk.pair.run(33)
    assert desk.leg.has_ended
    assert desk.pair.alice.listener.heard[-1] == "failed 504"


# -- keys that could not be agreed on --------------------------------------------------------------


def test_a_call_whose_handshake_fails_ends_and_says_why() -> None:
    desk = Desk()
    desk.answered_call()
    desk.leg.media.handle(ProtectionChanged(desk.leg.media.id, Protected.FAILED))
    desk.pair.run()
    assert desk.leg.ended_for is Reason.ENCRYPTION_FAILED
    assert desk.pair.alice.listener.heard[-1].startswith("ended")


def test_a_handshake_that_failed_before_the_answer_ends_the_call_once_it_is_answered() -> None:
    desk = Desk()

    async def scene() -> None:
        desk.pair.alice.call(desk.pair.bob, body=desk.offer())
        desk.pair.run()
        desk.leg.media.handle(ProtectionChanged(desk.leg.media.id, Protected.FAILED))
        desk.leg.answer()
        desk.pair.run()
        await asyncio.sleep(0)
        assert desk.leg.ended_for is Reason.ENCRYPTION_FAILED

    asyncio.run(scene())
