"""Reports of a day in the virtual world say what its phones saw, and what its records hold."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from tests.world.contoso_scene import CONTOSO

from callwright.calls.record import CallRecord
from callwright.calls.record_form import record_form
from callwright.calls.visits import (
    AttendantResult,
    OfferOutcome,
    QueueResult,
    QueueVisit,
    TransferAction,
)
from callwright.domains.queues.model import CallQueue, ExceptionAction
from callwright.kernel.ids import CallQueueId, UserId
from callwright.kernel.target import Disconnect
from callwright.operations.organisation_file import Organisation
from callwright.operations.reports.figures import (
    ANSWERED,
    AgentFigures,
    AttendantFigures,
    QueueFigures,
)
from callwright.operations.reports.span import Span
from callwright.operations.reports.usage import UsageReport
from callwright.routing.snapshot import Snapshot
from callwright.storage.call_records import CallRecords
from callwright.storage.database import Database
from callwright.storage.reports.agents import AgentReports
from callwright.storage.reports.attendants import AttendantReports
from callwright.storage.reports.queues import QueueReports
from callwright.testing.agent import Answer, Decline, Reaction, Ring
from callwright.testing.builders import (
    RECEPTION,
    SUPPORT,
    contoso_queues,
    contoso_snapshot,
    reception,
    weekly_hours,
)
from callwright.testing.world import World, play

SUPPORT_NUMBER, SALES_NUMBER = "+14255550151", "+14255550152"
RECEPTION_NUMBER = "+14255550150"
NEVER = weekly_hours(())
AGENTS = ("alice", "bob")
CALLERS = 40


@dataclass(slots=True)
class Day:
    """What was written, and what phones saw."""

    records: Sequence[CallRecord] = ()
    callers: int = 0
    rung: Counter[str] = field(default_factory=Counter)
    """Calls to each agent's phone."""
    taken: Counter[str] = field(default_factory=Counter)
    """Those that it answered."""


@dataclass(frozen=True, slots=True)
class Told:
    queues: dict[str, QueueFigures]
    agents: list[AgentFigures]
    attendants: dict[str, AttendantFigures]

    def count(self, queue: str, result: QueueResult) -> int:
        stay = self.queues[queue].stays.get(result)
        return 0 if stay is None else stay.count


def told(folder: Path, records: Sequence[CallRecord]) -> Told:
    """What reports say of these calls."""
    span = Span(records[0].started_at - timedelta(days=1), records[-1].ended_at)
    with closing(Database.open(folder)) as database:
        CallRecords(database).add(records)
        queues = QueueReports(database).figures(span, thresholds_s={}, threshold_s=20)
        agents = AgentReports(database).figures(span)
        attendants = AttendantReports(database).figures(span)
    return Told(
        {figures.queue: figures for figures in queues},
        agents,
        {figures.attendant: figures for figures in attendants},
    )


def support(**fields: object) -> Snapshot:
    queues = contoso_queues()
    changed: CallQueue = replace(queues[SUPPORT], **fields)  # type: ignore[arg-type]
    return contoso_snapshot(queues={**queues, CallQueueId("support"): changed})


async def busy_hour(world: World) -> Day:
    """Callers with and without patience, agents with and without manners."""
    chance = world.loop.random
    team = [await world.phone(name) for name in AGENTS]

    async def live(number: str) -> None:
        await asyncio.sleep(chance.uniform(0, 3_600))
        for phone in team:
            moods: tuple[Reaction, ...] = (Answer(chance.uniform(0.5, 14)), Decline(), Ring())
            phone.reaction = chance.choices(moods, (6, 1, 2))[0]
        caller = f"+1206555{chance.randrange(1_000, 9_999)}"
        call = world.carrier("sbc1").call(number, calling=caller)
        await asyncio.sleep(chance.uniform(1, 120))
        call.hang_up()

    async with asyncio.TaskGroup() as callers:
        for _ in range(CALLERS):
            callers.create_task(live(chance.choice((SUPPORT_NUMBER, SALES_NUMBER))))
    await world.settle()
    day = Day(tuple(world.journal.records), callers=CALLERS)
    for phone in team:
        day.rung[phone.user] = len(phone.calls)
        day.taken[phone.user] = sum(call.status == 200 for call in phone.calls)
    return day


