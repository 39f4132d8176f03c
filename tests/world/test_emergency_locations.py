"""A call for help that brings its location is placed like any other (RFC 6442, RFC 5621)."""

import re

import pytest

from callwright.sip.flow import Flow
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

BESIDE = {
    "a location": b"Content-Type: application/pidf+xml\r\nContent-ID: <loc@alice>\r\n\r\n<x/>",
    "what nobody knows": b"Content-Type: application/EmergencyCallData.eCall.MSD\r\n\r\n\x01\x02",
}


def bring_along(phone: SimulatedPhone, beside: bytes) -> None:
    """Every INVITE of the phone has another part beside its SDP."""
    layer = phone.endpoint._layer
    send = layer.transmit

    def bent(flow: Flow, data: bytes) -> None:
        head, _, body = data.partition(b"\r\n\r\n")
        if data.startswith(b"INVITE "):
            sdp = b"Content-Type: application/sdp\r\n\r\n" + body
            body = b"--b1\r\n" + sdp + b"\r\n--b1\r\n" + beside + b"\r\n--b1--\r\n"
            head = head.replace(b"application/sdp", b"multipart/mixed;boundary=b1")
            fields = b"Geolocation: <cid:loc@alice>\r\nContent-Length: %d" % len(body)
            head = re.sub(rb"Content-Length: \d+", fields, head)
        send(flow, head + b"\r\n\r\n" + body)

    layer.transmit = bent


@pytest.mark.parametrize("beside", list(BESIDE.values()), ids=list(BESIDE))
@pytest.mark.parametrize("dialled", ["911", "urn:service:sos"])
def test_help_is_called_with_something_beside_the_offer(beside: bytes, dialled: str) -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1")
        alice = await world.phone("alice")
        bring_along(alice, beside)
        call = await alice.dial(dialled)
        await call.answered()
        await call.until_hears("911")

    play(scene)


def test_a_call_for_help_with_a_body_that_nobody_can_read_gets_an_offer_from_us() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        alice = await world.phone("alice")
        layer = alice.endpoint._layer
        send = layer.transmit
        layer.transmit = lambda flow, data: send(
            flow, data.replace(b"application/sdp", b"application/x-sdp")
        )
        call = await alice.dial("911")
        await call.settled()
        assert [invite.parsed_uri.user for invite in carrier.invites] == ["911"]

    play(scene)


@pytest.mark.parametrize(("beside", "status"), [*zip(BESIDE.values(), (200, 415), strict=True)])
def test_another_call_is_told_what_it_has_to_do_without(beside: bytes, status: int) -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1")
        alice = await world.phone("alice")
        bring_along(alice, beside)
        call = await alice.dial("+12065550199")
        assert await call.settled() == status

    play(scene)
