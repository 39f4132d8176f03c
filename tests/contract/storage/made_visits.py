"""Calls with visits that a seed decides, as a busy month has them."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from callwright.calls.record import CallRecord, CallResult, Direction
from callwright.calls.visits import (
    AgentOffer,
    AttendantFlow,
    AttendantResult,
    AttendantVisit,
    FinalAction,
    OfferOutcome,
    QueueResult,
    QueueVisit,
    TargetType,
    TransferAction,
    Visit,
)
from callwright.kernel.ids import AutoAttendantId, CallId, CallQueueId, UserId
from callwright.kernel.reason import Reason

SINCE = datetime(2025, 3, 1, tzinfo=UTC)
DAYS = 28
QUEUES = [CallQueueId(name) for name in ("sales", "support", "billing")]
AGENTS = [UserId(name) for name in ("bob", "carol", "dave", "erin")]
ATTENDANTS = [AutoAttendantId(name) for name in ("night", "reception")]
PLAIN = CallRecord(
    id=CallId("call_made"),
    started_at=SINCE,
    answered_at=SINCE,
    ended_at=SINCE,
    caller="+12065550199",
    callee="+14255550150",
    direction=Direction.INBOUND,
    result=CallResult.ANSWERED,
    sip_status=200,
    reason=Reason.NORMAL,
    charge=None,
)


def made_records(seed: int, count: int) -> Iterator[CallRecord]:
    chance = random.Random(seed)
    for number in range(count):
        at = SINCE + timedelta(seconds=chance.uniform(0, DAYS * 86_400))
        visits: list[Visit] = []
        if chance.random() < 0.5:
            visits.append(attendant_visit(chance, at))
        visits += [queue_visit(chance, at) for _ in range(chance.choice((0, 1, 1, 2)))]
        name = CallId(f"call_{number:026d}")
        yield replace(PLAIN, id=name, started_at=at, ended_at=at, visits=tuple(visits))


def attendant_visit(chance: random.Random, at: datetime) -> AttendantVisit:
    is_sent = chance.random() < 0.7
    return AttendantVisit(
        attendant=chance.choice(ATTENDANTS),
        account=None,
        started_at=at,
        ended_at=at + timedelta(seconds=chance.uniform(0, 60)),
        result=chance.choice(list(AttendantResult)),
        flow=chance.choice(list(AttendantFlow)),
        actions=chance.randrange(4),
        chain_index=1,
        transfer=chance.choice(list(TransferAction)) if is_sent else None,
        target=f"user {chance.choice(AGENTS)}" if is_sent else None,
    )


def queue_visit(chance: random.Random, at: datetime) -> QueueVisit:
    result = chance.choice([*QueueResult, QueueResult.TRANSFERRED_TO_AGENT])
    is_sent = result in (QueueResult.OVERFLOWN, QueueResult.TIMED_OUT, QueueResult.NO_AGENTS)
    return QueueVisit(
        queue=chance.choice(QUEUES),
        account=None,
        started_at=at,
        ended_at=at + timedelta(seconds=round(chance.uniform(0, 90), 3)),
        result=result,
        chain_index=1,
        agent_count=len(AGENTS),
        opted_in_count=chance.randrange(len(AGENTS)),
        waiting_before=chance.randrange(5),
        priority=3,
        offers=tuple(_offer(chance, at) for _ in range(chance.randrange(4))),
        final_action=chance.choice(list(FinalAction)) if is_sent else None,
        target_type=chance.choice([*TargetType, None]) if is_sent else None,
        target=chance.choice(["user alice", None]) if is_sent else None,
    )


def _offer(chance: random.Random, at: datetime) -> AgentOffer:
    outcome = chance.choice(list(OfferOutcome))
    rung_at = at + timedelta(seconds=chance.uniform(0, 60))
    talk_s = round(chance.uniform(0, 600), 3) if outcome is OfferOutcome.ANSWERED else None
    return AgentOffer(chance.choice(AGENTS), rung_at, rung_at, outcome, talk_s)
