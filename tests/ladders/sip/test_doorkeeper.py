"""Requests that are answered before anything is remembered about them (RFC 3261 §8.2.7)."""

from dataclasses import dataclass, field

import pytest
from tests.ladders.sip.rig import LINGER_S, Pair, Party

from callwright.sip.flow import Flow
from callwright.sip.message import Request, Response
from callwright.sip.screening import Refusal

CHALLENGE = Refusal(401, None, (("WWW-Authenticate", 'Digest realm="r", nonce="n"'),))


@dataclass
class Door:
    """Tells everybody the same (``Doorkeeper``)."""

    refusal: Refusal | None = CHALLENGE
    loads: list[float] = field(default_factory=list)

    def meet(self, request: Request, flow: Flow, *, load: float) -> Refusal | None:
        self.loads.append(load)
        return self.refusal


class BrokenDoor:
    def meet(self, request: Request, flow: Flow, *, load: float) -> Refusal | None:
        raise ZeroDivisionError


def test_a_challenge_leaves_nothing_behind_and_its_ack_is_taken_silently() -> None:
    pair = Pair()
    guarded = Party(pair.network, "node", "192.0.2.9:5060", doorkeeper=Door())
    pair.alice.call(guarded)
    pair.run()
    assert pair.lines == [
        "alice -> node INVITE sdp",
        "node -> alice 401 INVITE",
        "alice -> node ACK",
    ]
    assert guarded.endpoint.transaction_count == 0
    assert guarded.endpoint.session_count == 0
    assert pair.alice.listener.responses[-1].header("WWW-Authenticate") == CHALLENGE.headers[0][1]
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_a_source_that_never_acknowledges_is_not_told_again() -> None:
    pair = Pair()
    guarded = Party(pair.network, "node", "192.0.2.9:5060", doorkeeper=Door())
    pair.alice.call(guarded)
    pair.alice.is_deaf = True
    pair.run(0.4)
    pair.alice.endpoint.transport_failed(pair.alice.flow_to(guarded))
    pair.run(LINGER_S)
    assert pair.lines.count("node -> alice 401 INVITE") == 1


def test_each_copy_is_answered_with_the_same_tag() -> None:
    pair = Pair()
    guarded = Party(pair.network, "node", "192.0.2.9:5060", doorkeeper=Door())
    pair.alice.call(guarded)
    pair.run()
    pair.clock.run(1)
    [invite, _] = guarded.raw
    guarded.receive(Flow("udp", guarded.address, pair.alice.address), invite)
    pair.run()
    answers = [m for m in pair.alice.messages if isinstance(m, Response)]
    assert [answer.status for answer in answers] == [401, 401]
    assert answers[0].to_tag == answers[1].to_tag is not None


def test_who_is_let_in_although_the_table_is_full_is_the_doorkeepers_decision() -> None:
    pair = Pair()
    door = Door(refusal=None)
    guarded = Party(pair.network, "node", "192.0.2.9:5060", transactions_max=2, doorkeeper=door)
    for _ in range(6):
        pair.alice.call(guarded)
        pair.run()
    assert door.loads == [0.0, 0.5, 1.0, 1.5], "at twice its size nobody is asked"
    assert len(guarded.rings) == 4
    assert guarded.endpoint.counters["overloaded"] == 2


def test_a_defect_at_the_door_is_answered() -> None:
    pair = Pair()
    guarded = Party(pair.network, "node", "192.0.2.9:5060", doorkeeper=BrokenDoor())
    pair.alice.call(guarded)
    with pytest.raises(ZeroDivisionError):
        pair.run()
    pair.run()
    assert pair.lines[1] == "node -> alice 500 INVITE"
