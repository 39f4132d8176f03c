"""Measures a call queue and an attendant under 500 callers at once. `make bench` runs it.

Fifty agents serve 500 callers who all wait for them; then 500 callers listen to one menu together
and press a key. The figures are what callers and agents notice: who was overtaken, how long an
agent sat idle while somebody waited, how long it was silent after an answer; and the CPU time of
the server for each call, that of its audio apart. Exit code 0: every call was served; 1: one was
not; 2: nothing could be measured.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from run import BENCH, IDLE_S, LoadError, build, raise_file_limit, run_load, server_command
from server import Server, ServerError, running

MENU = "+14255559002"
QUEUE = "+14255559001"
TARGETS = {"silence_p99": 300.0, "cpu": 2.5, "idle_p50": 50.0, "overtaken": 0.0}
"""Milliseconds, and callers."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the rounds of one service came to."""

    runs: list[dict[str, Any]]
    cpu_ms: list[float]
    """Of each call, beside audio."""
    audio_ms: list[float]

    @property
    def is_whole(self) -> bool:
        return all(run["ok"] == run["attempted"] == run["wanted"] for run in self.runs)

    def of(self, *path: str) -> list[float]:
        """A figure of every round that has it."""
        found: list[Any] = []
        for run in self.runs:
            value: Any = run["service"]
            for name in path:
                value = value[name]
            found.append(value)
        return [value for value in found if value is not None]


def main() -> int:
    options = arguments()
    raise_file_limit()
    try:
        build()
        command = server_command(options, BENCH / "services.yaml")
        with running(command, idle_s=IDLE_S) as server:
            queue = measure(server, options, "queue", QUEUE)
            menu = measure(server, options, "attendant", MENU)
    except (ServerError, LoadError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    print(table(queue, menu))
    if options.json:
        runs = {"queue": queue.runs, "attendant": menu.runs}
        options.json.write_text(json.dumps(runs, indent=1) + "\n", encoding="utf-8")
    return 0 if queue.is_whole and menu.is_whole else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    number = parser.add_argument
    number("--rounds", type=int, default=2, help="of each (default %(default)s)")
    number("--callers", type=int, default=500, help="at once (default %(default)s)")
    number("--agents", type=int, default=50, help="of the queue (default %(default)s)")
    number("--rate", type=float, default=100, help="callers who come each second")
    number("--talk", type=float, default=4, help="seconds of each talk (default %(default)s)")
    number("--port", type=int, default=15_060, help="the server's SIP port (default %(default)s)")
    number("--json", type=Path, metavar="FILE", help="write everything that was measured")
    number("--server", help="another server's command, which takes --org and the like")
    return parser.parse_args()


def measure(server: Server, options: argparse.Namespace, mode: str, number: str) -> Measured:
    print(f"measuring {mode} ...", file=sys.stderr)
    load(server, options, mode, number, callers=20, talk=0.2)  # warms caches
    measured = Measured([], [], [])
    for _ in range(options.rounds):
        callers = options.callers
        before, before_audio_s = server.usage(), server.audio_cpu_s()
        run = load(server, options, mode, number, callers=callers, talk=options.talk)
        time.sleep(1)  # records are still being written
        audio_s = server.audio_cpu_s() - before_audio_s
        whole_s = server.cpu_s_between(before, server.usage())
        measured.runs.append(run)
        measured.audio_ms.append(1_000 * audio_s / callers)
        measured.cpu_ms.append(1_000 * (whole_s - audio_s) / callers)
    return measured


def load(
    server: Server,
    options: argparse.Namespace,
    mode: str,
    number: str,
    *,
    callers: int,
    talk: float,
) -> dict[str, Any]:
    words = [
        mode, "--target", f"127.0.0.1:{options.port}", "--number", number,
        "--users", str(options.agents), "--calls", str(callers),
        "--rate", str(options.rate), "--hold", str(talk),
    ]  # fmt: skip
    turns = callers / options.agents if mode == "queue" else 1
    result = run_load(server, words, callers / options.rate + talk * (turns + 1)).result
    return result | {"wanted": callers}


def table(queue: Measured, menu: Measured) -> str:
    lines = [("measured", "value", "target", "")]
    for name, measured in (("queue", queue), ("attendant", menu)):
        lines += shared(name, measured)
    lines += [
        rated(
            "queue: idle agent while somebody waits, p50", queue.of("idle_ms", "p50"), "idle_p50"
        ),
        plain("queue: the same, p99", queue.of("idle_ms", "p99")),
        rated("queue: callers overtaken", queue.of("overtaken"), "overtaken", ""),
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    padded = ([cell.ljust(w) for cell, w in zip(line, widths, strict=True)] for line in lines)
    return "\n".join("  ".join(cells).rstrip() for cells in padded)


def shared(name: str, measured: Measured) -> Iterator[tuple[str, str, str, str]]:
    """What is asked of both services."""
    served = sum(run["ok"] for run in measured.runs)
    wanted = sum(run["wanted"] for run in measured.runs)
    failed = "; ".join(str(run["failed"]) for run in measured.runs if run["failed"])
    yield f"{name}: callers served", f"{served} of {wanted}", "all", failed or "met"
    silence = measured.of("silence_ms", "p99")
    yield rated(f"{name}: silence after an answer, p99", silence, "silence_p99")
    yield rated(f"{name}: CPU of a call beside audio", measured.cpu_ms, "cpu")
    yield plain(f"{name}: CPU of a call's audio", measured.audio_ms)


def plain(name: str, values: list[float]) -> tuple[str, str, str, str]:
    return name, f"{statistics.median(values):.3g} ms" if values else "not measured", "", ""


def rated(
    name: str, values: list[float], target: str, unit: str = " ms"
) -> tuple[str, str, str, str]:
    limit = TARGETS[target]
    if not values:
        return name, "not measured", f"<= {limit:g}{unit}", "missed"
    value = statistics.median(values)
    verdict = "met" if value <= limit else "missed"
    return name, f"{value:.3g}{unit}", f"<= {limit:g}{unit}", verdict


if __name__ == "__main__":
    sys.exit(main())
