"""A browser behind a NAT, and a server behind another; run inside namespaces of its own.

Prints "heard" when page and phone heard each other in every call, before and after a hold and a
restart of ICE, or fails with what went wrong.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.interop.authority import Authority
from tests.nat_lab.browser import WSS_PORT
from tests.nat_lab.network import Host, Lab, Nat, prepare
from tests.nat_lab.scenes import (
    SERVER_IP,
    SERVER_LAN_IP,
    PhoneProcess,
    Places,
    both_heard,
    call,
    serving,
)

NAME = "pbx.contoso.test"


def _server_in_public(far: Nat) -> Callable[[Lab], Places]:
    """Server and phone in public, the browser behind a NAT."""

    def build(lab: Lab) -> Places:
        server = lab.public_host("server", SERVER_IP)
        alice = lab.public_host("alice", "198.51.100.30")
        return _places(lab, far, server, alice, alice_calls=SERVER_IP, options=())

    return build


def _server_mapped(far: Nat) -> Callable[[Lab], Places]:
    """The server behind a 1:1 NAT, as in most clouds; the phone in its network."""

    def build(lab: Lab) -> Places:
        cloud = lab.site("cloud", "192.168.9.1", SERVER_IP, Nat.ONE_TO_ONE)
        server = cloud.host("server", SERVER_LAN_IP)
        alice = cloud.host("alice", "192.168.9.22")
        options = ("--advertise", SERVER_IP, "--advertise", f"192.168.9.0/24={SERVER_LAN_IP}")
        return _places(lab, far, server, alice, alice_calls=SERVER_LAN_IP, options=options)

    return build


def _places(
    lab: Lab, far: Nat, server: Host, alice: Host, *, alice_calls: str, options: tuple[str, ...]
) -> Places:
    home = lab.site("home", "192.168.1.1", "198.51.100.21", far)
    return Places(
        server,
        {"alice": alice_calls, "bob": SERVER_IP},
        {"alice": alice, "bob": home.host("bob", "192.168.1.2")},
        options,
    )


SCENES = {
    "browser-at-home": _server_in_public(Nat.PORT_RESTRICTED),
    "browser-at-home-server-in-a-cloud": _server_mapped(Nat.PORT_RESTRICTED),
    "browser-behind-a-symmetric-nat": _server_mapped(Nat.SYMMETRIC),
}


def _talk(alice: PhoneProcess, bob: PhoneProcess) -> None:
    alice.do("register")
    bob.do("register")
    call(alice, bob)
    call(bob, alice)
    alice.do("dial", bob.number)
    bob.do("pick_up")
    alice.do("answered")
    both_heard(alice, bob)
    bob.do("restart")
    both_heard(alice, bob)
    alice.do("hang_up")
    bob.do("is_hung_up")


def main(name: str) -> None:
    prepare()
    places = SCENES[name](Lab())
    with tempfile.TemporaryDirectory() as directory:
        authority = Authority(Path(directory, "authority"))
        certificates = Path(directory, "certificates")
        authority.sign(certificates, NAME, SERVER_IP)
        secured = (
            *("--wss", f"{places.server.ip}:{WSS_PORT}"),
            *("--certificates", str(certificates)),
        )
        with serving(places, further_options=secured):
            users = places.server_as_seen
            alice = PhoneProcess("alice", places.phones["alice"], users["alice"])
            bob = PhoneProcess(
                "bob", places.phones["bob"], users["bob"], module="tests.nat_lab.browser"
            )
            try:
                _talk(alice, bob)
            finally:
                alice.close()
                bob.close()
    print("heard")


if __name__ == "__main__":
    main(sys.argv[1])
