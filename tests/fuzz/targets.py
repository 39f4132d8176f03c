"""What must hold for any bytes, however they came about. Each target raises when it does not."""

from collections.abc import Callable

from tests.ladders.sip.rig import ANSWER, Pair, Party, VirtualClock

from callwright.sip.digest import Authenticator
from callwright.sip.framing import FramingError, Ping, StreamFramer
from callwright.sip.message import Message, Request, encode, make_response
from callwright.sip.parser import ParseError, parse
from callwright.sip.registrar import Registrar
from callwright.sip.sdp import (
    AudioExchange,
    Identity,
    LocalAudio,
    Proposal,
    SdpError,
    SessionDescription,
    agree,
    answer,
    is_usable,
    parse_sdp,
)
from callwright.sip.session.session import InviteSession
from callwright.sip.subscription import Subscription
from callwright.sip.transaction.server import ServerTransaction
from callwright.sip.uri import UriError

SEPARATOR = b"\n%%\n"
STEPS_MAX = 8
WAITS_S = (0.0, 0.02, 1.0, 40.0)
SETTLE_S = 400.0
"""Longer than any timer of a call that everybody has left."""


def check_parser(data: bytes) -> None:
    """Only ParseError; what was read can be asked anything, written, and read again the same."""
    try:
        message = parse(data)
    except ParseError as error:
        if error.partial is not None:
            _check_answer(error.partial, error.status, error.text)
        return
    _ask_everything(message)
    again = parse(encode(message))
    assert type(again) is type(message)
    kept = [pair for pair in message.headers if pair[0] != "Content-Length"]
    assert [pair for pair in again.headers if pair[0] != "Content-Length"] == kept
    assert again.body == message.body
    if isinstance(message, Request):
        _check_answer(message, 400, "Bad Request")
        message.stamp_via("192.0.2.9", 5060)
        assert "192.0.2.9" in str(parse(encode(message)).top_via)