@pytest.mark.row(263)
@pytest.mark.row(264)
@pytest.mark.parametrize("seed", range(3))
def test_a_busy_hour_is_told_as_it_was(tmp_path: Path, seed: int) -> None:
    day = play(busy_hour, seed=seed)
    found = told(tmp_path, day.records)
    visits = [v for r in day.records for v in r.visits if isinstance(v, QueueVisit)]
    assert sum(figures.offered for figures in found.queues.values()) == day.callers == len(visits)
    for name, figures in found.queues.items():
        theirs = [visit for visit in visits if visit.queue == name]
        assert {result: stay.count for result, stay in figures.stays.items()} == Counter(
            visit.result for visit in theirs
        )
        waits = [visit.wait_s for visit in theirs if visit.result in ANSWERED]
        assert figures.answered.total_s == pytest.approx(sum(waits))
    presented, rung, taken = Counter[str](), Counter[str](), Counter[str]()
    for each in found.agents:
        presented[each.agent] += each.presented
        rung[each.agent] += each.presented + each.withdrawn
        taken[each.agent] += each.answered
        assert each.presented == each.answered + each.missed
    assert rung == day.rung
    assert taken == day.taken
    answered = sum(figures.answered.count for figures in found.queues.values())
    assert answered == taken.total() > 0
    assert presented.total() > answered


@pytest.mark.row(263)
def test_how_callers_left_a_queue_is_counted_right(tmp_path: Path) -> None:
    """One is answered, one gives up, one is one too many, one waits too long."""

    async def scene(world: World) -> Sequence[CallRecord]:
        alice = await world.phone("alice")
        carrier = world.carrier("sbc1")
        alice.reaction = Answer(after_s=1)
        served = carrier.call(SUPPORT_NUMBER, calling="+12065550101")
        await served.until_hears("alice", within_s=20)
        waiting = carrier.call(SUPPORT_NUMBER, calling="+12065550102")
        await waiting.answered()
        surplus = carrier.call(SUPPORT_NUMBER, calling="+12065550103")
        await surplus.ended(within_s=5)
        await asyncio.sleep(10)
        waiting.hang_up()
        await waiting.ended()
        late = carrier.call(SUPPORT_NUMBER, calling="+12065550104")
        await late.ended(within_s=90)
        served.hang_up()
        await world.settle()
        return tuple(world.journal.records)

    timeout = ExceptionAction(Disconnect())
    records = play(scene, organisation=support(max_waiting=1, timeout_s=60, timeout=timeout))
    found = told(tmp_path, records)
    figures = found.queues["support"]
    assert figures.answered.count == 1
    assert found.count("support", QueueResult.ABANDONED) == 1
    assert found.count("support", QueueResult.OVERFLOWN) == 1
    assert found.count("support", QueueResult.TIMED_OUT) == 1
    assert figures.offered == 4
    assert figures.abandoned.mean_s == pytest.approx(10, abs=2)
    assert figures.longest_wait_s == pytest.approx(60, abs=1)
    assert {(each.why, each.action) for each in figures.destinations} == {
        (QueueResult.OVERFLOWN, "disconnect_with_busy"),
        (QueueResult.TIMED_OUT, "disconnect"),
    }


@pytest.mark.row(264)
def test_an_agent_who_lets_it_ring_missed_a_call_and_one_who_was_too_slow_did_not(
    tmp_path: Path,
) -> None:
    async def scene(world: World) -> Sequence[CallRecord]:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        alice.reaction, bob.reaction = Ring(), Answer(after_s=2)
        first = world.carrier("sbc1").call(SALES_NUMBER, calling="+12065550101")
        await first.until_hears("bob", within_s=20)
        await first.talk_for(30)
        first.hang_up()
        await world.record()
        bob.reaction = Ring()
        second = world.carrier("sbc1").call(SALES_NUMBER, calling="+12065550102")
        await asyncio.sleep(20)
        second.hang_up()
        await world.settle()
        return tuple(world.journal.records)

    records = play(scene)
    alice, bob = told(tmp_path, records).agents
    assert (alice.agent, bob.agent) == AGENTS
    assert (alice.answered, bob.answered) == (0, 1)
    assert alice.missed >= 1
    assert alice.withdrawn >= 1
    assert bob.missed >= 1
    assert bob.talk.mean_s == pytest.approx(30, abs=1)
    offers = [o for r in records for v in r.visits if isinstance(v, QueueVisit) for o in v.offers]
    assert sum(o.outcome is OfferOutcome.ANSWERED for o in offers) == 1
    assert {UserId(o.agent) for o in offers} == set(map(UserId, AGENTS))


