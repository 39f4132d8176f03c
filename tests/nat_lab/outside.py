"""Somebody outside who answers STUN and OPTIONS, on each of the ports he is given."""

import selectors
import socket
import sys

from callwright.kernel.addresses import HostPort
from callwright.sip.keepalive import answer_to_stun, is_stun

COPIED = ("via:", "from:", "to:", "call-id:", "cseq:")


def answered(data: bytes, source: HostPort) -> bytes | None:
    if is_stun(data):
        return answer_to_stun(data, source)
    if not data.startswith(b"OPTIONS "):
        return None
    lines = data.decode().split("\r\n")
    copied = [line for line in lines if line.lower().startswith(COPIED)]
    return "\r\n".join(["SIP/2.0 200 OK", *copied, "Content-Length: 0", "", ""]).encode()


def main(ports: list[int]) -> None:
    with selectors.DefaultSelector() as selector:
        for port in ports:
            opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            opened.bind(("0.0.0.0", port))
            selector.register(opened, selectors.EVENT_READ)
        print("ready", flush=True)
        while True:
            for key, _ in selector.select():
                assert isinstance(key.fileobj, socket.socket)
                data, source = key.fileobj.recvfrom(65_535)
                answer = answered(data, HostPort(*source))
                if answer is not None:
                    key.fileobj.sendto(answer, source)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]])
