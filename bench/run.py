"""Measures what a call costs: CPU of signalling, CPU of audio, memory. `make bench` runs it.

The figure of merit is CPU time of the server, not wall time, and the median of several rounds, so
that a noisy machine matters little. The server is pinned to core 0, the load (bench/loadgen) to
core 1. Exit code 0: every call succeeded; 1: one did not; 2: nothing could be measured.
"""

import argparse
import json
import os
import platform
import resource
import shlex
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registrations import registrations
from server import Server, ServerError, Usage, on_core, running

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
LOADGEN = BENCH / "loadgen"
IDLE_S = 3.0
SETTLE_S = 1.0
PATIENCE_S = 60.0
"""How much longer than planned the load generator may take."""
FILES_MAX = 65_536
"""A call with audio has two sockets in the load generator and four in the server."""

TARGETS = {
    "cpu_ms_per_call": 1.0, "setup_p99_ms": 20.0, "cpu_ms_per_call_second": 0.8,
    "kb_per_call": 150.0, "cpu_ms_per_registration": 0.3, "mb_held": 300.0,
}  # fmt: skip


class LoadError(Exception):
    """The load generator could not be built or did not run to its end."""


@dataclass(slots=True)
class Run:
    """One run of the load generator, and what the server used from one event to another."""

    result: dict[str, Any] = field(default_factory=dict)
    usage: dict[str, Usage] = field(default_factory=dict)
    calls_up: int = 0


