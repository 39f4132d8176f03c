"""Measures what audio costs, and how late it comes: CPU for each call-second, memory, delays.

`make bench` runs it. The server is pinned to core 0, the phones (native/crates/media-load) to core
1; each packet of a relayed call is checked octet by octet. In the same run the same phones talk
through rtpengine in user space, where it is installed, and through a program that only moves
packets from socket to socket: the kernel's share of it all. The median of the rounds counts. Exit
code 0: everything was heard; 1: something was not; 2: nothing could be measured.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from media_report import Heard, Row, delay_of, is_heard, table, told
from media_servers import OPUS, PCMU, Bare, Codec, MediaError, MediaServer, Ours, Phone, Rtpengine
from server import Usage, on_core

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
"""Holds cmake, which libopus is built with."""
NATIVE = ROOT / "native"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", NATIVE / "target"))
LOAD, BARE = TARGET / "release/media-load", TARGET / "release/bare_relay"
FIRST_PORT = 40_000
SOCKETS_MAX = 80
"""Phones share ports, and each port speaks at a moment of its own."""
WARM_S = 3.0
PATIENCE_S = 60.0
QUIET_CALLS = 50
"""Delays are measured without load."""
KEYS = ("0a" * 30, "0b" * 30)


def home(phone: int) -> str:
    """An address of its own for each phone."""
    return f"10.{phone >> 16}.{phone >> 8 & 255}.{phone & 255}"


def one_place(phone: int) -> str:
    """The same for all."""
    return home(0)


def main() -> int:
    options = arguments()
    try:
        build()
        rows = list(measured(options))
    except (MediaError, OSError, subprocess.CalledProcessError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    print(table(rows))
    if options.json:
        facts = [{name: getattr(row, name) for name in Row.__slots__} for row in rows]
        options.json.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return 0 if all(row.is_good for row in rows) else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    number = parser.add_argument
    number("--calls", type=int, default=1_000, help="relayed at a time (default %(default)s)")
    number("--secured", type=int, default=500, help="with SRTP on one side (default %(default)s)")
    number("--listeners", type=int, default=1_000, help="of a prompt (default %(default)s)")
    number("--mixed", type=int, default=300, help="legs in rooms of 3 (default %(default)s)")
    number("--opus", type=int, default=60, help="calls G.711 to Opus (default %(default)s)")
    number("--seconds", type=float, default=8, help="of each round (default %(default)s)")
    number("--rounds", type=int, default=3, help="(default %(default)s)")
    number("--only", choices=SCENARIOS, action="append", help="may be given several times")
    number("--json", type=Path, metavar="FILE", help="write everything that was measured")
    return parser.parse_args()


def measured(options: argparse.Namespace) -> Iterator[Row]:
    for name in options.only or SCENARIOS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        yield from SCENARIOS[name](options)


# -- scenarios ---------------------------------------------------------------------------------


def relay(options: argparse.Namespace) -> Iterator[Row]:
    yield from side_by_side(options, "relayed G.711", options.calls, target=0.45)


def apart(options: argparse.Namespace) -> Iterator[Row]:
    """Each leg has a pair of ports of its own, as calls of an SBC or of one office have."""
    what = "relayed G.711, all at one address"
    yield from side_by_side(options, what, options.calls, target=0.45, places=one_place)


def secure(options: argparse.Namespace) -> Iterator[Row]:
    yield from side_by_side(options, "RTP to SRTP", options.secured, target=0.7, keys=KEYS)


def side_by_side(
    options: argparse.Namespace,
    what: str,
    calls: int,
    *,
    target: float,
    keys: tuple[str, str] | None = None,
    places: Callable[[int], str] = home,
) -> Iterator[Row]:
    """Rounds alternate, so that both servers meet the same moods of the machine."""
    makers: list[Callable[[], MediaServer]] = [Ours]
    makers += [lambda: Bare(BARE)] if keys is None else []
    makers += [Rtpengine] if has_rtpengine() else []
    runs: dict[str, list[Heard]] = {}
    for _ in range(options.rounds):
        for make in makers:
            server = make()
            try:
                runs.setdefault(server.name, []).append(talk(server, options, calls, keys, places))
            finally:
                server.close()
    if Rtpengine.name not in runs:
        print("rtpengine is not installed: no comparison", file=sys.stderr)
    for name, heard in runs.items():
        costs = [1_000 * run.cpu_s_per_s / run.calls for run in heard]
        is_ours = name == Ours.name
        yield Row(
            f"{what}, {calls} calls: CPU of a call-second, {name}",
            statistics.median(costs),
            "ms",
            target if is_ours else None,
            told(heard),
            not is_ours or all(run.is_good for run in heard),
            tuple(costs),
        )


def talk(
    server: MediaServer,
    options: argparse.Namespace,
    calls: int,
    keys: tuple[str, str] | None,
    places: Callable[[int], str] = home,
) -> Heard:
    phones = phones_of(2 * calls, places=places)
    pairs = list(zip(phones[::2], phones[1::2], strict=True))
    for _, callee in pairs:
        callee.keys = keys
    server.calls(pairs)
    lines = [line(phone, "stamp", number ^ 1, "stamp") for number, phone in enumerate(phones)]
    return run_phones(server, lines, options.seconds)


def prompt(options: argparse.Namespace) -> Iterator[Row]:
    """Listeners are phones in a call: they send, too."""
    count = options.listeners

    def begin(server: Ours) -> list[str]:
        phones = phones_of(count)
        server.ask("play", legs=server.open(phones))
        return [line(phone, "silence", None, "sound") for phone in phones]

    yield from ours(
        options, f"prompt, {count} listeners: CPU of a listener-second", count, begin, 0.2
    )


def mix(options: argparse.Namespace) -> Iterator[Row]:
    for size in (3, 10):
        rooms = options.mixed // size

        def begin(server: Ours, size: int = size, rooms: int = rooms) -> list[str]:
            phones = phones_of(rooms * size)
            legs = server.open(phones)
            server.ask("mix", rooms=[legs[at : at + size] for at in range(0, len(legs), size)])
            return [line(phone, "tone", None, "sound") for phone in phones]

        name = f"mixed, {rooms} rooms of {size}: CPU of a leg-second"
        yield from ours(options, name, rooms * size, begin, 0.25)


def opus(options: argparse.Namespace) -> Iterator[Row]:
    calls = options.opus

    def begin(server: Ours) -> list[str]:
        codecs = (PCMU, OPUS)
        phones = phones_of(2 * calls, codecs)
        server.calls(list(zip(phones[::2], phones[1::2], strict=True)))
        return [line(phone, "tone", None, "sound") for phone in phones]

    rows = list(ours(options, f"G.711 to Opus, {calls} calls: CPU of a call-second", calls, begin))
    yield from rows
    cost = rows[0].value
    yield Row("Opus legs that a core carries", None if not cost else 1_000 / cost, "legs")


def ours(
    options: argparse.Namespace,
    name: str,
    legs: int,
    begin: Callable[[Ours], list[str]],
    target: float | None = None,
) -> Iterator[Row]:
    heard = []
    for _ in range(options.rounds):
        server = Ours()
        try:
            heard.append(run_phones(server, begin(server), options.seconds))
        finally:
            server.close()
    costs = [1_000 * run.cpu_s_per_s / legs for run in heard]
    good = all(run.is_good and is_heard(run) for run in heard)
    yield Row(name, statistics.median(costs), "ms", target, told(heard), good, tuple(costs))


def memory(options: argparse.Namespace) -> Iterator[Row]:
    """What the engine's process allocated for calls that talk; a first one warms it up."""
    server = Ours()
    try:
        warm = talk(server, argparse.Namespace(seconds=1), 10, None)
        before = server.usage()
        heard = talk(server, argparse.Namespace(seconds=2), options.calls, None)
    finally:
        server.close()
    kb = (heard.after.pss_kb - before.pss_kb) / options.calls
    yield Row("memory of an anchored call", kb, "kB", 40, told([warm, heard]), heard.is_good)


