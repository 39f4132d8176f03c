"""Measures what a NAT of the lab does, so that its name is not taken on trust.

Run in namespaces of its own: prints as JSON whether the mapping depends on the destination, and
whether a stranger's datagram comes in.
"""

import json
import subprocess
import sys

from tests.nat_lab.network import Host, Lab, Nat, prepare

INSIDE_PORT, OUTSIDE_PORT = 7_000, 7_001
WAIT_S = 1.0
SEND = (
    "import socket, sys; s = socket.socket(type=socket.SOCK_DGRAM);"
    "s.bind(('0.0.0.0', int(sys.argv[1]))); s.settimeout(float(sys.argv[2]));"
    "[s.sendto(b'out', (ip, int(sys.argv[3]))) for ip in sys.argv[4:]]\n"
    "try: s.recv(9); print('in')\n"
    "except TimeoutError: print('nothing')"
)
RECEIVE = (
    "import socket, sys; s = socket.socket(type=socket.SOCK_DGRAM);"
    "s.bind(('0.0.0.0', int(sys.argv[1]))); s.settimeout(5); print('ready', flush=True);"
    "print(s.recvfrom(9)[1][1])"
)
KNOCK = (
    "import socket, sys; s = socket.socket(type=socket.SOCK_DGRAM);"
    "s.sendto(b'hi', (sys.argv[1], int(sys.argv[2])))"
)


def main(name: str) -> None:
    prepare()
    lab = Lab()
    one, two = (lab.public_host(f"host{n}", f"198.51.100.{n}") for n in (31, 32))
    home = lab.site("home", "192.168.1.1", "198.51.100.21", Nat[name])
    inside = home.host("inside", "192.168.1.2")
    ears = [_python(host, RECEIVE, OUTSIDE_PORT) for host in (one, two)]
    for ear in ears:
        _line(ear)
    sender = _python(inside, SEND, INSIDE_PORT, WAIT_S, OUTSIDE_PORT, one.ip, two.ip)
    ports = [int(_line(ear)) for ear in ears]
    stranger = lab.public_host("stranger", "198.51.100.33")
    _python(stranger, KNOCK, "198.51.100.21", ports[0]).wait()
    print(json.dumps({"one_mapping": ports[0] == ports[1], "lets_in": _line(sender) == "in"}))


def _python(host: Host, code: str, *words: object) -> "subprocess.Popen[str]":
    command = host.command(sys.executable, "-c", code, *map(str, words))
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


if __name__ == "__main__":
    main(sys.argv[1])
