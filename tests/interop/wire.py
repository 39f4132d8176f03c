"""SIP by hand: messages as text over one UDP socket, digest by the book (RFC 7616 §3.4).

Shares nothing with the product, so that an error of its stack cannot excuse itself.
"""

import hashlib
import re
import secrets
import socket
from dataclasses import dataclass
from typing import Self

from callwright.kernel.addresses import HostPort

WITHIN_S = 5.0
HASHES = {
    "MD5": hashlib.md5,
    "SHA-256": hashlib.sha256,
    "SHA-512-256": lambda octets: hashlib.new("sha512_256", octets),
}
OFFER = (
    "v=0\r\no=hand 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)


@dataclass(frozen=True, slots=True)
class Text:
    """A message that arrived."""

    text: str

    @property
    def start(self) -> str:
        return self.text.partition("\r\n")[0]

    @property
    def status(self) -> int:
        return int(self.start.split(" ")[1])

    def headers(self, name: str) -> list[str]:
        return re.findall(rf"^{re.escape(name)}: *(.*?)\r?$", self.text, re.MULTILINE | re.I)

    def header(self, name: str) -> str:
        values = self.headers(name)
        assert values, f"no {name} in\n{self.text}"
        return str(values[0])


class Wire:
    """A UDP socket of somebody who writes SIP by hand."""

    def __init__(self, server: HostPort, at: HostPort | None = None) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(at or ("127.0.0.1", 0))
        self._socket.settimeout(WITHIN_S)
        self._server = server
        self.at = HostPort(*self._socket.getsockname())
        self.seen: list[Text] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, text: str) -> None:
        self._socket.sendto(text.encode(), self._server)

    def receive(self, *, within_s: float = WITHIN_S) -> Text:
        self._socket.settimeout(within_s)
        text = Text(self._socket.recv(65_535).decode())
        self.seen.append(text)
        return text

    def receive_start(self, start: str, *, within_s: float = WITHIN_S) -> Text:
        """The next message whose first line begins so; others are passed over."""
        while True:
            message = self.receive(within_s=within_s)
            if message.start.startswith(start):
                return message

    def arrived(self) -> list[Text]:
        """Everything so far, without waiting."""
        self._socket.setblocking(False)
        try:
            while True:
                self.seen.append(Text(self._socket.recv(65_535).decode()))
        except BlockingIOError:
            return self.seen
        finally:
            self._socket.settimeout(WITHIN_S)

    def final(self) -> Text:
        """The next final response."""
        while True:
            message = self.receive()
            if message.start.startswith("SIP/2.0") and message.status >= 200:
                return message

    def request(
        self, method: str, uri: str, *, user: str, call_id: str, cseq: int = 1, more: str = "",
        body: str = "",
    ) -> str:  # fmt: skip
        """A request outside a dialog; ``more`` holds whole header lines."""
        kind = "Content-Type: application/sdp\r\n" if body else ""
        return (
            f"{method} {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self.at};branch=z9hG4bK{secrets.token_hex(6)};rport\r\n"
            f"From: <sip:{user}>;tag=hand\r\n"
            f"To: <{uri if method == 'INVITE' else f'sip:{user}'}>\r\n"
            f"Call-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n"
            f"Contact: <sip:hand@{self.at}>\r\nMax-Forwards: 70\r\n{more}{kind}"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def respond(self, request: Text, status: str) -> None:
        """An answer without body; enough for OPTIONS, CANCEL and refusals."""
        vias = "".join(f"Via: {via}\r\n" for via in request.headers("Via"))
        to = request.header("To")
        tag = "" if ";tag=" in to else ";tag=hand"
        self.send(
            f"SIP/2.0 {status}\r\n{vias}From: {request.header('From')}\r\nTo: {to}{tag}\r\n"
            f"Call-ID: {request.header('Call-ID')}\r\nCSeq: {request.header('CSeq')}\r\n"
            "Content-Length: 0\r\n\r\n"
        )


def challenge_of(response: Text, algorithm: str) -> dict[str, str]:
    """The fields of the challenge for this algorithm."""
    for value in response.headers("WWW-Authenticate"):
        fields = dict(re.findall(r'(\w+)="?([^",]+)"?', value.partition(" ")[2]))
        if fields.get("algorithm", "MD5") == algorithm:
            return fields
    raise AssertionError(f"no challenge for {algorithm} in\n{response.text}")


def proof(
    challenge: dict[str, str], method: str, uri: str, user: str, password: str, count: int = 1
) -> str:
    """An Authorization line."""
    algorithm = challenge.get("algorithm", "MD5")

    def digest(*parts: str) -> str:
        return HASHES[algorithm](":".join(parts).encode()).hexdigest()

    cnonce, nc = "0a4f113b", f"{count:08x}"
    response = digest(
        digest(user, challenge["realm"], password),
        *(challenge["nonce"], nc, cnonce, "auth"),
        digest(method, uri),
    )
    return (
        f'Authorization: Digest username="{user}", realm="{challenge["realm"]}",'
        f' nonce="{challenge["nonce"]}", uri="{uri}", response="{response}",'
        f' algorithm={algorithm}, cnonce="{cnonce}", qop=auth, nc={nc}\r\n'
    )
