"""The watch over a floor whose offers were broken on purpose: it finds, repairs and tells."""

from tests.model.queue_phones import PhoneLeg, Phones, SteppedClock

from callwright.apps.call_queue.floor import Floor
from callwright.apps.call_queue.reconciler import Reconciler
from callwright.apps.call_queue.ticket import Guest, Ticket
from callwright.domains.queues.model import CallQueue
from callwright.domains.queues.reconciliation import Fault, Finding
from callwright.kernel.ids import CallId, CallQueueId, UserId
from callwright.kernel.limits.agents import RECONCILE_S
from callwright.kernel.limits.supervision import QUEUE_NEWS_S

NOTICED_S = QUEUE_NEWS_S + RECONCILE_S
"""The watch is told that somebody waits, and looks then."""
AGENT = UserId("a")
QUEUE = CallQueue(CallQueueId("support"), "support", (AGENT,), alert_s=15)


class Rig:
    def __init__(self) -> None:
        self.clock = SteppedClock()
        self.phones = Phones(self.clock)
        self.floor = Floor(self.phones, self.clock, lambda queue: (queue, ()))
        self.found: list[Finding] = []
        self.reconciler = Reconciler(self.floor, self.found.append)
        self.floor.follow({QUEUE.id: QUEUE})

    def caller(self, name: str) -> Ticket:
        ticket = self.floor.join(QUEUE, Guest(CallId(name), "+1", None, 3))
        self.floor.make_ready(ticket)
        return ticket

    def wait(self, seconds: float) -> None:
        for callback in self.clock.due(self.clock.monotonic() + seconds):
            callback()


def test_an_agent_who_stays_reserved_is_freed_and_rings_for_the_next() -> None:
    """freeswitch#2540: agents stayed "reserved" for ever."""
    rig = Rig()
    first, second = rig.caller("call_1"), rig.caller("call_2")
    assert list(first.ringing) == [AGENT]  # and no script ever rings the phone, or gives up
    rig.wait(19.0)
    assert rig.found == []
    rig.floor.leave(second)
    rig.wait(NOTICED_S)
    assert rig.found == [Finding(Fault.FORGOTTEN_OFFER, CallId("call_1"), AGENT)]
    assert list(first.ringing) == [AGENT], "offered anew"


def test_a_silent_change_is_noticed_within_seconds() -> None:
    """freeswitch#1641: callers waited beside free agents until somebody restarted the queue."""
    rig = Rig()
    rig.phones.up.clear()
    ticket = rig.caller("call_1")
    assert not ticket.ringing
    rig.phones.up.add(AGENT)  # nobody tells the floor
    rig.wait(NOTICED_S)
    assert list(ticket.ringing) == [AGENT]
    assert rig.found == []


def test_nothing_is_found_while_agents_talk_and_callers_wait() -> None:
    rig = Rig()
    rig.phones.add(PhoneLeg(AGENT))
    rig.caller("call_1")
    rig.wait(600.0)
    assert rig.found == []
    assert rig.reconciler.oldest_idle_wait_s() == 0.0
