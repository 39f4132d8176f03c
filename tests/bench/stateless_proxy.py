"""A server small enough to trust: it registers phones and passes calls on by number.

It keeps no state of calls. It stands where ``callwright serve`` stands when the load tools
themselves are tested. ``--refuse N`` makes it answer each N-th INVITE with 503.
"""

import argparse
import hashlib
import re
import socket
import sys

REALM, NONCE = "bench.test", "5f1d"
CHALLENGE = f'WWW-Authenticate: Digest realm="{REALM}", nonce="{NONCE}", qop="auth"\r\n'
FIRST_DID = 14255550100
CARRIER = "127.0.0.1:15080"
"""Where numbers that begin with 1206 are."""
Address = tuple[str, int]


class Proxy:
    def __init__(self, here: Address, refuse: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(here)
        self.name = f"{here[0]}:{here[1]}"
        self.contacts: dict[str, str] = {}
        self.refuse = refuse
        self.invites = 0

    def serve(self) -> None:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            datagram, source = self.socket.recvfrom(65_536)
            text = datagram.decode()
            if text.startswith("SIP/2.0"):
                self.pass_back(text)
            elif text.startswith("REGISTER"):
                self.register(text, source)
            elif text.startswith("INVITE") and self.is_refused():
                self.reply(text, source, "503 Service Unavailable")
            elif text.startswith("INVITE") and self.is_unproven(text):
                self.reply(text, source, "401 Unauthorized", CHALLENGE)
            elif not (text.startswith("ACK") and ";tag=refused" in text):
                self.pass_on(text)

    def is_refused(self) -> bool:
        self.invites += 1
        return bool(self.refuse) and self.invites % self.refuse == 0

    def register(self, text: str, source: Address) -> None:
        user = user_of(header(text, "To"))
        if is_proven(text, user):
            self.contacts[user] = address_of(header(text, "Contact"))
            self.reply(text, source, "200 OK")
        else:
            self.reply(text, source, "401 Unauthorized", CHALLENGE)

    def is_unproven(self, text: str) -> bool:
        """A user calls, and does not say how one knows that it is he."""
        caller = header(text, "From")
        return f"@{REALM}>" in caller and not is_proven(text, user_of(caller))

    def pass_on(self, text: str) -> None:
        """A Route of ours is taken off; the target follows from the number, or stands there."""
        text = re.sub(r"Route: [^\r]*\r\n", "", text, count=1)
        target = text.split(" ", 2)[1]
        number = re.match(r"sip:\+(\d+)@", target)
        if number is None:
            to = address_of(target)
        elif number[1].startswith("1206"):
            to = CARRIER
        else:
            to = self.contacts[f"u{int(number[1]) - FIRST_DID:02}"]
        branch = md5(header(text, "Via"))
        mine = f"Via: SIP/2.0/UDP {self.name};branch=z9hG4bK{branch}\r\n"
        mine += f"Record-Route: <sip:{self.name};lr>\r\n"
        self.send(text.replace("\r\n", "\r\n" + mine, 1), to)

    def pass_back(self, text: str) -> None:
        text = re.sub(r"Via: [^\r]*\r\n", "", text, count=1)
        self.send(text, header(text, "Via").split()[1].partition(";")[0])

    def reply(self, text: str, source: Address, status: str, more: str = "") -> None:
        kept = re.findall(r"^(?:Via|From|Call-ID|CSeq): .*\r\n", text, re.MULTILINE)
        to = f"To: {header(text, 'To')};tag=refused\r\n"
        answer = f"SIP/2.0 {status}\r\n{''.join(kept)}{to}{more}Content-Length: 0\r\n\r\n"
        self.socket.sendto(answer.encode(), source)

    def send(self, text: str, to: str) -> None:
        host, _, port = to.partition(":")
        self.socket.sendto(text.encode(), (host, int(port)))


def is_proven(text: str, user: str) -> bool:
    given = dict(re.findall(r'(\w+)="?([^",]+)', header(text, "Authorization")))
    secret = md5(f"{user}:{REALM}:bench-secret-{user[1:]}")
    request = md5(f"{text.partition(' ')[0]}:{given.get('uri')}")
    expected = md5(f"{secret}:{NONCE}:{given.get('nc')}:{given.get('cnonce')}:auth:{request}")
    return given.get("response") == expected


def user_of(value: str) -> str:
    return value.partition("sip:")[2].partition("@")[0]


def header(text: str, name: str) -> str:
    found = re.search(rf"^{name}: (.*?)\r$", text, re.MULTILINE)
    return found[1] if found else ""


def address_of(uri: str) -> str:
    found = re.search(r"@([\d.]+:\d+)", uri)
    assert found is not None
    return found[1]


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sip", required=True)
    parser.add_argument("--refuse", type=int, default=0)
    options, _ = parser.parse_known_args()
    host, _, port = options.sip.partition(":")
    Proxy((host, int(port)), options.refuse).serve()


if __name__ == "__main__":
    main()
