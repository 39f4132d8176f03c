"""Forks a node at each line it reads; the node works until somebody kills it.

A line is ``<name> <number of the point at which it kills itself, or 0>``. A fork has everything
imported: a thousand nodes can be born and killed within minutes. Nodes tell on stdout what was
confirmed to them; ``victim.py DATA [URL]``.
"""

import asyncio
import os
import sys
from pathlib import Path

import psycopg as psycopg  # imported once, not in each node
import structlog
from tests.durability.life import Life, utc, write_line
from tests.durability.trap import TrappedDatabase

from callwright.storage.recovery import recover

SILENT = 50


def node(data: Path, url: str | None, name: str, trap: int) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(SILENT))
    tell = write_line(1)
    tell("node", os.getpid())
    database = TrappedDatabase.open(data, url=url)
    if trap:
        database.arm(trap, tell)
    recover(database, utc())

    async def live() -> None:
        await Life(database, name, tell).run()

    asyncio.run(live())


def main() -> None:
    data, url = Path(sys.argv[1]), (sys.argv[2] if len(sys.argv) > 2 else None)
    for line in sys.stdin:
        name, trap = line.split()
        child = os.fork()
        if child == 0:
            node(data, url, name, int(trap))
        os.waitpid(child, 0)
        os.write(1, b"dead\n")


if __name__ == "__main__":
    main()