@pytest.mark.row(262)
def test_how_callers_left_an_attendant_is_counted_right(tmp_path: Path) -> None:
    """Each key leads to an end of its own; one caller hangs up, one comes when it is closed."""
    ends = {
        "1": AttendantResult.TRANSFERRED_TO_QUEUE,
        "2": AttendantResult.TRANSFERRED_TO_USER,
        "9": AttendantResult.TRANSFER_IN_PROGRESS,
        "0": AttendantResult.TRANSFERRED_TO_OPERATOR,
        "": AttendantResult.USER_TERMINATED,
    }

    async def scene(world: World) -> Sequence[CallRecord]:
        for name in AGENTS:
            (await world.phone(name)).reaction = Answer(after_s=1)
        for key in ends:
            call = world.carrier("sbc1").call(RECEPTION_NUMBER, calling="+12065550101")
            await call.answered()
            await asyncio.sleep(4)
            await call.press(key)
            await asyncio.sleep(8)
            call.hang_up()
            await call.ended()
        await world.settle()
        await world.use(contoso_snapshot(attendants={RECEPTION: reception(hours=NEVER)}))
        call = world.carrier("sbc1").call(RECEPTION_NUMBER, calling="+12065550101")
        await call.ended(within_s=30)
        await world.settle()
        return tuple(world.journal.records)

    figures = told(tmp_path, play(scene)).attendants["reception"]
    assert {result: stay.count for result, stay in figures.stays.items()} == {
        **dict.fromkeys(ends.values(), 1),
        AttendantResult.TERMINATED_AUTOMATIC_SELECTION: 1,
    }
    sent = {each.why: each.target for each in figures.destinations}
    assert sent[TransferAction.QUEUE] == "queue support"
    assert figures.all.count == len(ends) + 1
    assert figures.stays[AttendantResult.USER_TERMINATED].mean_s == pytest.approx(12, abs=1)


@pytest.mark.row(269)
def test_calls_that_a_transfer_joined_share_an_id_in_the_usage_report() -> None:
    """A caller from outside is handed over to somebody outside whom alice called herself."""

    async def scene(world: World) -> Sequence[CallRecord]:
        alice, outside = await world.phone("alice"), world.carrier("sbc1")
        other = outside.call("+14255550103", calling="+12065550102")
        await other.settled()
        customer = outside.call("+14255550101", calling="+12065550101")
        at_alice = await alice.rings()
        at_alice.answer()
        await customer.until_hears("alice")
        outside.reaction = Answer(after_s=1)
        onward = await alice.dial("+12065550177")
        await onward.answered()
        assert await at_alice.transfer_to(onward) == 200
        await asyncio.sleep(5)
        customer.hang_up()
        await world.settle()
        return tuple(world.journal.records)

    report = UsageReport(Organisation.model_validate(yaml.safe_load(CONTOSO.read_text())))
    rows = [report.direct_routing_row(record) for record in play(scene)]
    pair = [row for row in rows if row["object_id"] == "alice"]
    assert [row["call_type"] for row in pair] == ["dr_in", "dr_out"]
    assert pair[0]["correlation_id"] != pair[1]["correlation_id"]
    assert len({row["shared_correlation_id"] for row in pair}) == 1
    assert {row["shared_correlation_id"] for row in rows if row not in pair}.isdisjoint(
        row["shared_correlation_id"] for row in pair
    )


def test_queue_calls_stand_in_the_call_log_with_their_wait_ring_and_talk() -> None:
    """Elsewhere the log had no ring and talk time, and queue calls were missing from it
    (FreePBX/issue-tracker#284, #590)."""

    async def scene(world: World) -> CallRecord:
        alice = await world.phone("alice")
        alice.reaction = Answer(after_s=6)
        call = world.carrier("sbc1").call(SALES_NUMBER, calling="+12065550101")
        await call.until_hears("alice", within_s=20)
        await call.talk_for(30)
        call.hang_up()
        return await world.record()

    shown = record_form(play(scene))
    (visit,) = cast("list[dict[str, Any]]", shown["visits"])
    (offer,) = visit["offers"]
    assert (visit["queue"], visit["agent"], offer["agent"]) == ("sales", "alice", "alice")
    assert offer["ring_s"] == pytest.approx(6, abs=0.5)
    assert visit["wait_s"] == pytest.approx(offer["ring_s"], abs=0.5)
    assert offer["talk_s"] == pytest.approx(30, abs=0.5)
