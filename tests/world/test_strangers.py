"""What people who are nobody's users and nobody's carriers can do: little (ADR 0009, ADR 0013)."""

import asyncio
import re
from collections.abc import Sequence

import pytest

from callwright.calls.record import CallResult
from callwright.kernel.limits.shield import STRANGER_RECORDS_MAX, STRANGER_RECORDS_PER_ADDRESS_MAX
from callwright.kernel.reason import Reason
from callwright.testing.network import DatagramSocket
from callwright.testing.world import NODE_ADDRESS, World, play


class Stranger:
    """Sends INVITEs from one address and never says anything else."""

    def __init__(self, world: World, ip: str) -> None:
        self.statuses: list[int] = []
        self.junk_proof = ""
        """Wrong, with a nonce that this address was given."""
        self._ip = ip
        self._socket: DatagramSocket = world.network.add_host(ip, ip).bind(5060, self._receive)
        self._sent = 0

    def invite(
        self,
        dialled: str = "101",
        *,
        from_: str = "<sip:x@evil.test>",
        proof: str | None = None,
    ) -> None:
        self._sent += 1
        number = f"{self._ip}-{self._sent}"
        lines = [
            f"INVITE sip:{dialled}@contoso.test SIP/2.0",
            f"Via: SIP/2.0/UDP {self._ip}:5060;branch=z9hG4bK{number};rport",
            "Max-Forwards: 70",
            f"From: {from_};tag={number}",
            f"To: <sip:{dialled}@contoso.test>",
            f"Call-ID: {number}",
            "CSeq: 1 INVITE",
            f"Contact: <sip:x@{self._ip}:5060>",
            "Content-Length: 0",
        ]
        if proof is not None:
            lines.append(f"Authorization: {proof}")
        self._socket.send(NODE_ADDRESS, "\r\n".join([*lines, "", ""]).encode())

    async def ask(self) -> None:
        """Only who was challenged can be wrong."""
        self.invite()
        await asyncio.sleep(0.1)
        assert self.junk_proof
        self.statuses.clear()

    def _receive(self, source: object, data: bytes) -> None:
        self.statuses.append(int(data.split(b" ")[1]))
        challenge = re.search(rb'nonce="([^"]+)"', data)
        if challenge is not None:
            self.junk_proof = (
                f'Digest username="alice", realm="contoso.test", nonce="{challenge[1].decode()}", '
                'uri="sip:101@contoso.test", response="00", algorithm=MD5'
            )


def test_invites_without_a_proof_cost_an_answer_each_and_no_memory() -> None:
    async def scene(world: World) -> None:
        stranger = Stranger(world, "203.0.113.66")
        before = world.node.endpoint.transaction_count
        for _ in range(200):
            stranger.invite()
        await asyncio.sleep(40)
        assert stranger.statuses == [401] * 200, "one answer each, though none is acknowledged"
        assert world.node.endpoint.transaction_count == before
        assert world.journal.records == []

    play(scene)


def test_whoever_tries_prefix_after_prefix_for_hours_calls_nobody() -> None:
    """mikopbx/Core#239: a call every 35 s with another prefix stayed below each threshold."""

    async def scene(world: World) -> None:
        carrier, alice = world.carrier("sbc1"), await world.phone("alice")
        stranger = Stranger(world, "203.0.113.66")
        await stranger.ask()
        shut_out = 0
        for number in range(900):
            proof = stranger.junk_proof if number % 2 else None
            stranger.invite(f"{number}0012065550199", proof=proof)
            await asyncio.sleep(35)
            shut_out += world.node.shield.block_count
        assert set(stranger.statuses) == {100, 401, 403}
        assert carrier.invites == []
        assert alice.calls == []
        assert shut_out > 0

    play(scene)


def test_an_emergency_number_opens_no_door_for_a_stranger() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        stranger = Stranger(world, "203.0.113.66")
        await stranger.ask()
        stranger.invite("911")
        stranger.invite("911", proof=stranger.junk_proof)
        await asyncio.sleep(1)
        assert set(stranger.statuses) == {401, 100, 403}
        assert carrier.invites == []

    play(scene)


def test_junk_proofs_leave_some_records_and_the_rest_is_counted() -> None:
    async def scene(world: World) -> None:
        strangers = [Stranger(world, f"203.0.113.{number}") for number in range(10, 20)]
        for stranger in strangers:
            await stranger.ask()
        for _ in range(15):
            for stranger in strangers:
                stranger.invite(proof=stranger.junk_proof)
            await asyncio.sleep(0.1)
        await asyncio.sleep(5)
        records = world.journal.records
        assert len(records) == STRANGER_RECORDS_MAX
        assert {record.reason for record in records} == {Reason.SOURCE_UNKNOWN}
        unrecorded = world.node.metrics.registry.get_sample_value("callwright_strangers_unrecorded")
        assert unrecorded == 150 - STRANGER_RECORDS_MAX
        assert all(403 in stranger.statuses for stranger in strangers)

    play(scene)


def test_one_address_cannot_take_the_records_of_all_and_gets_new_ones_later() -> None:
    async def scene(world: World) -> None:
        loud, quiet = Stranger(world, "203.0.113.66"), Stranger(world, "203.0.113.67")
        await loud.ask()
        await quiet.ask()
        for _ in range(100):
            loud.invite(proof=loud.junk_proof)
        quiet.invite(proof=quiet.junk_proof)
        await asyncio.sleep(5)
        assert len(world.journal.records) == STRANGER_RECORDS_PER_ADDRESS_MAX + 1
        await asyncio.sleep(60)
        loud.invite(proof=loud.junk_proof)
        await asyncio.sleep(5)
        assert len(world.journal.records) == STRANGER_RECORDS_PER_ADDRESS_MAX + 2

    play(scene)


def test_a_strangers_record_is_short_and_plain() -> None:
    async def scene(world: World) -> None:
        stranger = Stranger(world, "203.0.113.66")
        await stranger.ask()
        stranger.invite(
            "%1b%5b31m" + "1" * 3_000,
            from_="<sip:%1b%5d0;owned%07" + "y" * 3_000 + "@evil.test>",
            proof=stranger.junk_proof,
        )
        record = await world.record()
        assert record.result is CallResult.REJECTED
        assert record.caller == "]0;owned" + "y" * 56
        assert record.callee == "[31m" + "1" * 60

    play(scene)


@pytest.mark.parametrize(
    ("calling", "name", "shown"),
    [
        ("x%40203.0.113.9%3A5060%3E,%3Csip%3Ay", "", ("Anonymous", "anonymous")),
        ("%1b%5d0;owned%07", "", ("Anonymous", "anonymous")),
        ("front.desk", "Fr\u202eont\x1b[31m Desk", ("Front[31m Desk", "front.desk")),
        ("2065550123", "N" * 500, ("N" * 64, "+12065550123")),
    ],
)
def test_a_trunks_caller_writes_nothing_into_the_phones_messages(
    calling: str, name: str, shown: Sequence[str]
) -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        call = world.carrier("sbc1").call("+14255550102", calling=calling, name=name)
        rung = await bob.rings()
        invite = rung.session.request
        assert (invite.from_.display, invite.from_.uri.user) == tuple(shown)
        [contact] = invite.contacts
        assert (contact.uri.user, contact.uri.host) == (shown[1], NODE_ADDRESS.host)
        call.hang_up()
        record = await world.record()
        assert record.caller == shown[1]

    play(scene)
