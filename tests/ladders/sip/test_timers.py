"""Each timer of RFC 3261 Annex A and RFC 6026, at the instant at which it fires."""

from tests.ladders.sip.rig import ANSWER, LINGER_S, Pair, Party

INVITE = "alice -> bob INVITE sdp"


def times(pair: Pair, line: str, since_s: float) -> list[float]:
    """When this went over the wire, lost or not."""
    found = [s.at_s - since_s for s in pair.network.steps if s.line.removesuffix(" lost") == line]
    return [round(at_s, 3) for at_s in found]


def test_timers_a_and_b_repeat_an_invite_ever_more_slowly_and_give_it_up() -> None:
    pair = Pair()
    pair.bob.is_deaf = True
    began_s = pair.clock.now_s
    pair.alice.call(pair.bob)
    pair.run(31.99)
    assert times(pair, INVITE, began_s) == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert pair.alice.listener.heard == []
    pair.run(0.02)
    assert pair.alice.listener.heard == ["failed 408 local"]


def test_timer_b_alone_gives_up_over_tcp() -> None:
    pair = Pair()
    pair.bob.is_deaf = True
    pair.alice.call(pair.bob, transport="tcp")
    pair.run(31.9)
    assert (pair.lines, pair.alice.listener.heard) == ([INVITE], [])
    pair.run(0.4)
    assert pair.alice.listener.heard == ["failed 408 local"]
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_a_proceeding_invite_has_no_timer_and_may_ring_for_an_hour() -> None:
    """§17.1.1.2: a provisional response stops A and B."""
    pair = Pair()
    pair.bob.on_ring = lambda session: session.provisional(180)
    pair.alice.call(pair.bob)
    pair.run(3_600)
    assert pair.lines.count(INVITE) == 1
    pair.bob.rings[0].answer(ANSWER)
    pair.run()
    assert pair.alice.listener.heard[-1] == "answered 200"


def test_timer_d_acknowledges_each_copy_of_a_refusal_for_32_seconds() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.refuse(486)
    pair.alice.call(pair.bob)
    pair.run()
    refusal = next(raw for raw in pair.alice.raw if raw.startswith(b"SIP/2.0 486"))
    for wait_s, acks in ((1.0, 1), (30.0, 1), (2.0, 0)):
        pair.run(wait_s)
        pair.network.forget()
        pair.alice.receive(pair.alice.flow_to(pair.bob), refusal)
        assert pair.lines.count("alice -> bob ACK") == acks
    assert pair.alice.listener.heard == ["provisional 100", "failed 486"]


def test_timers_e_and_f_repeat_a_request_at_most_every_four_seconds() -> None:
    pair = Pair()
    pair.bob.is_deaf = True
    began_s = pair.clock.now_s
    heard: list[int] = []
    ask(pair, heard)
    pair.run(31.9)
    assert times(pair, "alice -> bob OPTIONS", began_s) == [
        0.0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5,
    ]  # fmt: skip
    assert heard == []
    pair.run(0.2)
    assert heard == [408]


def test_timer_e_goes_on_at_four_seconds_after_a_provisional_response() -> None:
    """§17.1.2.2: a request that is being worked on is repeated every T2."""
    pair = Pair()
    pair.bob.on_asked = lambda transaction: transaction.respond(183)
    began_s = pair.clock.now_s
    ask(pair, [])
    pair.run(14.0)
    assert times(pair, "alice -> bob OPTIONS", began_s) == [0.0, 0.5, 4.5, 8.5, 12.5]


