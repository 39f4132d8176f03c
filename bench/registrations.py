"""What a registration costs: CPU of a challenge and its answer, memory of phones that are held."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from server import Server, running

HEAD = """\
organisation: {name: Bench, domain: bench.test, country: US, timezone: UTC, language: en-US}
licences: {phone-system: %d}
users:
"""
USER = "  u%02d: {name: Somebody, licences: [phone-system], sip: {password: bench-secret-%02d}}\n"
"""All of one name, so that one greeting of a mailbox is spoken, and held, for all of them."""
SETTLE_S = 2.0
"""What is written to disk half a second later belongs to the registration, too."""
IDLE_S = 3.0
FORGETTING_S = 35.0
"""Over UDP an answer is kept for 32 s, for copies of its request (RFC 3261 §17.2.2, timer J)."""

Load = Callable[..., Any]


@contextmanager
def organisation(users: int) -> Iterator[Path]:
    """A file with so many users, as bench/loadgen names them."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / "organisation.yaml"
        lines = "".join(USER % (number, number) for number in range(users))
        file.write_text(HEAD % users + lines, encoding="utf-8")
        yield file


def registrations(command: list[str], options: Any, load: Load) -> dict[str, Any]:
    """``load(server, words, planned_s)`` runs the load generator to its end."""
    with (
        organisation(options.reg_users) as file,
        running([*command, "--org", str(file)], idle_s=IDLE_S) as server,
    ):
        return measured(server, options, load)


def measured(server: Server, options: Any, load: Load) -> dict[str, Any]:
    """A phone for each user for the CPU, then as many as are to be held."""
    runs, costs = [], []
    rate, users, phones = options.reg_rate, options.reg_users, options.registered
    for _ in range(options.rounds):
        before = server.usage()
        run = load(server, register(options, phones=users), users / rate)
        time.sleep(SETTLE_S)
        cpu_s = server.cpu_s_between(before, server.usage())
        costs.append(1_000 * cpu_s / max(1, run.result["ok"]))
        runs.append(run.result)
    runs.append(load(server, register(options, phones=phones), phones / rate).result)
    time.sleep(FORGETTING_S)
    return {
        "cpu_ms_per_registration": statistics.median(costs),
        "rounds": costs,
        "registered": runs[-1]["ok"],
        "mb_held": server.usage().rss_kb / 1_024,
        "attempted": sum(run["attempted"] for run in runs),
        "ok": sum(run["ok"] for run in runs),
        "wanted": options.rounds * users + phones,
        "failed": {"silent": sum(run["failed"]["silence"] for run in runs)},
        "refused": sum(run["refused"] for run in runs),
        "wall_s": sum(run["wall_s"] for run in runs),
    }


def register(options: Any, *, phones: int) -> list[str]:
    return [
        "register", "--target", f"127.0.0.1:{options.port}", "--users", str(options.reg_users),
        "--phones", str(phones), "--rate", str(options.reg_rate), "--rounds", "1",
        "--algorithm", options.reg_algorithm,
    ]  # fmt: skip
