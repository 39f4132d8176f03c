"""A peer that wants a proof of every request: INVITE, inside its dialogs, and outside (§22)."""

from itertools import count

import pytest
from tests.ladders.sip.rig import ANSWER, LINGER_S, OFFER, Pair, Party, Weather

from callwright.sip.credentials import Keyring, Login
from callwright.sip.digest import Authenticator, Verdict
from callwright.sip.flow import Flow
from callwright.sip.message import Request, Response, encode, make_response
from callwright.sip.parser import parse
from callwright.sip.session.session import InviteSession

HOLD = OFFER + b"m=audio 9 RTP/AVP 0\r\na=sendonly\r\n"


class Guard:
    """Stands before a party: answers every request that brings no proof, but ACK and CANCEL."""

    def __init__(self, party: Party, *, status: int = 407, password: str = "secret") -> None:
        self.status = status
        self.password = password
        self.authenticator = Authenticator("carrier.test", b"key")
        self.is_stale_always = False
        self.challenged: list[str] = []
        self.let_in: list[str] = []
        self._party = party
        self._inner = party.receive
        party.receive = self.receive  # type: ignore[method-assign]

    def receive(self, flow: Flow, data: bytes) -> None:
        message = parse(data)
        if isinstance(message, Response) or message.method in ("ACK", "CANCEL"):
            self._inner(flow, data)
        elif self._verdict(message) is Verdict.OK and not self.is_stale_always:
            self.let_in.append(message.method)
            self._inner(flow, data)
        else:
            self.challenged.append(message.method)
            self._party.network.send(self._party, flow, encode(self._challenge(message)))

    def _challenge(self, request: Request) -> Response:
        name = "WWW-Authenticate" if self.status == 401 else "Proxy-Authenticate"
        is_stale = self.is_stale_always or self._verdict(request) is Verdict.STALE
        values = self.authenticator.challenges(now_s=self._now_s, stale=is_stale)
        headers = [(name, value) for value in values]
        return make_response(request, self.status, headers=headers, to_tag="guard")

    def _verdict(self, request: Request) -> Verdict:
        name = "Authorization" if self.status == 401 else "Proxy-Authorization"
        return self.authenticator.verify(
            request.header(name),
            method=request.method,
            uri=request.uri,
            password=self.password,
            now_s=self._now_s,
        )

    @property
    def _now_s(self) -> float:
        return self._party.network.clock.now_s


def keyring(password: str = "secret") -> Keyring:
    numbers = count()
    return Keyring(Login("trunk", password), lambda: f"cnonce{next(numbers)}")


def call(pair: Pair, ring: Keyring) -> InviteSession:
    return pair.alice.endpoint.invite(
        flow=pair.alice.flow_to(pair.bob),
        uri="sip:bob@192.0.2.2:5060",
        from_="<sip:alice@example.com>",
        to="<sip:bob@example.com>",
        body=OFFER,
        listener=pair.alice.listener,
        contact_user="alice",
        keyring=ring,
    )


def answered(pair: Pair, ring: Keyring) -> InviteSession:
    pair.bob.on_ring = lambda session: session.answer(ANSWER)
    session = call(pair, ring)
    pair.run()
    return session


@pytest.mark.parametrize("status", [401, 407])
def test_a_challenged_call_goes_on_in_the_same_call(status: int) -> None:
    pair = Pair()
    Guard(pair.bob, status=status)
    session = answered(pair, keyring())
    assert pair.lines == [
        "alice -> bob INVITE sdp",
        f"bob -> alice {status} INVITE",
        "alice -> bob ACK",
        "alice -> bob INVITE sdp",
        "bob -> alice 100 INVITE",
        "bob -> alice 200 INVITE sdp",
        "alice -> bob ACK",
    ]
    assert pair.alice.listener.heard == ["provisional 100", "answered 200"]
    invites = [m for m in pair.bob.messages if isinstance(m, Request) and m.method == "INVITE"]
    acks = [m for m in pair.bob.messages if isinstance(m, Request) and m.method == "ACK"]
    [accepted] = invites
    assert accepted.cseq == (2, "INVITE")
    assert accepted.body == OFFER
    assert acks[-1].cseq == (2, "ACK")
    name = "Authorization" if status == 401 else "Proxy-Authorization"
    assert acks[-1].header(name) == accepted.header(name), "RFC 3261 §22.1"
    session.bye()
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_what_follows_in_the_dialog_is_proven_too_and_at_once() -> None:
    pair = Pair()
    guard = Guard(pair.bob)
    session = answered(pair, keyring())
    session.reoffer(HOLD)
    pair.run()
    answers: list[int] = []
    session.send_request("INFO", on_response=lambda response: answers.append(response.status))
    pair.run()
    session.bye()
    pair.run(LINGER_S)
    assert guard.challenged == ["INVITE"]
    assert guard.let_in == ["INVITE", "INVITE", "INFO", "BYE"]
    assert answers == [200]
    assert "reoffer_answered 200" in pair.alice.listener.heard
    pair.assert_nothing_remains()


