"""A supervisor joins an agent's call: listens, whispers, barges in, takes it over (SPEC 10.3)."""

from callwright.apps import transfer
from callwright.apps.board import Board
from callwright.apps.delivery import Delivery
from callwright.apps.phrases_supervision import refused, supervisor_joins, told_mode
from callwright.apps.supervision_sessions import Session, Supervisions
from callwright.calls.leg import Leg
from callwright.calls.record import CallResult
from callwright.calls.supervised_talk import Supervision
from callwright.kernel.limits.supervision import SUPERVISION_CHANGES_NOTED_MAX
from callwright.kernel.prompt import Prompt
from callwright.kernel.reason import Reason
from callwright.kernel.supervision import SUPERVISION_KEYS, SupervisionMode
from callwright.routing.request import Supervise
from callwright.routing.supervision import supervisor_rights

UNDER_WORDS = 0.4
"""How loud the others stay while a party is told something."""
VIA = "supervision"
"""What records name beside the agent."""


async def run(board: Board, delivery: Delivery, wanted: Supervise) -> None:
    """The script of a supervisor's call, from its answer to its end."""
    call, leg, sessions = delivery.call, delivery.leg, board.supervisions
    decision = sessions.judge(wanted)
    call.note(*decision.steps)
    found = sessions.talk_of(wanted.agent)
    if decision.value is not None or found is None:
        board.give_up(delivery, decision.value or Reason.AGENT_NOT_TALKING)
        return
    if not call.answer(leg):
        return
    delivery.reached()
    call.serve(leg)
    call.settle(CallResult.ANSWERED, Reason.NORMAL)
    call.story.via, call.story.callee_user = VIA, wanted.agent
    agent_leg, watched = found
    queue = sessions.queue_of(wanted.agent, watched)
    assert queue is not None, "no other call may be supervised"
    session = Session(
        wanted.supervisor,
        wanted.agent,
        call,
        watched,
        Supervision(agent_leg, leg, wanted.mode),
        queue,
        board.clock.utc(),
    )
    sessions.begin(session)
    call.spawn(_leave_with(sessions, session))
    try:
        _tell_agent(delivery, session)
        peer = await _follow_keys(sessions, delivery, session)
    finally:
        sessions.end(session)
    if peer is None:
        board.give_up(delivery, Reason.NORMAL)
        return
    await transfer.converse(board, delivery, peer)


async def _leave_with(sessions: Supervisions, session: Session) -> None:
    """The supervisor's call ends when the agent leaves, unless the agent goes on with another
    phone, or the supervisor took its place."""
    joined = session.supervision
    while True:
        await joined.agent.wait_until_gone()
        if joined.agent.supervision is not joined:
            return
        successor = sessions.successor(session)
        if successor is None:
            session.call.end(Reason.NORMAL)
            return
        joined.follow(successor)
        session.note(f"{session.agent} goes on with another phone", "the supervisor stays")


async def _follow_keys(sessions: Supervisions, delivery: Delivery, session: Session) -> Leg | None:
    """Changes over as the keys say; returns whom the supervisor took over, None: nobody is
    there any more."""
    if session.mode is SupervisionMode.TAKEOVER:
        return _take_over(session)
    media, language = session.supervision.supervisor.media, delivery.snapshot.language
    changes = 0
    while (key := await media.next_digit()) is not None:
        mode = SUPERVISION_KEYS.get(key)
        if mode is None or mode is session.mode:
            continue
        is_allowed = sessions.may_change(session, mode).value is None
        if is_allowed and mode is SupervisionMode.TAKEOVER:
            peer = _take_over(session)
            if peer is not None:
                return peer
            is_allowed = False  # the agent is giving the caller away himself
        if not is_allowed:
            media.start_play(refused(language), under=UNDER_WORDS)
            continue
        session.supervision.switch(mode)
        sessions.changed()
        media.start_play(told_mode(mode, language), under=UNDER_WORDS)
        changes += 1
        if changes <= SUPERVISION_CHANGES_NOTED_MAX:
            session.note(f"{session.supervisor} changes over to {mode.value}", f"key {key}")
    return None


def _take_over(session: Session) -> Leg | None:
    """None: the agent talks to nobody just now."""
    peer = session.supervision.take_over(session.call)
    if peer is not None:
        session.note(f"{session.supervisor} takes the call over", f"{session.agent} is out")
    return peer


def _tell_agent(delivery: Delivery, session: Session) -> None:
    """In both records; the agent hears it where the policy says so."""
    what = f"{session.supervisor} supervises {session.agent}: {session.mode.value}"
    rights = supervisor_rights(delivery.snapshot, session.supervisor)
    if rights is None or not rights.tells_agent:
        session.note(what, "the agent is not told")
        return
    session.note(what, "the agent is told")
    told, media = supervisor_joins(delivery.snapshot.language), session.supervision.agent.media
    if media.is_playing:
        session.call.spawn(_tell_instead_of_music(session, told))
    else:
        media.start_play(told, under=UNDER_WORDS)


async def _tell_instead_of_music(session: Session, told: Prompt) -> None:
    """The caller has the agent on hold."""
    await session.supervision.agent.media.play(told)
    session.supervision.restore()
