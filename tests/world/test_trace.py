"""What a node traces of calls, and of strangers, in virtual time."""

import asyncio
from collections import defaultdict

from tests.world.test_strangers import Stranger

from callwright.sip.digest import authorization_for
from callwright.sip.ladder import read_label
from callwright.sip.message import Response
from callwright.sip.parser import parse
from callwright.testing.builders import ALICE
from callwright.testing.network import DatagramSocket
from callwright.testing.world import NODE_ADDRESS, World, play

TARGET = "sip:+99999@contoso.test"


def traced(world: World) -> tuple[dict[str, set[str]], dict[str, list[str]]]:
    """By call: its parties, and the labels of its messages in order."""
    assert world.trace is not None
    links, messages = world.trace.take()
    parties: defaultdict[str, set[str]] = defaultdict(set)
    for link in links:
        parties[link.call].add(link.party)
    labels: defaultdict[str, list[str]] = defaultdict(list)
    for message in messages:
        labels[message.call].append(read_label(message.data)[0])
    return parties, labels


def test_one_trace_has_both_legs() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        bob = await world.phone("bob")
        call = await alice.dial("102")
        (await bob.rings()).answer()
        await call.answered()
        call.hang_up()
        record = await world.record()
        await asyncio.sleep(1)
        parties, labels = traced(world)
        assert parties == {record.id: {"alice", "bob"}}
        got = labels[record.id]
        assert got[:3] == ["INVITE", "100 Trying", "INVITE"], "in the order of time"
        assert got.count("BYE") == 2
        assert got.count("200 OK") == 4
        assert "REGISTER" not in got

    play(scene, traces=True)


class PlainPhone:
    """Answers a challenge as RFC 3261 §22.2 has it: the same request again, of the same Call-ID.

    Over UDP without any retransmission, so for a perfect network only.
    """

    def __init__(self, world: World, password: str) -> None:
        self.statuses: list[int] = []
        self._password = password
        self._socket: DatagramSocket = world.network.add_host("plain", "10.0.0.200").bind(
            5060, self._receive
        )

    def send(self, method: str, cseq: int, *headers: str, to_tag: str = "") -> None:
        lines = [
            f"{method} {TARGET} SIP/2.0",
            f"Via: SIP/2.0/UDP 10.0.0.200:5060;branch=z9hG4bK-plain-{cseq};rport",
            "From: <sip:alice@contoso.test>;tag=1",
            f"To: <{TARGET}>{to_tag}",
            "i: plain-call",
            f"CSeq: {cseq} {method}",
            "Contact: <sip:alice@10.0.0.200:5060>",
            *headers,
        ]
        self._socket.send(NODE_ADDRESS, "\r\n".join([*lines, "", ""]).encode())

    def _receive(self, source: object, data: bytes) -> None:
        response = parse(data)
        if not isinstance(response, Response):
            return
        self.statuses.append(response.status)
        if response.status < 300:
            return
        _, _, tag = (response.header("To") or "").partition(";")
        self.send("ACK", response.cseq[0], to_tag=f";{tag}")
        if response.status == 401:
            proof = authorization_for(
                response.header_values("WWW-Authenticate")[0],
                method="INVITE",
                uri=TARGET,
                username="alice",
                password=self._password,
                cnonce="c",
            )
            self.send("INVITE", 2, f"Authorization: {proof}")


def test_the_challenge_is_part_of_the_call_that_it_led_to() -> None:
    async def scene(world: World) -> None:
        phone = PlainPhone(world, world.snapshot.users[ALICE].sip_password or "")
        phone.send("INVITE", 1)
        record = await world.record()
        await asyncio.sleep(1)
        assert phone.statuses == [401, 100, 403], "nobody has that number"
        assert record.caller_user == ALICE
        _, labels = traced(world)
        assert labels == {
            record.id: [
                "INVITE", "401 Unauthorized", "ACK", "INVITE", "100 Trying", "403 Forbidden", "ACK",
            ]
        }  # fmt: skip

    play(scene, traces=True)


def test_every_phone_that_rang_is_in_the_ladder() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        desk, mobile = await world.phone("bob"), await world.phone("bob", name="bob-mobile")
        call = await alice.dial("102")
        (await mobile.rings()).answer()
        await desk.rings()
        await call.answered()
        call.hang_up()
        record = await world.record()
        await asyncio.sleep(1)
        assert world.trace is not None
        links, messages = world.trace.take()
        bobs = {link.sip_call_id for link in links if link.party == "bob"}
        assert len(bobs) == 2
        assert {message.call for message in messages} == {record.id}
        assert "CANCEL" in {read_label(message.data)[0] for message in messages}

    play(scene, traces=True)


def test_two_calls_are_kept_apart() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        for _ in range(2):
            call = await alice.dial("102")
            (await bob.rings()).answer()
            await call.answered()
            call.hang_up()
            await asyncio.sleep(5)
        first, second = await world.record(1), await world.record(2)
        _, labels = traced(world)
        assert labels.keys() == {first.id, second.id}
        assert labels[second.id].count("BYE") == labels[first.id].count("BYE") == 2

    play(scene, traces=True)


def test_a_scanner_is_not_traced() -> None:
    async def scene(world: World) -> None:
        stranger = Stranger(world, "203.0.113.66")
        for number in range(900):
            stranger.invite(f"{number:05}")
        await asyncio.sleep(2)
        assert len(stranger.statuses) == 900
        assert traced(world) == ({}, {})

    play(scene, traces=True)
