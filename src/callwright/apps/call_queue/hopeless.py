"""Who waits in vain: the queue is gone, or nobody is there to answer."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from callwright.apps.call_queue.ticket import Fate, Ticket
from callwright.domains.queues.model import CallQueue, NoAgentsFor
from callwright.kernel.ids import CallQueueId


def hopeless_waits(
    lines: Mapping[CallQueueId, Sequence[Ticket]],
    configured: Callable[[CallQueueId], CallQueue | None],
    is_staffed: Callable[[CallQueue], bool],
) -> Iterator[tuple[Ticket, Fate]]:
    """Row 140: the last agent goes, and who waits goes, too. Who hung up and waits to be called
    does not: it costs them nothing, and phones come back, above all after a restart."""
    for name, line in lines.items():
        queue = configured(name)
        if queue is None:
            yield from ((ticket, Fate.CLOSED) for ticket in line)
        elif queue.no_agents is None or queue.no_agents_for is NoAgentsFor.NEW:
            continue
        elif not is_staffed(queue):
            yield from ((ticket, Fate.NO_AGENTS) for ticket in line if not ticket.is_away)
