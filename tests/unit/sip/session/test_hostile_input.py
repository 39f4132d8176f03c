"""Messages cut, mixed and bent in the middle of calls: nothing raises, nothing is left."""

import random

from hypothesis import given
from hypothesis import strategies as st
from tests.ladders.sip.rig import ANSWER, OFFER, Pair

from callwright.sip.session.session import InviteSession

WORDS = (
    b"INVITE",
    b"BYE",
    b"CANCEL",
    b"ACK",
    b"UPDATE",
    b"REFER",
    b"NOTIFY",
    b"SUBSCRIBE",
    b"OPTIONS",
    b"PRACK",
    b"JUMP",
)
TAILS = (b";tag=bob1", b">", b'"', b"\xff", b",", b";lr", b"?x=y")


def recorded() -> list[bytes]:
    """Everything that early media and a refreshed call with a transfer put on the wire."""
    pair = Pair()
    pair.bob.on_ring = lambda session: session.provisional(183, body=ANSWER)
    pair.alice.call(pair.bob)
    pair.run()
    hers, _ = pair.answered_call()
    pair.run(901)
    pair.bob.listener.reactions["refer"] = lambda session: session.accept_refer(
        pair.bob.listener.transactions[-1]
    ).notify(200, "OK", final=True)
    hers.reoffer(OFFER)
    pair.run()
    hers.refer("<sip:carol@example.com>")
    pair.run()
    hers.bye()
    pair.run()
    return [*pair.alice.raw, *pair.bob.raw]


CORPUS = recorded()


def bend(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\r\n")
    for _ in range(chance.randint(0, 4)):
        at = chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                lines[at] = lines[at][: chance.randint(0, len(lines[at]))]
            case 1:
                lines.insert(at, chance.choice(chance.choice(CORPUS).split(b"\r\n")))
            case 2:
                del lines[at]
                lines = lines or [b""]
            case 3:
                lines[at] = lines[at].replace(chance.choice(WORDS), chance.choice(WORDS))
            case 4:
                lines[at] += chance.choice(
                    (b";tag=bob1", b">", b'"', b"\xff", b",", b";lr", b"?x=y")
                )
            case _:
                word, other = chance.choice(WORDS), chance.choice(WORDS)
                lines = [line.replace(word, other) for line in lines]
    return b"\r\n".join(lines)


@given(seed=st.integers(0, 2**32))
def test_bent_messages_in_the_middle_of_calls(seed: int) -> None:
    chance = random.Random(seed)
    pair = Pair(seed=seed)
    early = chance.choice((b"", ANSWER))

    def ring(session: InviteSession) -> None:
        session.provisional(183, body=early)
        session.answer(ANSWER)

    pair.bob.on_ring = ring
    pair.bob.on_asked = lambda transaction: transaction.respond(200)
    pair.bob.listener.reactions["refer"] = lambda session: pair.bob.listener.transactions[
        -1
    ].respond(603)
    pair.alice.listener.reactions["refer"] = lambda session: pair.alice.listener.transactions[
        -1
    ].respond(603)
    hers = pair.alice.call(pair.bob)
    for _ in range(10):
        party = chance.choice((pair.alice, pair.bob))
        other = pair.bob if party is pair.alice else pair.alice
        live = [*pair.alice.raw, *pair.bob.raw, *CORPUS]
        party.receive(party.flow_to(other), bend(chance.choice(live), chance))
        pair.run(chance.choice((0.0, 0.01, 1.0)))
    for _ in range(2):
        for session in (hers, *pair.alice.rings, *pair.bob.rings):
            session.hang_up()
        pair.run(200)
    assert pair.alice.endpoint.counters.get("defects", 0) == 0
    pair.assert_nothing_remains()


@given(data=st.binary(max_size=300))
def test_noise(data: bytes) -> None:
    pair = Pair()
    pair.bob.receive(pair.bob.flow_to(pair.alice), data)
    assert pair.bob.endpoint.session_count == 0
