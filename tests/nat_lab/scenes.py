"""Who is where, and what must be heard; run as a process inside namespaces of its own.

Prints "heard" when each heard the other in every call, or fails with what went wrong.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

from tests.nat_lab.network import Host, Lab, Nat, prepare

ROOT = Path(__file__).parents[2]
CONTOSO = ROOT / "src/callwright/examples/contoso.yaml"
PORT = 5_060
READY_S = 60.0
POLL_S = 0.1
SERVER_IP, SERVER_LAN_IP = "198.51.100.10", "192.168.9.10"
TONES_HZ = {"alice": 500, "bob": 700}
NUMBERS = {"alice": "101", "bob": "102"}


@dataclass(frozen=True, slots=True)
class Scene:
    """One network, with the server and two phones somewhere in it."""

    build: Callable[[Lab], "Places"]
    where: str
    """For the table in the documentation: server, first phone, second phone."""


@dataclass(frozen=True, slots=True)
class Places:
    server: Host
    server_as_seen: dict[str, str]
    """The address of the server by user: what people type into their phones."""
    phones: dict[str, Host]
    options: tuple[str, ...] = field(default=())
    """Of `callwright serve`."""


def _same_lan(lab: Lab) -> Places:
    office = lab.site("office", "192.168.9.1", "198.51.100.9", Nat.PORT_RESTRICTED)
    server = office.host("server", SERVER_LAN_IP)
    phones = {
        "alice": office.host("alice", "192.168.9.21"),
        "bob": office.host("bob", "192.168.9.22"),
    }
    return Places(server, dict.fromkeys(phones, SERVER_LAN_IP), phones)


def _behind(one: Nat, other: Nat | None) -> Callable[[Lab], Places]:
    """The server in public, the phones behind NATs whose private addresses are the same."""

    def build(lab: Lab) -> Places:
        server = lab.public_host("server", SERVER_IP)
        home = lab.site("home", "192.168.1.1", "198.51.100.21", one)
        alice = home.host("alice", "192.168.1.2")
        if other is None:
            bob = lab.public_host("bob", "198.51.100.30")
        else:
            away = lab.site("away", "192.168.1.1", "198.51.100.22", other)
            bob = away.host("bob", "192.168.1.2")
        phones = {"alice": alice, "bob": bob}
        return Places(server, dict.fromkeys(phones, SERVER_IP), phones)

    return build


def _one_home(lab: Lab) -> Places:
    server = lab.public_host("server", SERVER_IP)
    home = lab.site("home", "192.168.1.1", "198.51.100.21", Nat.PORT_RESTRICTED)
    phones = {"alice": home.host("alice", "192.168.1.2"), "bob": home.host("bob", "192.168.1.3")}
    return Places(server, dict.fromkeys(phones, SERVER_IP), phones)


def _server_mapped(far: Nat) -> Callable[[Lab], Places]:
    """The server has a private address and a public one that is mapped to it, as in most clouds;
    a colleague sits in its own network."""

    def build(lab: Lab) -> Places:
        cloud = lab.site("cloud", "192.168.9.1", SERVER_IP, Nat.ONE_TO_ONE)
        server = cloud.host("server", SERVER_LAN_IP)
        home = lab.site("home", "192.168.1.1", "198.51.100.21", far)
        return Places(
            server,
            {"alice": SERVER_IP, "bob": SERVER_LAN_IP},
            {
                "alice": home.host("alice", "192.168.1.2"),
                "bob": cloud.host("bob", "192.168.9.22"),
            },
            options=("--advertise", SERVER_IP, "--advertise", f"192.168.9.0/24={SERVER_LAN_IP}"),
        )

    return build


SCENES = {
    "same-lan": Scene(_same_lan, "a LAN | the same LAN | the same LAN"),
    "one-home": Scene(_one_home, "public | port-restricted NAT | behind the same NAT"),
    "full-cone": Scene(_behind(Nat.FULL_CONE, None), "public | full-cone NAT | public"),
    "port-restricted": Scene(
        _behind(Nat.PORT_RESTRICTED, Nat.PORT_RESTRICTED),
        "public | port-restricted NAT | another port-restricted NAT, same private addresses",
    ),
    "symmetric": Scene(
        _behind(Nat.SYMMETRIC, Nat.PORT_RESTRICTED),
        "public | symmetric NAT | port-restricted NAT",
    ),
    "one-to-one": Scene(
        _server_mapped(Nat.PORT_RESTRICTED),
        "1:1 NAT, `--advertise` | port-restricted NAT | the server's LAN",
    ),
    "one-to-one-symmetric": Scene(
        _server_mapped(Nat.SYMMETRIC),
        "1:1 NAT, `--advertise` | symmetric NAT | the server's LAN",
    ),
}


class PhoneProcess:
    def __init__(
        self, user: str, host: Host, server_ip: str, *, module: str = "tests.nat_lab.phone"
    ) -> None:
        self.tone_hz = TONES_HZ[user]
        self.number = NUMBERS[user]
        words = (user, host.ip, f"{server_ip}:{PORT}", str(self.tone_hz))
        self._process = subprocess.Popen(
            host.command(sys.executable, "-m", module, *words),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, verb: str, *words: str | int) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([verb, *words]) + "\n")
        self._process.stdin.flush()

    def finish(self) -> None:
        assert self._process.stdout is not None
        problem = json.loads(self._process.stdout.readline() or '"the phone died"')
        if problem is not None:
            raise AssertionError(problem)

    def do(self, verb: str, *words: str | int) -> None:
        self.start(verb, *words)
        self.finish()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def serving(places: Places, further_options: tuple[str, ...] = ()) -> Iterator[None]:
    """`callwright serve`, ready."""
    with tempfile.TemporaryDirectory() as data:
        command = places.server.command(
            *(str(Path(sys.executable).with_name("callwright")), "serve"),
            *("--org", str(CONTOSO), "--data", data, "--sip", f"{places.server.ip}:{PORT}"),
            *("--rtp", "20000-20199", *places.options, *further_options),
        )
        log = Path(data, "log")
        with log.open("w") as out:
            process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            _await_ready(places.server, process, log)
            yield
        finally:
            process.terminate()
            process.wait(20)


def _await_ready(host: Host, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = monotonic() + READY_S
    ask = "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"
    while subprocess.run(host.command(sys.executable, "-c", ask), capture_output=True).returncode:
        assert process.poll() is None, log.read_text()
        assert monotonic() < deadline, log.read_text()
        sleep(POLL_S)


def call(caller: PhoneProcess, callee: PhoneProcess) -> None:
    """A call in which both are heard, before and after a hold."""
    caller.do("dial", callee.number)
    callee.do("pick_up")
    caller.do("answered")
    both_heard(caller, callee)
    caller.do("hold")
    caller.do("resume")
    both_heard(caller, callee)
    callee.do("hang_up")
    caller.do("is_hung_up")


def both_heard(one: PhoneProcess, other: PhoneProcess) -> None:
    one.start("hears", other.tone_hz)
    other.start("hears", one.tone_hz)
    one.finish()
    other.finish()


def main(name: str) -> None:
    prepare()
    places = SCENES[name].build(Lab())
    with serving(places):
        alice, bob = (
            PhoneProcess(user, host, places.server_as_seen[user])
            for user, host in places.phones.items()
        )
        try:
            alice.do("register")
            bob.do("register")
            call(alice, bob)
            call(bob, alice)
        finally:
            alice.close()
            bob.close()
    print("heard")


if __name__ == "__main__":
    main(sys.argv[1])
