"""Storms of calls in virtual time, on every core: `make soak` runs a thousand seeds of them.

    soak.py --seeds 1000              half of them lose 5 % of the datagrams, half 20 %
    soak.py --seed 417 --calls 100    one storm; shows what does not hold, with its ladder

A storm is `callwright.testing.storm`: a hundred calls of every kind, crashes of phones and carriers
among them. The same seed is the same storm. Exit status 1: something did not hold.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed

import structlog

from callwright.testing.network import Conditions
from callwright.testing.storm import CALLS, HEAVY, LIGHT, play_storm

SILENT = 50
"""The node warns of gateways and emergencies all the time, and has reason to."""
FAILURES_SHOWN_MAX = 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed (default 0)")
    parser.add_argument("--seed", type=int, help="this storm only")
    parser.add_argument("--calls", type=int, default=CALLS, help="in each storm")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(SILENT))
    if options.seed is not None:
        counted = play_storm(options.seed, conditions_of(options.seed), calls=options.calls)
        print(table(counted))
        return 0
    return soak(range(options.first, options.first + options.seeds), options)


def conditions_of(seed: int) -> Conditions:
    return HEAVY if seed % 2 else LIGHT


def soak(seeds: range, options: argparse.Namespace) -> int:
    total: Counter[str] = Counter()
    failed: dict[int, str] = {}
    started_s = time.monotonic()
    spawn = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(options.jobs, mp_context=spawn) as pool:
        running = [pool.submit(attempt, seed, options.calls) for seed in seeds]
        for done, future in enumerate(as_completed(running), start=1):
            seed, counted, failure = future.result()
            total += counted
            if failure:
                failed[seed] = failure
                tell_failure(
                    seed, failure, options.calls, is_shown=len(failed) <= FAILURES_SHOWN_MAX
                )
            tell_progress(done, len(seeds), len(failed), started_s)
    print(table(total))
    minutes = (time.monotonic() - started_s) / 60
    held = len(seeds) - len(failed)
    print(f"{held} of {len(seeds)} storms of {options.calls} calls held, {minutes:.1f} min")
    return 1 if failed else 0


def attempt(seed: int, calls: int) -> tuple[int, Counter[str], str]:
    """Runs in a process of the pool."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(SILENT))
    try:
        return seed, play_storm(seed, conditions_of(seed), calls=calls), ""
    except BaseExceptionGroup as group:
        return seed, Counter(), "\n".join(map(repr, group.exceptions))
    except Exception as error:
        return seed, Counter(), str(error) or repr(error)


def tell_failure(seed: int, failure: str, calls: int, *, is_shown: bool) -> None:
    print(f"\nseed {seed}: {failure.partition(chr(10))[0]}")
    print(f"  again: .venv/bin/python tools/soak.py --seed {seed} --calls {calls}")
    if is_shown:
        print(failure)


def tell_progress(done: int, wanted: int, failed: int, started_s: float) -> None:
    if sys.stderr.isatty() or done % 50 == 0 or done == wanted:
        ending = "\r" if sys.stderr.isatty() and done < wanted else "\n"
        each_s = (time.monotonic() - started_s) / done
        text = f"{done} of {wanted} storms, {failed} failed, {each_s:.2f} s each"
        print(text, end=ending, file=sys.stderr, flush=True)


def table(counted: Counter[str]) -> str:
    return "\n".join(f"{count:>8} {name}" for name, count in sorted(counted.items()))


if __name__ == "__main__":
    sys.exit(main())