def test_timers_g_and_h_repeat_a_refusal_until_32_seconds_passed() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.refuse(486)
    pair.alice.rewrite = lambda data: b"" if data.startswith(b"ACK") else data
    began_s = pair.clock.now_s + 0.01
    pair.alice.call(pair.bob)
    pair.run(40.0)
    repeated = times(pair, "bob -> alice 486 INVITE", began_s)
    assert repeated == [0.0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert pair.bob.endpoint.transaction_count == 0


def test_timer_i_absorbs_copies_of_the_ack_for_five_seconds() -> None:
    pair = Pair()
    pair.bob.on_ring = lambda session: session.refuse(486)
    pair.alice.call(pair.bob)
    pair.run()
    ack = next(raw for raw in pair.bob.raw if raw.startswith(b"ACK"))
    pair.run(4.5)
    pair.bob.receive(pair.bob.flow_to(pair.alice), ack)
    assert pair.bob.endpoint.transaction_count == 1
    assert not pair.bob.endpoint.counters.get("unmatched_acks")
    pair.run(1.0)
    assert pair.bob.endpoint.transaction_count == 0


def test_timer_j_repeats_the_answer_to_a_copy_for_32_seconds() -> None:
    pair = Pair()
    pair.bob.on_asked = lambda transaction: transaction.respond(200)
    ask(pair, [])
    pair.run()
    copy = pair.bob.raw[0]
    for wait_s, asked in ((31.0, 1), (1.5, 2)):
        pair.run(wait_s)
        pair.network.forget()
        pair.bob.receive(pair.bob.flow_to(pair.alice), copy)
        assert pair.lines == ["bob -> alice 200 OPTIONS"]
        assert len(pair.bob.asked) == asked


def test_timer_k_absorbs_copies_of_an_answer_for_five_seconds() -> None:
    pair = Pair()
    pair.bob.on_asked = lambda transaction: transaction.respond(200)
    heard: list[int] = []
    ask(pair, heard)
    pair.run()
    counters = pair.alice.endpoint.counters
    for wait_s, unmatched in ((4.5, 0), (1.0, 1)):
        pair.run(wait_s)
        pair.alice.receive(pair.alice.flow_to(pair.bob), pair.alice.raw[0])
        assert counters.get("unmatched_responses", 0) == unmatched
    assert heard == [200]


def test_timer_l_absorbs_copies_of_an_answered_invite() -> None:
    """RFC 6026 §7.1: in Accepted a copy of the INVITE starts no second call."""
    pair = Pair()
    pair.answered_call()
    invite = next(raw for raw in pair.bob.raw if raw.startswith(b"INVITE"))
    pair.run(31.0)
    pair.bob.receive(pair.bob.flow_to(pair.alice), invite)
    pair.run()
    assert len(pair.bob.rings) == 1
    assert pair.lines == []


def test_timer_m_acknowledges_each_copy_of_a_200_for_32_seconds() -> None:
    """RFC 6026 §7.2: the transaction stays, so that a 2xx of any fork finds it."""
    pair = Pair()
    hers, _ = pair.answered_call()
    answer = next(raw for raw in pair.alice.raw if raw.startswith(b"SIP/2.0 200"))
    for wait_s, acks in ((31.0, 1), (1.5, 0)):
        pair.run(wait_s)
        pair.network.forget()
        pair.alice.receive(pair.alice.flow_to(pair.bob), answer)
        assert pair.lines.count("alice -> bob ACK") == acks
    assert hers.state.name == "ANSWERED"


# -- the last copy of an INVITE arrives after all --------------------------------------------------


class Late:
    """alice gave up; bob, who was off the network, is back, and gets the last copy."""

    def __init__(self) -> None:
        self.pair = pair = Pair()
        pair.bob.is_deaf = True
        pair.alice.rewrite = self._keep
        self.invite = b""
        pair.alice.call(pair.bob)
        pair.run(32.1)
        pair.bob.is_deaf = False
        assert pair.alice.listener.heard == ["failed 408 local"]
        pair.network.forget()

    def _keep(self, data: bytes) -> bytes:
        if data.startswith(b"INVITE"):
            self.invite = data
        return data

    def arrives(self) -> None:
        self.pair.bob.receive(self.pair.bob.flow_to(self.pair.alice), self.invite)
        self.pair.run()

    def assert_over(self) -> None:
        assert self.pair.alice.listener.heard == ["failed 408 local"]
        self.pair.run(2 * LINGER_S)
        self.pair.assert_nothing_remains()


def test_a_phone_that_rings_too_late_is_cancelled() -> None:
    late = Late()
    late.pair.bob.on_ring = lambda session: session.provisional(180)
    late.arrives()
    assert late.pair.lines == [
        "bob -> alice 100 INVITE",
        "bob -> alice 180 INVITE",
        "alice -> bob CANCEL",
        "bob -> alice 200 CANCEL",
        "bob -> alice 487 INVITE",
        "alice -> bob ACK",
    ]
    assert late.pair.bob.listener.heard == ["cancelled CANCEL"]
    late.assert_over()


def test_a_phone_that_answers_too_late_is_acknowledged_and_hung_up() -> None:
    late = Late()
    late.pair.network.losing = ["bob -> alice 100 INVITE"]
    late.pair.bob.on_ring = lambda session: session.answer(ANSWER)
    late.arrives()
    assert late.pair.lines[1:] == [
        "bob -> alice 200 INVITE sdp",
        "alice -> bob ACK",
        "alice -> bob BYE",
        "bob -> alice 200 BYE",
    ]
    assert late.pair.bob.listener.heard == ["acknowledged", "ended bye"]
    late.assert_over()


def test_a_phone_that_refuses_too_late_is_acknowledged() -> None:
    late = Late()
    late.pair.network.losing = ["bob -> alice 100 INVITE"]
    late.pair.bob.on_ring = lambda session: session.refuse(486)
    late.arrives()
    assert late.pair.lines[1:] == ["bob -> alice 486 INVITE", "alice -> bob ACK"]
    late.assert_over()


def ask(pair: Pair, heard: list[int]) -> None:
    alice: Party = pair.alice
    alice.endpoint.request(
        method="OPTIONS",
        flow=alice.flow_to(pair.bob),
        uri="sip:bob@example.com",
        from_="<sip:alice@example.com>",
        to="<sip:bob@example.com>",
        on_response=lambda response: heard.append(response.status),
    )