def delay(options: argparse.Namespace) -> Iterator[Row]:
    base = direct(PCMU, "stamp", options)
    still = busy = None
    for is_busy in (False, True):
        server = Ours()
        try:
            server.ask("keep_busy", busy=is_busy)
            heard = talk(server, options, QUIET_CALLS, None)
        finally:
            server.close()
        still, busy = (heard, None) if not is_busy else (still, heard)
    assert still is not None
    assert busy is not None
    p99, base_p99 = delay_of(still, "p99"), base["p99"]
    yield Row(
        f"relay, {QUIET_CALLS} calls: added delay, p99", p99 - base_p99, "ms", 2,
        f"p50 {delay_of(still, 'p50') - base['p50']:.2f}; between phones themselves {base_p99:.2f}",
        still.is_good,
    )  # fmt: skip
    yield Row(
        "the same while Python blocks and collects garbage: added p99",
        delay_of(busy, "p99") - p99, "ms", 5, f"max {delay_of(busy, 'max'):.2f}", busy.is_good,
    )  # fmt: skip
    if has_rtpengine():
        other = Rtpengine()
        try:
            heard = talk(other, options, QUIET_CALLS, None)
        finally:
            other.close()
        yield Row(
            "the same through rtpengine: added delay, p99",
            delay_of(heard, "p99") - base_p99, "ms", None, told([heard]),
        )  # fmt: skip
    yield from onsets(options)


