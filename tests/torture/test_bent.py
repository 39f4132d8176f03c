"""Messages of a trunk, bent at random, to a real server that believes whom they come from.

They get past the parser: into routing, session descriptions, services and call control.
"""

import contextlib
import random
import socket
from collections import Counter

from tests.interop.process import ServerProcess, wait_until
from tests.torture.peers import Answer, UdpPeer, probe

SEED = 4475
CALLS = 150
BENDS_MAX = 4
OFFER = (
    "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
    "m=audio 9 RTP/AVP 0 8 101", "a=rtpmap:101 telephone-event/8000", "a=sendrecv", "a=ptime:20",
)  # fmt: skip
CALLED = ("+14255550102", "+14255550150", "+14255550151", "911", "anonymous", "a%00b", "")
TAILS = (
    "\x00", "\xff", '"', "<", ">", ";", ",", "?a=b", "%zz", " ", "9" * 30, ":", "[::1]", "\t", "=",
    "é" * 50, "<sip:x>", ";tag=", "sip:", "@", "-1", "\\",
)  # fmt: skip


def invite(number: int, chance: random.Random) -> list[str]:
    called = chance.choice(CALLED)
    return [
        f"INVITE sip:{called}@contoso.test;user=phone SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKbent{number};rport",
        "Max-Forwards: 70",
        f'From: "Somebody" <sip:+12065550199@sbc.example>;tag=bent{number}',
        f"To: <sip:{called}@contoso.test>",
        f"Call-ID: bent-{number}",
        "CSeq: 1 INVITE",
        "Contact: <sip:+12065550199@127.0.0.1>",
        "P-Asserted-Identity: <sip:+12065550199@sbc.example>",
        "Diversion: <sip:+12065550198@sbc.example>;reason=unconditional",
        "History-Info: <sip:+12065550198@sbc.example>;index=1",
        "Privacy: id",
        "Allow: INVITE, ACK, CANCEL, BYE, UPDATE",
        "Supported: timer, 100rel",
        "Session-Expires: 1800;refresher=uac",
        "User-Agent: bent/1",
        "Content-Type: application/sdp",
    ]


def bent(lines: list[str], chance: random.Random) -> list[str]:
    lines = list(lines)
    for _ in range(chance.randint(0, BENDS_MAX)):
        at = chance.randrange(len(lines))
        match chance.randrange(5):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, chance.choice(lines))
            case 2:
                cut = chance.randint(0, len(lines[at]))
                lines[at] = lines[at][:cut] + chance.choice(TAILS) + lines[at][cut:]
            case 3:
                lines[at] = lines[at][: chance.randint(0, len(lines[at]))]
            case _:
                lines[at] = lines[at].replace(chance.choice("0123456789:;<"), chance.choice(TAILS))
        lines = lines or [""]
    return lines


class Trunk:
    """The other side of the first SBC: sends anything, and hangs up what is answered."""

    def __init__(self, server: ServerProcess) -> None:
        self.statuses: Counter[int] = Counter()
        """Of responses to INVITEs."""
        self._server = server.sip
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(server.sbc1)
        self._socket.setblocking(False)

    def send(self, method: str, head: list[str], body: bytes) -> None:
        lines = [line.replace("INVITE", method, 1) for line in head]
        text = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])
        self._socket.sendto(text.encode("utf-8", "replace") + body, self._server)

    def hang_up(self) -> None:
        """Ends what was answered meanwhile."""
        with contextlib.suppress(BlockingIOError):
            while True:
                data = self._socket.recv(65_535)
                if data.startswith(b"SIP/2.0 "):
                    self._take(Answer.read(data))

    def close(self) -> None:
        self._socket.close()

    def _take(self, answer: Answer) -> None:
        if not (answer.header("CSeq") or "").endswith("INVITE"):
            return
        self.statuses[answer.status] += 1
        if answer.status >= 200 and answer.header("Call-ID"):
            self._socket.sendto(answer.ack, self._server)
        if answer.status == 200:
            bye = answer.ack.replace(b"ACK", b"BYE").replace(b"CSeq: 1", b"CSeq: 2")
            self._socket.sendto(bye.replace(b"z9hG4bK", b"z9hG4bKbye", 1), self._server)


def test_a_trunk_that_talks_nonsense(server: ServerProcess, datagrams: UdpPeer) -> None:
    chance = random.Random(SEED)
    trunk = Trunk(server)
    started = server.metric("callwright_calls_started_total")
    heads = []
    for number in range(CALLS):
        call = invite(number, chance)
        head = call if chance.random() < 0.4 else [call[0], *bent(call[1:], chance)]
        body = "\r\n".join([*bent(list(OFFER), chance), ""]).encode()
        heads.append(head)
        end = () if chance.random() < 0.5 else ("CANCEL",)
        for method in ("INVITE", "UPDATE", *end, "ACK", "BYE"):
            trunk.send(method, head, body)
        if number % 10 == 9:
            probe(datagrams)
            trunk.hang_up()
    for head in heads:
        trunk.send("CANCEL", head, b"")

    def are_over() -> bool:
        trunk.hang_up()
        return server.metric("callwright_calls") == 0

    wait_until(are_over, "an end of all calls", within_s=20)
    assert server.metric("callwright_calls_started_total") > started + CALLS / 10
    assert trunk.statuses[487] > 5, "calls came to life and were cancelled"
    assert trunk.statuses[200] > 5, "calls were answered"
    trunk.close()
    probe(datagrams)
    assert server.is_running
    server.assert_well()
