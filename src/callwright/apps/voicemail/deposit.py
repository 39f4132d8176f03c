"""Answers for somebody who does not: greeting, beep, and a message until silence, a key, the limit
or a hang-up; or what else the mailbox's rule says (SPEC 8.9)."""

import asyncio
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from callwright.apps.board import Board
from callwright.apps.delivery import Delivery
from callwright.apps.services import Message
from callwright.apps.voicemail import phrases
from callwright.apps.voicemail.services import MessageNotKept
from callwright.calls.leg import Party
from callwright.calls.record import CallResult
from callwright.domains.voicemail.model import AnswerRule, Mailbox, TranscriptState, VoicemailPolicy
from callwright.domains.voicemail.rules import AnswerPlan, is_full, languages_of, plan_answer
from callwright.domains.voicemail.rules import wants_transcript as wants_transcript_of
from callwright.kernel.decision import Step
from callwright.kernel.ids import UserId
from callwright.kernel.limits.voicemail import VOICEMAIL_KEY_WAIT_S, VOICEMAIL_SILENCE_S
from callwright.kernel.prompt import Tune
from callwright.kernel.reason import Reason
from callwright.media.events import RecordEnd, RecordFinished
from callwright.routing.mailboxes import voicemail_policy
from callwright.routing.request import LeaveVoicemail
from callwright.routing.wording import target_text

MESSAGE_S_MIN = 0.5
"""Shorter than this is a hang-up, not a message."""


async def take_message(board: Board, delivery: Delivery, wanted: LeaveVoicemail) -> None:
    snapshot, call, leg = delivery.snapshot, delivery.call, delivery.leg
    mailbox = snapshot.mailboxes[wanted.mailbox]
    policy = voicemail_policy(snapshot, mailbox)
    choice, held = await board.messages.met(mailbox.id)
    plan = plan_answer(
        mailbox,
        policy,
        choice,
        language=snapshot.language,
        zone=snapshot.zone,
        now=board.clock.utc(),
    )
    call.note(Step(f"{mailbox.id} is {plan.because}", f"the mailbox answers: {plan.rule.value}"))
    if plan.rule is AnswerRule.DECLINE:
        board.give_up(delivery, Reason.CALLEE_DECLINED)
        return
    if not call.answer(leg):
        return
    delivery.reached()
    call.settle(CallResult.VOICEMAIL, Reason.NORMAL)
    call.story.via = call.story.via or f"voicemail of {mailbox.id}"
    language = languages_of(mailbox, policy, snapshot.language)[0]
    if plan.rule.takes_messages and is_full(policy, held):
        await leg.media.play(phrases.full(language))
        board.give_up(delivery, Reason.VOICEMAIL_FULL)
        return
    if await _greet(delivery, plan, skips_greeting=wanted.skips_greeting):
        await _transfer(board, delivery, mailbox, plan)
        return
    if plan.rule.takes_messages:
        await leg.media.play(Tune.BEEP)
        ended = await _record(board, delivery, _Intake(mailbox, policy, plan, wanted))
        if ended.end is RecordEnd.FAILED:
            await leg.media.play(phrases.not_recorded(language))
    call.settle(CallResult.VOICEMAIL, Reason.NORMAL)
    call.drop(leg, Reason.NORMAL)


async def _greet(delivery: Delivery, plan: AnswerPlan, *, skips_greeting: bool) -> bool:
    """True: the caller pressed the key that leads on. Any other key goes to the beep."""
    media = delivery.leg.media
    around = [plan.preamble, plan.postamble]
    before, after = ([part] if part is not None else [] for part in around)
    greeting = [] if skips_greeting else list(plan.greeting)
    media.forget_digits()
    if plan.is_mandatory:
        await media.play(*before)
        media.forget_digits()
    else:
        greeting = [*before, *greeting, *after]
    is_pressed = await media.play_until_digit(*greeting) if greeting else False
    key = await media.next_digit(0) if is_pressed else None
    if key is None and plan.rule is AnswerRule.PROMPT_OR_TRANSFER:
        key = await media.next_digit(VOICEMAIL_KEY_WAIT_S)
    if plan.transfer_to is not None and key == plan.transfer_key:
        return True
    if plan.is_mandatory:
        await media.play(*after)
    media.forget_digits()
    return False


async def _transfer(board: Board, delivery: Delivery, mailbox: Mailbox, plan: AnswerPlan) -> None:
    assert plan.transfer_to is not None, "a key that leads nowhere was not taken"
    towards = target_text(plan.transfer_to)
    delivery.call.note(Step(f"the call goes on to {towards}", "the caller pressed the key for it"))
    await board.send_to(delivery.forwarded_by(UserId(mailbox.id)), plan.transfer_to)


class _Intake:
    """One message that is being taken."""

    def __init__(
        self, mailbox: Mailbox, policy: VoicemailPolicy, plan: AnswerPlan, wanted: LeaveVoicemail
    ) -> None:
        self.mailbox = mailbox.id
        self.is_protected = mailbox.is_protected
        self.length_s = plan.message_s_max
        asked = wanted.is_transcribed
        wants_transcript = (
            wants_transcript_of(mailbox, policy)
            if asked is None
            else asked and policy.transcription
        )
        self.transcript = TranscriptState.WAITING if wants_transcript else TranscriptState.NONE

    def message(self, party: Party, received_at: datetime, path: Path) -> Message:
        """Of no length yet."""
        return Message(
            mailbox=self.mailbox,
            caller=party.shown_address,
            caller_name=party.shown_name,
            received_at=received_at,
            duration_s=0.0,
            path=path,
            is_protected=self.is_protected,
            transcript_state=self.transcript,
        )


async def _record(board: Board, delivery: Delivery, intake: _Intake) -> RecordFinished:
    """The hang-up that cancels this is the usual end of a message: it is stored all the same."""
    path = board.messages.new_path(intake.mailbox)
    begun = intake.message(delivery.leg.party, board.clock.utc(), path)
    media = delivery.leg.media
    is_kept = True
    board.messages.begin(begun)
    try:
        ended = await media.record(path, max_s=intake.length_s, silence_s=VOICEMAIL_SILENCE_S)
    finally:
        recorded = await media.finish_record()
        if recorded is not None and recorded.end is RecordEnd.FAILED:
            board.alarms.recording_failed(delivery.snapshot, intake.mailbox, str(path))
        if recorded is None or recorded.duration_ms < MESSAGE_S_MIN * 1000:
            board.messages.give_up(path)
        else:
            message = replace(begun, duration_s=recorded.duration_ms / 1000)
            is_kept = await asyncio.shield(_kept(board, delivery, message))
    return ended if is_kept else replace(ended, end=RecordEnd.FAILED)


async def _kept(board: Board, delivery: Delivery, message: Message) -> bool:
    """False: it could not be made durable, and who must know has been told."""
    try:
        await board.messages.add(delivery.snapshot, message)
    except MessageNotKept:
        board.alarms.recording_failed(delivery.snapshot, message.mailbox, str(message.path))
        return False
    return True