def onsets(options: argparse.Namespace) -> Iterator[Row]:
    """From the start of a sound to its start as it is heard, what the codecs take left out."""
    for name, codecs, is_room in (
        ("mixed", (PCMU, PCMU), True),
        ("transcoded, G.711 to Opus", (PCMU, OPUS), False),
        ("transcoded, Opus to G.711", (OPUS, PCMU), False),
    ):
        base = max(direct(codec, "bursts", options)["p99"] for codec in codecs)
        server = Ours()
        try:
            phones = phones_of(20, codecs)
            legs = server.open(phones)
            pairs = list(zip(legs[::2], legs[1::2], strict=True))
            server.ask("mix", rooms=pairs) if is_room else server.ask("bridge", pairs=pairs)
            sent = ("bursts", "silence")
            lines = [
                line(phone, sent[at % 2], at ^ 1, ("anything", "bursts")[at % 2])
                for at, phone in enumerate(phones)
            ]
            heard = run_phones(server, lines, options.seconds)
        finally:
            server.close()
        yield Row(
            f"{name}: added delay, p99", delay_of(heard, "p99") - base, "ms", 60,
            f"p50 {delay_of(heard, 'p50') - base:.1f}; the codec itself {base:.1f}", heard.is_good,
        )  # fmt: skip


SCENARIOS: dict[str, Callable[[argparse.Namespace], Iterator[Row]]] = {
    "relay": relay, "apart": apart, "secure": secure, "prompt": prompt, "mix": mix, "opus": opus,
    "memory": memory, "delay": delay,
}  # fmt: skip


# -- phones ------------------------------------------------------------------------------------


def build() -> None:
    subprocess.run(
        ["cargo", "build", "--quiet", "--release", "--locked", "-p", "media-load"],
        cwd=NATIVE,
        check=True,
        env=os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"},
    )  # fmt: skip


def has_rtpengine() -> bool:
    return shutil.which("rtpengine") is not None


def phones_of(
    count: int, codecs: Sequence[Codec] = (PCMU,), places: Callable[[int], str] = home
) -> list[Phone]:
    """Phones with these codecs in turn. They share ports, but not the two of a call, nor those that
    share a port of the server."""
    sockets = min(SOCKETS_MAX, count)
    return [
        Phone(FIRST_PORT + 4 * (number % sockets), places(number), codecs[number % len(codecs)])
        for number in range(count)
    ]


def line(phone: Phone, sends: str, hears: int | None, expects: str) -> str:
    keys = "plain"
    if phone.keys is not None:
        keys = f"AES_CM_128_HMAC_SHA1_80:{phone.keys[0]}:{phone.keys[1]}"
    codec = phone.codec
    return (
        f"{phone.port} {phone.server_port} {codec.name}/{codec.clock_hz} {codec.payload_type} "
        f"{sends} {'-' if hears is None else hears} {expects} {keys}"
    )


def direct(codec: Codec, sends: str, options: argparse.Namespace) -> dict[str, float]:
    """Delays when phones talk to each other: what the load generator and the codec take."""
    phones = phones_of(20, (codec,))
    for at, phone in enumerate(phones):
        phone.server_port = phones[at ^ 1].port
    lines = [line(phone, sends, at ^ 1, sends) for at, phone in enumerate(phones)]
    found: dict[str, float] = run_phones(None, lines, options.seconds).result["delay_ms"]
    return found


def run_phones(server: MediaServer | None, lines: Sequence[str], seconds: float) -> Heard:
    """Plays the plan; raises MediaError when the phones fail."""
    command = [
        *on_core(1), "timeout", f"{seconds + WARM_S + PATIENCE_S:g}", str(LOAD),
        "--seconds", f"{seconds:g}", "--warm", f"{WARM_S:g}",
    ]  # fmt: skip
    usage: dict[str, Usage] = {}
    result: dict[str, Any] = {}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n".join(lines) + "\n")
        process.stdin.close()
        for event in map(json.loads, process.stdout):
            usage[event["event"]] = NOTHING if server is None else server.usage()
            result = event
    if result.get("event") != "result":
        raise MediaError(f"the phones ended with {process.returncode}")
    expecting = sum(" nothing " not in text for text in lines)
    return Heard(result | {"expected": expecting}, usage["up"], usage["ending"])


NOTHING = Usage(time.monotonic(), 0.0, 0, 0)


if __name__ == "__main__":
    raise SystemExit(main())
