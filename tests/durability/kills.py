"""Kills nodes by the thousand: ``make kills`` does so on both databases, and prints the toll.

    python -m tests.durability.kills --kills 1000             half on SQLite, half on PostgreSQL
    python -m tests.durability.kills --kills 25 --seed 417    one series again, as it was

Kills come in series of SERIES on one database each; a series has a seed. Exit status 1: in some
series an act was lost or half done; what it left is kept for a look. SIGINT or SIGTERM ends it, and
prints the toll of the series that are done.
"""

# ruff: noqa: T201 (it is a program, and prints)

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import structlog
from tests.contract.storage.conftest import Cluster, server_programs
from tests.durability.killing import Toll, rounds

SERIES = 25
SILENT = 50


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0, help="of the first series")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(SILENT))
    databases = ["sqlite", "postgresql"] if options.database == "both" else [options.database]
    failed = False
    for database in databases:
        kills = options.kills // len(databases)
        failed |= not many(database, kills, options.seed)
    return 1 if failed else 0


def many(database: str, kills: int, seed: int) -> bool:
    """Whether everything held."""
    toll, failures, began_s = Toll(), 0, time.monotonic()
    with servers_of(database) as server:
        for series, first in enumerate(range(0, kills, SERIES), start=seed):
            left = Path(tempfile.mkdtemp(prefix=f"callwright-kills-{series}-"))
            url = None if server is None else server.new_url()
            count = min(SERIES, kills - first)
            try:
                toll.add(rounds(left / "system", url, count, Random(series), server=server))
            except KeyboardInterrupt:
                shutil.rmtree(left, ignore_errors=True)
                break
            except AssertionError as error:
                failures += 1
                print(f"\n{database}, seed {series}: {error}\n  left in {left}", file=sys.stderr)
            else:
                shutil.rmtree(left)
            done = first + count
            print(f"\r{database}: {done} of {kills} kills, {failures} series failed", end="",
                  file=sys.stderr, flush=True)  # fmt: skip
    print(file=sys.stderr)
    print(table(database, toll, (time.monotonic() - began_s) / 60), flush=True)
    return not failures


@contextmanager
def servers_of(database: str) -> Iterator[Cluster | None]:
    if database == "sqlite":
        yield None
        return
    programs = server_programs()
    if programs is None:
        sys.exit("initdb, pg_ctl and postgres are not installed; see --database sqlite")
    cluster = Cluster(programs)
    try:
        yield cluster
    finally:
        cluster.stop()


def table(database: str, toll: Toll, minutes: float) -> str:
    rows = [(f"{database}: kills", toll.kills.total())]
    rows += [(f"  {point}", number) for point, number in sorted(toll.kills.items())]
    rows += [("acts confirmed, all there", toll.confirmed.total())]
    rows += [(f"  {act}", number) for act, number in sorted(toll.confirmed.items())]
    rows += [
        ("calls that recovery closed", toll.calls_closed),
        ("reservations that it settled or released", toll.reservations_closed),
        ("sounds without a message that it removed", toll.sounds_removed),
        ("minutes", round(minutes, 1)),
    ]
    return "\n".join(f"{what:<44} {number:>8}" for what, number in rows)


if __name__ == "__main__":
    sys.exit(main())