def check_stream(data: bytes) -> None:
    """Only FramingError; where the stream is divided changes nothing; the parser agrees with it."""
    whole = _feed([data])
    halves = _feed([data[: len(data) // 2], data[len(data) // 2 :]])
    few = max(1, len(data) // 64)
    pieces = _feed([data[at : at + few] for at in range(0, len(data), few)])
    assert whole == halves == pieces
    for frame in whole[0]:
        if isinstance(frame, bytes):
            try:
                message = parse(frame)
            except ParseError:
                continue
            assert message.header("Content-Length") is not None
            assert frame.endswith(message.body)
            assert frame.partition(b"\r\n\r\n")[2] == message.body


def check_sdp(data: bytes) -> None:
    """Only SdpError; an offer that was read can be answered, and the answer read."""
    try:
        description = parse_sdp(data)
    except SdpError:
        return
    description.codec_names()
    assert description.is_hold in (True, False)
    codecs = ("PCMU", "PCMA", "G722", "OPUS", "L16")
    agree(description, codecs=codecs)
    local = LocalAudio("192.0.2.2", 20_000)
    for proposal in Proposal:
        _check_exchange(description, local, codecs, proposal)
    made = answer(description, local, codecs=codecs, session_id=1, version=1)
    if made is not None:
        body, _ = made
        assert len(parse_sdp(body).media) == len(description.media)


def _check_exchange(
    description: SessionDescription, local: LocalAudio, codecs: tuple[str, ...], proposal: Proposal
) -> None:
    """As an answer to what we proposed, then as an offer; what we say then can be read."""
    exchange = AudioExchange(1, Identity(bytes, lambda: ":".join(["AB"] * 32)))
    said = exchange.offer(local, b"", codecs=codecs, proposal=proposal)
    exchange.take_answer(description)
    answered = exchange.answer(description, local, said, codecs=codecs)
    assert (answered is not None) is is_usable(description, codecs, exchange.encryption)
    if answered is not None:
        assert len(parse_sdp(answered).media) == len(description.media)
        assert parse_sdp(answered).audio is not None
    assert parse_sdp(exchange.offer(local, answered or said, codecs=codecs)).audio is not None


def check_endpoint(data: bytes) -> None:
    """Nothing raises in the middle of calls, and when all is over nothing is left."""
    scene = Scene()
    for step in data.split(SEPARATOR)[:STEPS_MAX]:
        if step:
            scene.play(step[0], step[1:])
    scene.end()


def recorded_steps() -> list[bytes]:
    """Inputs for ``check_endpoint`` that fit its scene: what its peers said and could say next."""
    scene = Scene()
    pair = scene.pair
    talk, ringing = scene.calls
    talk.reoffer(ANSWER)
    pair.run()
    talk.send_request("UPDATE", headers=(("Contact", talk.contact),))
    talk.refer("<sip:carol@example.com>")
    pair.run()
    ringing.hang_up()
    talk.bye()
    pair.run()
    steps = [
        bytes([control]) + message
        for control, party in ((4, pair.alice), (5, pair.bob))
        for message in party.raw
    ]
    for status in (
        b"200 OK",
        b"183 Progress",
        b"302 Moved",
        b"401 Who",
        b"422 Short",
        b"491 Later",
    ):
        steps += [s.replace(b"SIP/2.0 180 Ringing", b"SIP/2.0 " + status) for s in steps[:12]]
    return list(dict.fromkeys(steps))


TARGETS: dict[str, Callable[[bytes], None]] = {
    "parser": check_parser,
    "stream": check_stream,
    "sdp": check_sdp,
    "endpoint": check_endpoint,
}


class Scene:
    """alice talks with bob, rings at him a second time, and watches his lamp; then comes a step:
    a control byte (who gets it, by what, how long to wait after it) and a message."""

    def __init__(self) -> None:
        self.pair = Pair()
        self.clock: VirtualClock = self.pair.clock
        self.registrar = Registrar(default_s=3_600, min_s=60, max_s=86_400, bindings_max=5)
        self.authenticator = Authenticator("example.com", b"secret")
        self.calls: list[InviteSession] = []
        self.subscriptions: list[Subscription] = []
        for party in (self.pair.alice, self.pair.bob):
            self._equip(party)
        self.pair.bob.on_ring = lambda session: session.answer(ANSWER)
        self.calls.append(self.pair.alice.call(self.pair.bob))
        self.pair.run()
        self.pair.bob.on_ring = lambda session: session.provisional(180)
        self.calls.append(self.pair.alice.call(self.pair.bob, body=b""))
        self._watch_lamp()
        self.pair.run()

    def play(self, control: int, message: bytes) -> None:
        pair = self.pair
        receiver, other = (pair.bob, pair.alice) if control & 1 else (pair.alice, pair.bob)
        receiver.receive(receiver.flow_to(other, "tcp" if control & 2 else "udp"), message)
        pair.run(WAITS_S[control >> 2 & 3])

    def end(self) -> None:
        pair = self.pair
        for party in (pair.alice, pair.bob):
            party.on_ring = lambda session: session.refuse(486)
        for _ in range(2):
            for session in (*self.calls, *pair.alice.rings, *pair.bob.rings):
                session.hang_up()
            for subscription in self.subscriptions:
                subscription.terminate("noresource")
            pair.run(SETTLE_S)
        for party in (pair.alice, pair.bob):
            assert party.endpoint.counters.get("defects", 0) == 0
        pair.assert_nothing_remains()

    # -- owners ------------------------------------------------------------------------------------

    def on_refreshed(self, subscription: Subscription, request: Request) -> None:
        subscription.notify(b"Messages-Waiting: no\r\n", "application/simple-message-summary")

    def on_ended(self, subscription: Subscription) -> None:
        pass

    def _equip(self, party: Party) -> None:
        def serve(transaction: ServerTransaction) -> None:
            self._serve(party, transaction)

        def refer(session: InviteSession) -> None:
            session.accept_refer(party.listener.transactions[-1]).notify(200, "OK", final=True)

        party.on_asked = serve
        party.listener.reactions["refer"] = refer
        party.listener.reactions["answered"] = lambda session: session.acknowledge(ANSWER)

    def _serve(self, party: Party, transaction: ServerTransaction) -> None:
        request, now_s = transaction.request, self.clock.monotonic()
        verdict = self.authenticator.verify(
            request.header("Authorization"),
            method=request.method, uri=request.uri, password="secret", now_s=now_s,
        )  # fmt: skip
        if request.method == "REGISTER":
            made = self.registrar.register("aor", request, transaction.flow, now_s=now_s)
            transaction.respond(made.status, made.reason, headers=made.headers)
        elif request.method == "SUBSCRIBE":
            self.subscriptions.append(
                party.endpoint.accept_subscription(
                    transaction, expires_s=min(request.expires or 60, 600), listener=self
                )
            )
        else:
            transaction.respond(200, headers=(("X-Verdict", verdict.value),))

    def _watch_lamp(self) -> None:
        alice, bob = self.pair.alice, self.pair.bob
        alice.endpoint.request(
            method="SUBSCRIBE",
            flow=alice.flow_to(bob),
            uri="sip:bob@192.0.2.2",
            from_="<sip:alice@example.com>",
            to="<sip:bob@example.com>",
            headers=(("Event", "message-summary"), ("Contact", "<sip:alice@192.0.2.1>")),
            on_response=lambda _: None,
        )


def _feed(pieces: list[bytes]) -> tuple[list[object], bool]:
    """All frames, and whether the stream broke; PINGs by their name."""
    framer = StreamFramer()
    frames: list[bytes | Ping] = []
    is_broken = False
    for piece in pieces:
        try:
            frames += framer.feed(piece)
        except FramingError as error:
            frames += error.frames[:-1]  # the last one is what broke it, as far as it had come
            is_broken = True
            break
    return [frame if isinstance(frame, bytes) else repr(frame) for frame in frames], is_broken


def _ask_everything(message: Message) -> None:
    """No property of what was read may raise, the Request-URI excepted."""
    _ = (message.call_id, message.cseq, message.from_, message.to, message.vias, message.top_via)
    _ = (message.contacts, message.from_tag, message.to_tag, message.content_type, message.expires)
    for via in message.vias:
        _ = (via.received, via.rport, via.has_unique_branch, str(via))
    for address in (message.from_, message.to, *message.contacts):
        assert address.uri.matches(address.uri)
        _ = str(address)
    for name, _ in message.headers:
        message.header_values(name)
    repr(message)
    if isinstance(message, Request):
        _ = message.max_forwards
        try:
            uri = message.parsed_uri
        except UriError:
            return
        assert uri.matches(uri)


def _check_answer(request: Request, status: int, reason: str) -> None:
    """An answer to anything has the form of one, whatever the request put into its headers."""
    response = make_response(request, status, reason, to_tag="ours")
    data = encode(response)
    head, blank_line, body = data.partition(b"\r\n\r\n")
    assert blank_line
    assert not body
    lines = head.split(b"\r\n")
    assert lines[0].startswith(b"SIP/2.0 %d " % status)
    assert len(lines) == len(response.headers) + 2, "a header of the peer became two"
    assert b"\n" not in head.replace(b"\r\n", b"")
