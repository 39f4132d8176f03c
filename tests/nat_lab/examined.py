"""`callwright doctor` behind NATs, and on ways that are narrow; prints what it finds, as JSON.

Run as a process inside namespaces of its own.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.nat_lab.network import Host, Lab, Nat, prepare
from tests.nat_lab.scenes import ROOT

PUBLIC_IP, LAN_IP = "198.51.100.10", "192.168.9.10"
OUTSIDE_IPS = ("198.51.100.31", "198.51.100.32")
STUN_PORT, SIP_PORT = 3_478, 5_060
NARROW_BYTES = 1_280
DROP_FRAGMENTS = """
table ip narrow {
  chain inward {
    type filter hook prerouting priority -450;
    ip frag-off & 0x3fff != 0 drop
  }
}
"""


@dataclass(frozen=True, slots=True)
class Case:
    nat: Nat = Nat.ONE_TO_ONE
    options: tuple[str, ...] = ()
    spoil: Callable[[Host, Host], None] = lambda _server, _peer: None


def narrow(server: Host, _peer: Host) -> None:
    """The way out is a tunnel."""
    router = "cloud-router"
    links = _run("ip", "-n", router, "-j", "address").stdout
    (outside,) = (
        link["ifname"]
        for link in json.loads(links)
        if any(one.get("local") == PUBLIC_IP for one in link["addr_info"])
    )
    _run("ip", "-n", router, "link", "set", outside, "mtu", str(NARROW_BYTES))


def no_fragments(_server: Host, peer: Host) -> None:
    """A firewall in front of the peer."""
    _run(*peer.command("nft", "-f", "-"), stdin=DROP_FRAGMENTS)


ADVERTISED = ("--advertise", PUBLIC_IP)
CASES = {
    "advertised": Case(options=ADVERTISED),
    "not-advertised": Case(),
    "symmetric": Case(nat=Nat.SYMMETRIC, options=ADVERTISED),
    "narrow": Case(options=ADVERTISED, spoil=narrow),
    "no-fragments": Case(options=ADVERTISED, spoil=no_fragments),
}


def _run(*words: str, stdin: str | None = None) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(words, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def main(name: str) -> None:
    case = CASES[name]
    prepare()
    lab = Lab()
    cloud = lab.site("cloud", "192.168.9.1", PUBLIC_IP, case.nat)
    server = cloud.host("server", LAN_IP)
    outside = [lab.public_host(f"outside{n}", ip) for n, ip in enumerate(OUTSIDE_IPS)]
    case.spoil(server, outside[0])
    others = [_answering(host) for host in outside]
    try:
        words = (
            *(str(Path(sys.executable).with_name("callwright")), "doctor", "--json"),
            *("--sip", f"{LAN_IP}:{SIP_PORT}", "--rtp", "20000-20199", *case.options),
            *(word for ip in OUTSIDE_IPS for word in ("--stun", ip)),
            *("--peer", OUTSIDE_IPS[0]),
        )
        done = subprocess.run(server.command(*words), capture_output=True, text=True, check=False)
    finally:
        for other in others:
            other.kill()
            other.wait()
    print(done.stdout)
    print(done.stderr, file=sys.stderr)


def _answering(host: Host) -> "subprocess.Popen[str]":
    command = host.command(
        sys.executable, "-m", "tests.nat_lab.outside", str(STUN_PORT), str(SIP_PORT)
    )
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


if __name__ == "__main__":
    main(sys.argv[1])
