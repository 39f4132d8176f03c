"""Who guesses is kept out; who has business here, and who needs help, never is (ADR 0020)."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from callwright.kernel.limits.shield import (
    SHIELD_BLOCK_S,
    SHIELD_HELP_PER_MINUTE,
    SHIELD_MALFORMED_SHORT,
    SHIELD_NAME_PAUSE_S,
    SHIELD_WRONG_NAME,
    SHIELD_WRONG_SHORT,
)
from callwright.sip.message import Response
from callwright.storage.shield import Act, Order
from callwright.testing.network import DatagramSocket
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import NODE_ADDRESS, World, play

WRONG = SHIELD_WRONG_SHORT[0]
EVIL = "203.0.113.66"


class Knocker:
    """Sends octets from one address and counts what comes back."""

    def __init__(self, world: World, ip: str = EVIL) -> None:
        self.answers: list[bytes] = []
        self.nonce = "1-1-0"
        """Of nobody, until the node was asked for one."""
        self.ip = ip
        self._sent = 0
        host = world.network.add_host(ip, ip)
        self._socket: DatagramSocket = host.bind(5060, lambda _source, data: self._take(data))

    def _take(self, data: bytes) -> None:
        self.answers.append(data)

    def send(self, method: str, uri: str = "sip:contoso.test", *headers: str) -> None:
        self._sent += 1
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.ip}:5060;branch=z9hG4bK{self._sent};rport",
            "Max-Forwards: 70",
            f"From: <sip:alice@contoso.test>;tag={self._sent}",
            "To: <sip:alice@contoso.test>",
            f"Call-ID: {self.ip}-{self._sent}",
            f"CSeq: 1 {method}",
            f"Contact: <sip:alice@{self.ip}>",
            *headers,
            "Content-Length: 0",
        ]
        self._socket.send(NODE_ADDRESS, "\r\n".join([*lines, "", ""]).encode())

    def guess(self, name: str = "alice") -> None:
        response = f"{self._sent:032x}"
        self.send(
            "REGISTER",
            "sip:contoso.test",
            f'Authorization: Digest username="{name}", realm="contoso.test", nonce="{self.nonce}", '
            f'uri="sip:contoso.test", response="{response}", algorithm=MD5',
        )

    async def ask(self) -> "Knocker":
        """Only who was challenged can be wrong."""
        self.send("REGISTER")
        await asyncio.sleep(1)
        challenge = re.search(rb'nonce="([^"]+)"', self.answers.pop())
        assert challenge is not None
        self.nonce = challenge[1].decode()
        return self

    async def guess_often(self, times: int) -> None:
        for _ in range(times):
            self.guess()
        await asyncio.sleep(1)

    def rubbish(self) -> None:
        self._socket.send(NODE_ADDRESS, b"GET / HTTP/1.1\r\n\r\n")

    async def is_heard(self) -> bool:
        before = len(self.answers)
        self.send("OPTIONS")
        await asyncio.sleep(1)
        return len(self.answers) > before


async def fail_often(phone: SimulatedPhone, times: int = WRONG) -> Response:
    """A phone with a wrong password tries and tries, each time after a challenge."""
    for _ in range(times):
        response = await phone.try_register()
    return response


def order(world: World, act: Act, network: str) -> None:
    now = world.clock.utc()
    world.node.shield.obey(Order(act, network, now, now + timedelta(hours=1)))


def test_a_guesser_is_heard_no_longer_at_the_twentieth_wrong_password() -> None:
    async def scene(world: World) -> None:
        guesser = await Knocker(world).ask()
        for _ in range(WRONG + 30):
            guesser.guess()
            await asyncio.sleep(0.1)
        assert len(guesser.answers) == WRONG
        assert not await guesser.is_heard()
        assert world.node.shield.dropped == 31
        assert world.node.shield.block_count == 1

    play(scene)


def test_blocks_end_and_the_next_one_is_longer() -> None:
    async def scene(world: World) -> None:
        guesser = await Knocker(world).ask()
        for span_s in SHIELD_BLOCK_S:
            for _ in range(WRONG):
                guesser.guess()
            await asyncio.sleep(span_s - 10)
            assert not await guesser.is_heard()
            await asyncio.sleep(10)
            assert await guesser.is_heard()

    play(scene)


def test_a_first_401_is_no_failure_however_many_there_are() -> None:
    async def scene(world: World) -> None:
        phone = Knocker(world)
        for _ in range(2_000):
            phone.send("REGISTER")
            await asyncio.sleep(0.01)
        assert len(phone.answers) == 2_000
        assert world.node.shield.wrong_credentials == 0

    play(scene)


def test_a_lost_answer_does_not_make_one_failure_many() -> None:
    async def scene(world: World) -> None:
        guesser = await Knocker(world).ask()
        for _ in range(WRONG * 3):
            guesser._sent = 7
            guesser.guess()
        assert await guesser.is_heard()

    play(scene)


def test_an_office_keeps_its_phones_when_one_of_them_has_a_wrong_password() -> None:
    """All stand behind one NAT, so the node sees one address."""

    async def scene(world: World) -> None:
        office = world.nat()
        alice = await world.phone("alice", nat=office)
        bob = await world.phone("bob", nat=office)
        wrong = await world.phone("carol", nat=office, register=False, password="of last year")
        response = await fail_often(wrong, WRONG * 5)
        assert (response.status, response.is_local) == (401, False)
        assert world.node.shield.block_count == 0
        assert world.node.shield.spared > 0
        call = await alice.dial("102")
        (await bob.rings()).answer()
        await call.answered()

    play(scene)


def test_an_office_nobody_registered_from_is_blocked_and_can_be_let_in() -> None:
    async def scene(world: World) -> None:
        office = world.nat()
        wrong = await world.phone("carol", nat=office, register=False, password="wrong")
        response = await fail_often(wrong)
        assert response.is_local, "nobody answers any more"
        alice = await world.phone("alice", nat=office, register=False)
        assert (await alice.try_register()).is_local
        order(world, Act.LIFT, world.node.shield.take_changes()[0][0].network)
        assert (await alice.try_register()).status == 200

    play(scene)


def test_a_blocked_network_spares_the_phone_inside_it() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        near = alice.host.ip.rpartition(".")[0]
        neighbours = [await Knocker(world, f"{near}.{n}").ask() for n in range(100, 110)]
        for turn in range(12):
            for neighbour in neighbours:
                neighbour.guess(f"user{turn}")
        await asyncio.sleep(1)
        networks = [block.network for block in world.node.shield.take_changes()[0]]
        assert networks == [f"{near}.0/24"]
        assert not await Knocker(world, f"{near}.200").is_heard()
        call = await alice.dial("102")
        (await bob.rings()).answer()
        await call.answered()

    play(scene)


def test_an_sbc_is_never_blocked() -> None:
    async def scene(world: World) -> None:
        sbc = next(iter(world.snapshot.sbcs.values()))
        guesser = await Knocker(world, sbc.address.host).ask()
        await guesser.guess_often(WRONG * 3)
        assert await guesser.is_heard()

    play(scene)


def test_networks_that_the_file_names_are_never_blocked() -> None:
    async def scene(world: World) -> None:
        await world.use(replace(world.snapshot, shield_never=("203.0.113.0/24",)))
        guesser = await Knocker(world).ask()
        await guesser.guess_often(WRONG * 3)
        assert await guesser.is_heard()
        await world.use(replace(world.snapshot, shield_never=()))
        await guesser.guess_often(WRONG)
        assert not await guesser.is_heard()
        await world.use(replace(world.snapshot, shield_never=("203.0.113.66",)))
        assert await guesser.is_heard(), "also who is blocked already"

    play(scene)


def test_an_address_with_an_administrator_is_never_blocked() -> None:
    async def scene(world: World) -> None:
        world.node.shield.is_trusted = lambda host: host == EVIL
        guesser = await Knocker(world).ask()
        await guesser.guess_often(WRONG * 3)
        assert await guesser.is_heard()

    play(scene)


def test_who_talks_can_go_on_and_hang_up() -> None:
    """A phone that never registered calls; somebody behind the same NAT guesses."""

    async def scene(world: World) -> None:
        hotel = world.nat()
        alice = await world.phone("alice", nat=hotel, register=False)
        bob = await world.phone("bob")
        call = await alice.dial("102")
        (await bob.rings()).answer()
        await call.answered()
        guesser = await world.phone("carol", nat=hotel, register=False, password="wrong")
        await fail_often(guesser)
        call.hang_up()
        record = await world.record()
        assert record.sip_status == 200

    play(scene)


def test_a_blocked_address_still_reaches_emergency_services() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1")
        hotel = world.nat()
        alice = await world.phone("alice", nat=hotel, register=False)
        order(world, Act.BLOCK, f"{hotel.ip}/32")
        call = await alice.dial("911")
        await call.answered()
        await call.until_hears("911")
        call.hang_up()
        await world.record()
        assert (await alice.try_register()).is_local, "nothing else comes in"
        other = await alice.dial("102")
        assert await other.ended(within_s=60) == 408

    play(scene)


@pytest.mark.parametrize("uri", ["sip:911@contoso.test", "tel:911", "urn:service:sos.fire"])
def test_help_may_be_asked_for_in_any_form(uri: str) -> None:
    async def scene(world: World) -> None:
        caller = Knocker(world)
        order(world, Act.BLOCK, f"{EVIL}/32")
        caller.send("INVITE", uri)
        await asyncio.sleep(1)
        assert [answer.split(b" ")[1] for answer in caller.answers] == [b"401"]

    play(scene)


def test_calls_for_help_open_no_door_to_a_blocked_guesser() -> None:
    async def scene(world: World) -> None:
        guesser = Knocker(world)
        order(world, Act.BLOCK, f"{EVIL}/32")
        for _ in range(100):
            guesser.send("INVITE", "sip:911@contoso.test")
            guesser.send("INVITE", "sip:101@contoso.test")
        await asyncio.sleep(1)
        assert 0 < len(guesser.answers) <= SHIELD_HELP_PER_MINUTE
        assert not await guesser.is_heard()

    play(scene)


def test_an_order_holds_for_everybody_and_is_lifted() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        order(world, Act.BLOCK, "10.0.0.0/8")
        assert (await alice.try_register()).is_local
        order(world, Act.LIFT, "10.0.0.0/8")
        assert (await alice.try_register()).status == 200
        assert not world.node.shield.is_up

    play(scene)


def test_rubbish_is_counted_by_transport_and_only_a_flood_of_it_is_blocked() -> None:
    async def scene(world: World) -> None:
        knocker = Knocker(world)
        for _ in range(SHIELD_MALFORMED_SHORT[0] - 1):
            knocker.rubbish()
            await asyncio.sleep(0.01)
        assert await knocker.is_heard()
        knocker.rubbish()
        assert not await knocker.is_heard()
        assert world.node.shield.malformed["udp", "malformed"] == SHIELD_MALFORMED_SHORT[0]
        text = {
            (sample.name, *sorted(sample.labels.values())): sample.value
            for family in world.node.metrics.registry.collect()
            for sample in family.samples
        }
        assert text["callwright_sip_malformed_messages_total", "malformed", "udp"] == 1_000
        assert text["callwright_shield_blocks",] == 1
        assert text["callwright_shield_dropped_total",] == 1

    play(scene)


def test_a_name_that_many_guess_at_opens_for_its_owner_and_slowly_for_who_failed() -> None:
    """Each guess comes from an address of its own; the owner is in a hotel."""

    async def scene(world: World) -> None:
        for at in range(SHIELD_WRONG_NAME[0]):
            (await Knocker(world, f"198.18.{at}.1").ask()).guess("alice")
        await asyncio.sleep(1)
        owner = await world.phone("alice", nat=world.nat(), register=False)
        assert (await owner.try_register()).status == 200
        other = await world.phone("alice", nat=world.nat(), register=False, password="a guess")
        assert (await other.try_register()).status == 401
        other.password = owner.password
        assert (await other.try_register()).status == 401, "right, and not looked at"
        await asyncio.sleep(SHIELD_NAME_PAUSE_S)
        assert (await other.try_register()).status == 200

    play(scene)


def test_forged_datagrams_keep_nobody_out() -> None:
    """The forger has a nonce of his own, and writes a hotel's address on what he sends."""

    async def scene(world: World) -> None:
        victim, forger = Knocker(world, "198.51.100.9"), await Knocker(world).ask()
        victim.nonce = forger.nonce
        await victim.guess_often(WRONG * 3)
        assert await victim.is_heard()
        assert world.node.shield.wrong_credentials == 0
        victim.answers.clear()
        await (await victim.ask()).guess_often(WRONG)
        assert not await victim.is_heard(), "in its own name it can fail"

    play(scene)


def test_a_call_for_help_does_not_wait_because_others_guess_at_the_name() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1")
        for at in range(SHIELD_WRONG_NAME[0]):
            (await Knocker(world, f"198.18.{at}.1").ask()).guess("alice")
        hotel = world.nat()
        alice = await world.phone("alice", nat=hotel, register=False, password="a guess")
        assert (await alice.try_register()).status == 401
        alice.password = (await world.phone("alice", register=False)).password
        ordinary = await alice.dial("102")
        assert await ordinary.ended() == 403, "right, and not looked at"
        urgent = await alice.dial("911")
        await urgent.answered()
        urgent.hang_up()

    play(scene)