def main() -> int:
    options = arguments()
    raise_file_limit()
    try:
        build()
        this = machine()
        results = measure(options)
    except (ServerError, LoadError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    is_good = all(run["ok"] == run["attempted"] == run["wanted"] for run in results.values())
    is_heard = results["media"]["rtp"]["lost"] == 0
    print(table(results, this))
    if options.json:
        facts = {"machine": this, "targets": TARGETS, "runs": results}
        options.json.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return 0 if is_good and is_heard else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    number = parser.add_argument
    number("--rounds", type=int, default=3, help="of each kind of load (default %(default)s)")
    number("--calls", type=int, default=800, help="signalled calls (default %(default)s)")
    number("--rate", type=float, default=300, help="of them each second (default %(default)s)")
    number("--hold", type=float, default=0.5, help="seconds each is held (default %(default)s)")
    number("--talks", type=int, default=100, help="calls with audio (default %(default)s)")
    number("--talk", type=float, default=5, help="seconds of audio (default %(default)s)")
    number("--held", type=int, default=500, help="calls held for memory (default %(default)s)")
    number("--reg-users", type=int, default=5_000, help="users who register (default %(default)s)")
    number("--reg-rate", type=float, default=1_000, help="each second (default %(default)s)")
    number("--reg-algorithm", default="MD5", help="of their proofs: MD5 or SHA-256")
    number("--registered", type=int, default=50_000, help="phones held (default %(default)s)")
    number("--port", type=int, default=15_060, help="the server's SIP port (default %(default)s)")
    number("--json", type=Path, metavar="FILE", help="write everything that was measured")
    number("--server", help="another server's command, which takes --org and the like")
    return parser.parse_args()


def measure(options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Memory is measured on a fresh server: an allocator keeps what other calls needed."""
    command = server_command(options)
    with running(command, idle_s=IDLE_S) as server:
        tell("signalling")
        signal = signalled(server, options, "signal")
        tell("signalling with digest")
        digest = signalled(server, options, "digest")
        tell("audio")
        media = talking(server, options)
    with running(command, idle_s=0) as server:
        tell("memory")
        memory = held(server, options)
    results = {"signal": signal, "digest": digest, "media": media, "memory": memory}
    if options.registered:
        tell("registrations")
        command = server_command(options, organisation=None)
        results["register"] = registrations(command, options, run_load)
    return results


def signalled(server: Server, options: argparse.Namespace, mode: str) -> dict[str, Any]:
    load(server, options, mode, calls=20, rate=50, hold=0.1)  # warms caches
    runs, costs = [], []
    for _ in range(options.rounds):
        run = load(server, options, mode, calls=options.calls, rate=options.rate, hold=options.hold)
        time.sleep(SETTLE_S)  # records are still being written
        cpu_s = server.cpu_s_between(run.usage["registered"], server.usage())
        runs.append(run.result)
        costs.append(1_000 * cpu_s / max(1, run.result["ok"]))
    p99s = [run["setup_ms"]["p99"] for run in runs if run["setup_ms"]["p99"] is not None]
    return together(runs) | {
        "cpu_ms_per_call": statistics.median(costs),
        "setup_p99_ms": statistics.median(p99s) if p99s else None,
        "rounds": costs,
    }


def talking(server: Server, options: argparse.Namespace) -> dict[str, Any]:
    runs, costs = [], []
    for _ in range(options.rounds):
        run = load(server, options, "media", calls=options.talks, rate=50, hold=options.talk)
        before, after = run.usage["up"], run.usage["ending"]
        call_seconds = run.calls_up * (after.at_s - before.at_s)
        runs.append(run.result)
        if call_seconds:
            costs.append(1_000 * server.cpu_s_between(before, after) / call_seconds)
    cost = statistics.median(costs) if costs else None
    return together(runs) | {"cpu_ms_per_call_second": cost, "rounds": costs}


def together(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts are summed; what was timed is the last round's."""
    total = dict(runs[-1])
    for name in ("attempted", "ok", "wanted", "wall_s"):
        total[name] = sum(run[name] for run in runs)
    total["failed"] = dict(sum((Counter(run["failed"]) for run in runs), Counter[str]()))
    if "rtp" in total:
        total["rtp"] = total["rtp"] | {
            name: sum(run["rtp"][name] for run in runs) for name in ("sent", "lost", "wrong_tone")
        }
    return total


def held(server: Server, options: argparse.Namespace) -> dict[str, Any]:
    load(server, options, "memory", calls=20, rate=50, hold=0.5)
    before = server.usage()
    run = load(server, options, "memory", calls=options.held, rate=50, hold=2 + SETTLE_S)
    up = run.usage["up"]
    calls = max(1, run.calls_up)
    return run.result | {
        "kb_per_call": (up.pss_kb - before.pss_kb) / calls,
        "rss_kb_per_call": (up.rss_kb - before.rss_kb) / calls,
        "pss_kb_before": before.pss_kb,
    }


def load(
    server: Server, options: argparse.Namespace, mode: str, *, calls: int, rate: float, hold: float
) -> Run:
    """Runs the generator; notes the server's usage at each of its events, after a moment."""
    words = [
        mode, "--target", f"127.0.0.1:{options.port}",
        "--calls", str(calls), "--rate", str(rate), "--hold", str(hold),
    ]  # fmt: skip
    run = run_load(server, words, calls / rate + hold)
    run.result["wanted"] = calls
    return run


def run_load(server: Server, words: list[str], planned_s: float) -> Run:
    """The same for any words of the generator's."""
    command = [
        *on_core(1), "timeout", f"{planned_s + PATIENCE_S:g}",
        str(LOADGEN / "target/release/loadgen"), *words,
    ]  # fmt: skip
    settle_s = {"up": SETTLE_S}
    run = Run()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for event in map(json.loads, process.stdout):
            time.sleep(settle_s.get(event["event"], 0))
            run.usage[event["event"]] = server.usage()
            run.calls_up = event.get("calls", run.calls_up)
            run.result = event
    if run.result.get("event") != "result":
        raise LoadError(f"the load generator ended with {process.returncode}")
    del run.result["event"]
    return run


def server_command(
    options: argparse.Namespace, organisation: Path | None = BENCH / "organisation.yaml"
) -> list[str]:
    callwright = options.server or str(ROOT / ".venv/bin/callwright") + " serve"
    return [
        *shlex.split(callwright), *(() if organisation is None else ("--org", str(organisation))),
        "--sip", f"127.0.0.1:{options.port}", "--http", f"127.0.0.1:{options.port + 1}",
        "--rtp", "20000-29999",
    ]  # fmt: skip


def table(results: dict[str, dict[str, Any]], machine: dict[str, Any]) -> str:
    lines = [("measured", "value", "target", "")]
    lines += [rated(results, *row) for row in ROWS if row[0] in results]
    lines += [success(mode, run) for mode, run in results.items()]
    lines += [(name, value, "", "") for name, value in facts(results)]
    line_ns = f"{machine['line_ns']:.0f} ns, {machine['line_after_pause_ns']:.0f} ns after a pause"
    lines.append(("a line of memory, on this machine", line_ns, "", ""))
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    padded = ([cell.ljust(w) for cell, w in zip(line, widths, strict=True)] for line in lines)
    return "\n".join("  ".join(cells).rstrip() for cells in padded)


ROWS = (
    ("digest", "cpu_ms_per_call", "CPU of a call, digest", "ms"),
    ("digest", "setup_p99_ms", "INVITE to 180, 99th percentile", "ms"),
    ("signal", "cpu_ms_per_call", "CPU of a call from a trunk", "ms"),
    ("media", "cpu_ms_per_call_second", "CPU of a second of G.711", "ms"),
    ("memory", "kb_per_call", "memory of a held call", "kB"),
    ("register", "cpu_ms_per_registration", "CPU of a registration", "ms"),
    ("register", "mb_held", "memory with all phones held", "MB"),
)


def rated(
    results: dict[str, dict[str, Any]], mode: str, key: str, name: str, unit: str
) -> tuple[str, str, str, str]:
    value, target = results[mode][key], TARGETS[key]
    if value is None:
        return name, "not measured", f"<= {target:g} {unit}", "missed"
    verdict = "met" if value <= target else "missed"
    rounds = results[mode].get("rounds", ()) if key.startswith("cpu_") else ()
    spread = f" ({min(rounds):.3g} to {max(rounds):.3g})" if len(rounds) > 1 else ""
    return name, f"{value:.3g} {unit}{spread}", f"<= {target:g} {unit}", verdict


def success(mode: str, run: dict[str, Any]) -> tuple[str, str, str, str]:
    share = 100 * run["ok"] / run["wanted"]
    why = ", ".join(f"{count} {reason}" for reason, count in run["failed"].items())
    verdict = "met" if run["ok"] == run["wanted"] else f"missed: {why}"
    return f"success, {mode}", f"{share:.5g} % of {run['wanted']}", "100 %", verdict


def facts(results: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str]]:
    times = results["digest"]["setup_ms"]
    yield "set-up, 50th/95th/99th", f"{times['p50']} / {times['p95']} / {times['p99']} ms"
    if "register" in results:
        phones = results["register"]
        yield "phones held, refused for now", f"{phones['registered']}, {phones['refused']}"
    rtp = results["media"]["rtp"]
    yield "RTP sent, lost, wrong", f"{rtp['sent']}, {rtp['lost']}, {rtp['wrong_tone']}"
    for mode, run in results.items():
        yield f"wall time, {mode}", f"{run['wall_s']:.1f} s"


def build() -> None:
    command = ["cargo", "build", "--release", "--locked", "--quiet"]
    try:
        subprocess.run(command, cwd=LOADGEN, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise LoadError(f"cannot build {LOADGEN}: {error}") from error


def raise_file_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft = FILES_MAX if hard == resource.RLIM_INFINITY else min(FILES_MAX, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def machine() -> dict[str, Any]:
    """What it is, and how quick its memory is in these minutes: that decides what a call costs."""
    command = [*on_core(0), str(LOADGEN / "target/release/loadgen"), "machine"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise LoadError(f"the machine was not measured: {ran.stderr}")
    quick: dict[str, Any] = json.loads(ran.stdout)
    del quick["event"]
    return {
        "cpus": os.cpu_count(),
        "system": platform.platform(),
        "python": sys.version.split()[0],
        **quick,
    }


def tell(what: str) -> None:
    print(f"measuring {what} ...", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
