"""What reports of a busy month cost: a million callers of queues, each rung through to an agent.

    bench/reports.py [--visits 1000000] [--database URL]

Prints CPU of this process and time on the clock; with PostgreSQL the work is the server's.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import text

from callwright.calls.visits import OfferOutcome, QueueResult
from callwright.kernel.ids import CallQueueId, UserId
from callwright.operations.reports.span import BinWidth, Span
from callwright.storage.database import Database
from callwright.storage.reports.agents import AgentReports
from callwright.storage.reports.queues import QueueReports
from callwright.storage.schema import to_us
from callwright.storage.visit_tables import AGENT_OFFER, QUEUE_VISIT

MONTH = Span(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 29, tzinfo=UTC))
QUEUES, AGENTS = 20, 200
DESK = [CallQueueId("queue7")]
AT_ONCE = 20_000
ROUNDS = 3
RESULTS = (QueueResult.AGENT_JOINED_CONFERENCE,) * 7 + (
    QueueResult.ABANDONED, QueueResult.OVERFLOWN, QueueResult.TIMED_OUT,
)  # fmt: skip
OUTCOMES = (OfferOutcome.ANSWERED,) * 7 + (
    OfferOutcome.MISSED, OfferOutcome.DECLINED, OfferOutcome.WITHDRAWN,
)  # fmt: skip
Rows = list[dict[str, object]]


def visits(chance: random.Random, numbers: range, of: int) -> Iterator[dict[str, object]]:
    month_us = (MONTH.until - MONTH.since) // timedelta(microseconds=1)
    for number in numbers:
        started_us = to_us(MONTH.since) + month_us * number // of
        result = chance.choice(RESULTS)
        is_sent = result in (QueueResult.OVERFLOWN, QueueResult.TIMED_OUT)
        yield {
            "call_id": f"call_{number:026d}",
            "number": 1,
            "queue": f"queue{chance.randrange(QUEUES)}",
            "account": "main-line",
            "started_at_us": started_us,
            "ended_at_us": started_us + chance.randrange(300_000_000),
            "result": result.value,
            "chain_index": 1,
            "agent_count": 10,
            "opted_in_count": chance.randrange(10),
            "waiting_before": chance.randrange(9),
            "priority": 3,
            "final_action": "forward" if is_sent else None,
            "target_type": "User" if is_sent else None,
            "target": f"user user{chance.randrange(5)}" if is_sent else None,
        }


def offers(chance: random.Random, rows: Rows) -> Iterator[dict[str, object]]:
    for row in rows:
        outcome = chance.choice(OUTCOMES)
        talk_us = chance.randrange(10**9) if outcome is OfferOutcome.ANSWERED else None
        yield {
            "call_id": row["call_id"],
            "visit_number": 1,
            "number": 1,
            "queue": row["queue"],
            "agent": f"agent{chance.randrange(AGENTS)}",
            "offered_at_us": row["started_at_us"],
            "ended_at_us": row["ended_at_us"],
            "outcome": outcome.value,
            "talk_us": talk_us,
        }


def fill(database: Database, count: int) -> None:
    chance = random.Random(1)
    for first in range(0, count, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, count))
        with database.writing() as connection:
            rows = list(visits(chance, numbers, count))
            connection.execute(QUEUE_VISIT.insert(), rows)
            connection.execute(AGENT_OFFER.insert(), list(offers(chance, rows)))
    with database.writing() as connection:
        connection.execute(text("ANALYZE queue_visit"))
        connection.execute(text("ANALYZE agent_offer"))


def measure(what: str, report: Callable[[], Sequence[object]]) -> None:
    best_cpu_s = best_s = float("inf")
    for _ in range(ROUNDS):
        cpu_s, s = time.process_time(), time.perf_counter()
        found = report()
        best_cpu_s = min(best_cpu_s, time.process_time() - cpu_s)
        best_s = min(best_s, time.perf_counter() - s)
    print(f"{what:32} {len(found):6} lines {best_cpu_s:6.2f} s CPU {best_s:6.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=1_000_000)
    parser.add_argument("--database", help="of PostgreSQL, empty; else files")
    options = parser.parse_args()
    hours = MONTH.bins(BinWidth.HOUR, ZoneInfo("UTC"))
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        closing(Database.open(Path(folder), url=options.database)) as database,
    ):
        began_s = time.perf_counter()
        fill(database, options.visits)
        print(f"{options.visits} callers written in {time.perf_counter() - began_s:.0f} s")
        queues, agents = QueueReports(database), AgentReports(database)
        measure("queues of a month", lambda: queues.figures(MONTH, thresholds_s={}, threshold_s=20))
        measure("their volume by hour", lambda: queues.volume(hours))
        measure("agents of a month", lambda: agents.figures(MONTH))
        measure("a queue's agents, a day by hour", lambda: agents.timeline(hours[:24], queues=DESK))
        measure("one agent by hour", lambda: agents.timeline(hours, agents=[UserId("agent7")]))


if __name__ == "__main__":
    main()
