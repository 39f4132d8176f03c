"""Somebody who sends bytes over UDP or TCP, reads what is answered, and acknowledges it."""

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

from callwright.kernel.addresses import HostPort
from callwright.kernel.limits.signalling import SIP_MESSAGE_BYTES_MAX
from callwright.sip.framing import StreamFramer

ANSWER_S = 5.0
"""The longest wait before a test fails."""
_numbers = count(1)


class Silence(AssertionError):
    """Nothing came within the time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, read without judgement: it repeats what was wrong in the request."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, data: bytes) -> "Answer":
        head, blank_line, _ = data.decode("utf-8", "surrogateescape").partition("\r\n\r\n")
        assert blank_line, data
        start, *lines = head.split("\r\n")
        version, status, reason = start.split(" ", 2)
        assert version == "SIP/2.0"
        pairs = [line.partition(": ")[::2] for line in lines]
        return cls(int(status), reason, tuple(pairs))

    def header(self, name: str) -> str | None:
        return next((value for found, value in self.headers if found == name), None)

    def elements(self, name: str) -> list[str]:
        """Of a comma list."""
        return [part.strip() for part in (self.header(name) or "").split(",")]

    @property
    def ack(self) -> bytes:
        """What a client sends for a refused INVITE (RFC 3261 §17.1.1.3), its own Via first."""
        via = ";".join(
            part
            for part in (self.header("Via") or "").split(",")[0].split(";")
            if not part.startswith(("received=", "rport="))
        )
        number = (self.header("CSeq") or "").split()[0]
        lines = ["ACK sip:any SIP/2.0", f"Via: {via}", f"CSeq: {number} ACK", "Content-Length: 0"]
        lines += [f"{name}: {self.header(name)}" for name in ("From", "To", "Call-ID")]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")


class UdpPeer:
    transport = "UDP"

    def __init__(self, server: HostPort) -> None:
        family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.settimeout(ANSWER_S)
        self._socket.connect(server)

    def send(self, data: bytes) -> None:
        self._socket.send(data)

    def receive(self) -> Answer | None:
        """The next response; raises Silence."""
        try:
            return Answer.read(self._socket.recv(SIP_MESSAGE_BYTES_MAX))
        except TimeoutError:
            raise Silence("no datagram came") from None

    def close(self) -> None:
        self._socket.close()


class TcpPeer:
    transport = "TCP"

    def __init__(self, server: HostPort) -> None:
        self._socket = socket.create_connection(server, ANSWER_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._framer = StreamFramer()
        self._waiting: list[Answer] = []

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def send_slowly(self, data: bytes) -> None:
        """Byte by byte, each in a segment of its own."""
        for position in range(len(data)):
            self._socket.send(data[position : position + 1])

    def receive(self, within_s: float = ANSWER_S) -> Answer | None:
        """The next response; None: the connection was closed. Raises Silence."""
        self._socket.settimeout(within_s)
        while not self._waiting:
            try:
                data = self._socket.recv(SIP_MESSAGE_BYTES_MAX)
            except TimeoutError:
                raise Silence("nothing came on the connection") from None
            if not data:
                return None
            frames = self._framer.feed(data)
            self._waiting += [Answer.read(frame) for frame in frames if isinstance(frame, bytes)]
        return self._waiting.pop(0)

    def close(self) -> None:
        self._socket.close()


Peer = UdpPeer | TcpPeer


def finals(peer: Peer, is_last: Callable[[Answer], bool]) -> Iterator[Answer]:
    """Final responses until one is the last, or the connection ends; each is acknowledged."""
    while (response := peer.receive()) is not None:
        if response.status >= 200:
            if (response.header("CSeq") or "").endswith("INVITE") and response.header("Call-ID"):
                peer.send(response.ack)
            yield response
            if is_last(response):
                return


def options(transport: str) -> tuple[str, bytes]:
    """An OPTIONS like no other, and its Call-ID."""
    number = next(_numbers)
    call_id = f"probe-{number}"
    lines = (
        "OPTIONS sip:contoso.test SIP/2.0",
        f"Via: SIP/2.0/{transport} prober.invalid;branch=z9hG4bKprobe{number};rport",
        "Max-Forwards: 70",
        f"From: <sip:prober@prober.invalid>;tag=p{number}",
        "To: <sip:contoso.test>",
        f"Call-ID: {call_id}",
        "CSeq: 1 OPTIONS",
        "Content-Length: 0",
    )
    return call_id, ("\r\n".join(lines) + "\r\n\r\n").encode()


def probe(peer: Peer) -> tuple[list[Answer], float]:
    """Asks OPTIONS; returns what else was answered before, and how long the 200 took."""
    call_id, request = options(peer.transport)
    began_s = time.monotonic()
    peer.send(request)
    answers = list(finals(peer, lambda response: response.header("Call-ID") == call_id))
    took_s = time.monotonic() - began_s
    assert answers, "the connection was closed"
    assert (answers[-1].header("Call-ID"), answers[-1].status) == (call_id, 200)
    return answers[:-1], took_s
