"""Hosts, networks and NATs made of network namespaces; everything goes when the process ends.

Must run inside mount and network namespaces of its own (`isolated`): nothing of the machine's own
network is touched or reached, and no root is needed where users may make namespaces.
"""

import os
import subprocess
from dataclasses import dataclass
from enum import Enum

INTERNET = "internet"
PREFIX = "24"
FORWARD = ("sysctl", "-qw", "net.ipv4.ip_forward=1")


class Nat(Enum):
    """How a router maps and filters UDP (RFC 4787 §4.1, §5; the names are the customary ones)."""

    ONE_TO_ONE = "1:1 NAT"
    FULL_CONE = "full-cone NAT"
    PORT_RESTRICTED = "port-restricted NAT"
    SYMMETRIC = "symmetric NAT"


@dataclass(frozen=True, slots=True)
class Host:
    name: str
    ip: str

    def command(self, *words: str) -> list[str]:
        """A command that runs on the host."""
        return ["ip", "netns", "exec", self.name, *words]


def isolated(*words: str) -> list[str]:
    """The command in namespaces of its own; an ordinary user becomes root of these only."""
    as_root = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    return ["unshare", *as_root, "--mount", "--net", "--fork", "--kill-child", *words]


def prepare() -> None:
    """Gives this process a place to name its namespaces; call it first."""
    _run("mount", "-t", "tmpfs", "none", "/run")
    os.makedirs("/run/netns")
    _run("ip", "link", "set", "lo", "up")


class Lab:
    """The internet, and what is connected to it."""

    def __init__(self) -> None:
        self._links = 0
        self._add_switch(INTERNET)

    def public_host(self, name: str, ip: str) -> Host:
        """A host with an address that everybody reaches."""
        self._add(name)
        self._plug(name, ip, INTERNET)
        return Host(name, ip)

    def site(self, name: str, gateway_ip: str, public_ip: str, nat: Nat) -> "Site":
        """A private network behind a NAT."""
        router, switch = f"{name}-router", f"{name}-lan"
        self._add_switch(switch)
        self._add(router)
        self._plug(router, gateway_ip, switch)
        outside = self._plug(router, public_ip, INTERNET)
        _in(router, *FORWARD)
        return Site(self, switch, router, outside, gateway_ip, public_ip, nat)

    def private_host(self, name: str, ip: str, switch: str, gateway_ip: str) -> Host:
        self._add(name)
        self._plug(name, ip, switch)
        _run("ip", "-n", name, "route", "add", "default", "via", gateway_ip)
        return Host(name, ip)

    def _add(self, name: str) -> None:
        _run("ip", "netns", "add", name)
        _run("ip", "-n", name, "link", "set", "lo", "up")

    def _add_switch(self, name: str) -> None:
        self._add(name)
        _run("ip", "-n", name, "link", "add", "switch", "type", "bridge")
        _run("ip", "-n", name, "link", "set", "switch", "up")

    def _plug(self, name: str, ip: str, switch: str) -> str:
        """Connects a host to a switch; returns the name of its new interface."""
        self._links += 1
        near, far = f"eth{self._links}", f"port{self._links}"
        _run(
            *("ip", "-n", switch, "link", "add", far, "type", "veth"),
            *("peer", "name", near, "netns", name),
        )
        _run("ip", "-n", switch, "link", "set", far, "master", "switch", "up")
        _run("ip", "-n", name, "addr", "add", f"{ip}/{PREFIX}", "dev", near)
        _run("ip", "-n", name, "link", "set", near, "up")
        return near


class Site:
    """A private network; its NAT holds for the host that is added first, as at home."""

    def __init__(
        self,
        lab: Lab,
        switch: str,
        router: str,
        outside: str,
        gateway_ip: str,
        public_ip: str,
        nat: Nat,
    ) -> None:
        self._lab = lab
        self._switch = switch
        self._router = router
        self._outside = outside
        self._gateway_ip = gateway_ip
        self._public_ip = public_ip
        self._nat: Nat | None = nat

    def host(self, name: str, ip: str) -> Host:
        host = self._lab.private_host(name, ip, self._switch, self._gateway_ip)
        nat, self._nat = self._nat, None
        if nat is not None:
            rules = _rules(nat, self._outside, ip, self._public_ip)
            _in(self._router, "nft", "-f", "-", stdin=rules)
        return host


def _rules(nat: Nat, outside: str, inside_ip: str, public_ip: str) -> str:
    """The router's translation.

    Linux keeps source ports where it can and lets in only what answers: that is port-restricted.
    New ports for every destination make it symmetric; letting everything in makes it a full cone.
    """
    masks = {
        Nat.ONE_TO_ONE: f"snat to {public_ip}",
        Nat.FULL_CONE: f"snat to {public_ip}",
        Nat.PORT_RESTRICTED: "masquerade",
        Nat.SYMMETRIC: "masquerade fully-random",
    }
    lets_in = nat in (Nat.ONE_TO_ONE, Nat.FULL_CONE)
    kind = "" if nat is Nat.ONE_TO_ONE else "meta l4proto udp "
    inward = f'iifname "{outside}" {kind}dnat to {inside_ip}' if lets_in else ""
    return f"""
table ip nat {{
  chain inward {{
    type nat hook prerouting priority dstnat;
    {inward}
  }}
  chain outward {{
    type nat hook postrouting priority srcnat;
    oifname "{outside}" {masks[nat]}
  }}
}}
"""


def _in(name: str, *words: str, stdin: str | None = None) -> None:
    _run("ip", "netns", "exec", name, *words, stdin=stdin)


def _run(*words: str, stdin: str | None = None) -> None:
    done = subprocess.run(words, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{' '.join(words)}: {done.stderr.strip()}")