def test_a_peer_that_forgot_its_nonces_challenges_each_kind_of_request_once() -> None:
    pair = Pair()
    guard = Guard(pair.bob)
    session = answered(pair, keyring())
    for act in (
        lambda: session.reoffer(HOLD),
        lambda: session.send_request("INFO"),
        session.bye,
    ):
        guard.challenged.clear()
        guard.authenticator = Authenticator("carrier.test", f"{pair.clock.now_s}".encode())
        act()
        pair.run()
        assert len(guard.challenged) == 1
    assert guard.let_in == ["INVITE", "INVITE", "INFO", "BYE"]
    assert pair.alice.listener.heard[-1] == "reoffer_answered 200"
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_the_next_call_brings_its_proof() -> None:
    pair = Pair()
    guard = Guard(pair.bob)
    ring = keyring()
    for _ in range(3):
        answered(pair, ring).bye()
        pair.run()
    assert guard.challenged == ["INVITE"]


def test_a_wrong_password_fails_the_call_after_one_try() -> None:
    pair = Pair()
    guard = Guard(pair.bob)
    call(pair, keyring("guess"))
    pair.run()
    assert pair.alice.listener.heard == ["failed 407"]
    assert guard.challenged == ["INVITE", "INVITE"]
    pair.run(LINGER_S)
    pair.assert_nothing_remains()


def test_a_peer_that_is_never_content_is_left() -> None:
    pair = Pair()
    guard = Guard(pair.bob)
    guard.is_stale_always = True
    call(pair, keyring())
    pair.run(1)
    assert pair.alice.listener.heard == ["failed 407"]
    assert len(guard.challenged) == 3


def test_without_a_keyring_a_challenge_is_a_refusal() -> None:
    pair = Pair()
    Guard(pair.bob)
    pair.alice.call(pair.bob)
    pair.run()
    assert pair.alice.listener.heard == ["failed 407"]


def test_a_call_that_was_given_up_is_not_sent_again() -> None:
    pair = Pair()
    Guard(pair.bob)
    call(pair, keyring()).hang_up()
    pair.run(LINGER_S)
    assert [line for line in pair.lines if line.startswith("alice -> bob INVITE")] == [
        "alice -> bob INVITE sdp"
    ]
    pair.assert_nothing_remains()


@pytest.mark.parametrize("seed", range(8))
def test_challenges_survive_a_bad_network(seed: int) -> None:
    pair = Pair(seed=seed, weather=Weather(loss=0.2, doubling=0.1, jitter_s=0.3))
    Guard(pair.bob)
    pair.bob.on_ring = lambda session: session.answer(ANSWER)
    session = call(pair, keyring())
    pair.run(20)
    assert pair.alice.listener.heard[-1] == "answered 200"
    session.bye()
    pair.run(2 * LINGER_S + 32)
    pair.assert_nothing_remains()


def test_single_requests_are_proven_with_the_next_number() -> None:
    pair = Pair()
    guard = Guard(pair.bob, status=401)
    pair.bob.on_asked = lambda transaction: transaction.respond(200)
    told: list[tuple[int, int]] = []
    ring = keyring()
    for cseq in (1, 3):
        pair.alice.endpoint.request(
            method="REGISTER",
            flow=pair.alice.flow_to(pair.bob),
            uri="sip:carrier.test",
            from_="<sip:trunk@carrier.test>",
            to="<sip:trunk@carrier.test>",
            call_id="one",
            cseq=cseq,
            keyring=ring,
            on_response=lambda response: told.append((response.status, response.cseq[0])),
        )
        pair.run()
    assert told == [(200, 2), (200, 3)]
    assert guard.challenged == ["REGISTER"]
