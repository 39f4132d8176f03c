"""Forks a node at each line it reads; the node works until somebody kills it.

The node tells on stdout what was confirmed to it, one act a line.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from callwright.calls.record import CallRecord, CallResult, Direction
from callwright.kernel.ids import CallId
from callwright.kernel.money import Money
from callwright.kernel.reason import Reason
from callwright.storage.database import Database
from callwright.storage.recovery import recover
from callwright.storage.worker import StorageWorker

AT = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)
PRICE = Money(70_000, "USD")
LINES_AT_ONCE = 5


def tell(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


async def call(worker: StorageWorker, call_id: CallId) -> None:
    key = f"{call_id}/1"
    worker.record_started(call_id, AT, "101", "+4930123456", Direction.OUTBOUND)
    for slice_number in range(3):
        if await worker.wallet.reserve(key, slice_number, PRICE):
            tell("reserved", key, slice_number)
    await worker.wallet.settle(key, PRICE)
    tell("settled", key)
    worker.record_ended(
        CallRecord(
            id=call_id,
            started_at=AT,
            answered_at=AT,
            ended_at=AT,
            caller="101",
            callee="+4930123456",
            direction=Direction.OUTBOUND,
            result=CallResult.ANSWERED,
            sip_status=200,
            reason=Reason.NORMAL,
            charge=PRICE,
        )
    )
    await worker.flush()
    tell("recorded", call_id)


async def line(worker: StorageWorker, name: str) -> None:
    number = 0
    while True:
        await call(worker, CallId(f"call_{name}_{number}"))
        number += 1


async def node(data: Path, name: str) -> None:
    database = Database.open(data)
    recover(database, AT)
    worker = StorageWorker(database, utc=lambda: AT, new_id=lambda: "unused")
    worker.ledger.top_up(f"for {name}", Money(100_000_000, "USD"), None, AT)
    await asyncio.gather(*(line(worker, f"{name}_{each}") for each in range(LINES_AT_ONCE)))


def main() -> None:
    data = Path(sys.argv[1])
    for name in sys.stdin:
        child = os.fork()
        if child == 0:
            tell("node", os.getpid())
            asyncio.run(node(data, name.strip()))
        os.waitpid(child, 0)
        tell("dead")


if __name__ == "__main__":
    main()
