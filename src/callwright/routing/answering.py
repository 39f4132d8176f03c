"""What a user wants with a call: forward it, or ring and then what (SPEC 8.2)."""

from dataclasses import dataclass

from callwright.domains.directory.model import User
from callwright.domains.policies.model import CallingPolicy, VoicemailUse
from callwright.kernel.decision import Decision, Step
from callwright.kernel.ids import MailboxId, UserId
from callwright.kernel.limits.calls import FORWARDS_MAX, PRIVATE_LINE_RING_S
from callwright.kernel.limits.emergency import EMERGENCY_CALLBACK_RING_S
from callwright.kernel.limits.rights import VOICEMAIL_ALWAYS_AFTER_S
from callwright.kernel.reason import Reason
from callwright.kernel.target import (
    Disconnect,
    Target,
    ToExternal,
    ToUser,
    ToVoicemail,
)
from callwright.kernel.value import value
from callwright.routing.policies import calling_policy
from callwright.routing.request import (
    Destination,
    JoinQueue,
    PlaceOutbound,
    Refuse,
    RingUser,
    StartAttendant,
)
from callwright.routing.rights import may_have_calls
from callwright.routing.snapshot import Snapshot
from callwright.routing.trail import Trail
from callwright.routing.wording import onward_text, target_text


@dataclass(frozen=True, slots=True)
class Forward:
    """Nobody rings here; the call goes on at once, on the account of ``by``."""

    target: Target
    by: UserId
    passed: tuple[UserId, ...] = ()
    """Users whose immediate forwards led here, ``by`` the last of them."""


@value
class Ring:
    """All phones of the user ring; unanswered after ``for_s`` seconds it goes to ``then``."""

    user: UserId
    for_s: float
    then: Target
    passed: tuple[UserId, ...] = ()
    """Users whose immediate forwards led to this one."""
    otherwise: Reason = Reason.NOT_ANSWERED
    """What the caller is told where ``then`` ends the call."""


@dataclass(frozen=True, slots=True)
class Silence:
    """No phone rings (do not disturb); the call goes on to ``then`` at once."""

    user: UserId
    then: Target
    passed: tuple[UserId, ...] = ()
    otherwise: Reason = Reason.DO_NOT_DISTURB


AnsweringPlan = Forward | Ring | Silence | Refuse


def decide_call(snapshot: Snapshot, wanted: RingUser) -> Decision[AnsweringPlan]:
    """Decides by what was called: somebody who called for help, a private line, or the user."""
    if wanted.is_emergency_callback:
        return decide_emergency_callback(snapshot, wanted.user)
    if wanted.is_private_line:
        return decide_private_line(snapshot, wanted.user)
    return decide_answering(snapshot, wanted.user)


def decide_answering(
    snapshot: Snapshot, user: UserId, *, visited: tuple[UserId, ...] = ()
) -> Decision[AnsweringPlan]:
    """Follows immediate forwards from user to user; a circle is refused as a loop (row 82).

    ``visited`` are users that already forwarded this call.
    """
    trail = Trail()
    seen = list(visited)
    while True:
        if user in seen or len(seen) > FORWARDS_MAX:
            path = " to ".join((*seen, user))
            trail.note(f"the call is refused: {Reason.LOOP.code}", f"it is forwarded {path}")
            return trail.decide(Refuse(Reason.LOOP))
        seen.append(user)
        person = snapshot.users[user]
        policy = calling_policy(snapshot, person)
        if not policy.calls:
            return _refuse(snapshot, person, trail)
        forward = person.answering.forward_to
        if forward is None or not _allows(snapshot, policy, forward, trail):
            break
        trail.note(f"{user} forwards to {target_text(forward)}", "immediate forward")
        next_user = _colleague(snapshot, forward)
        if next_user is None:
            return trail.decide(Forward(forward, user, tuple(seen[len(visited) :])))
        user = next_user
    then, otherwise = _unanswered(snapshot, person, policy, trail)
    passed = tuple(seen[len(visited) : -1])
    silence = _why_silent(person)
    if silence is not None:
        because, reason = silence
        if otherwise is not Reason.NOT_ANSWERED:
            reason = otherwise
        trail.note(f"no phone of {user} rings", f"{because}, {onward_text(then)}")
        return trail.decide(Silence(user, then, passed, reason))
    for_s = _rings_for(person, policy, then)
    trail.note(f"{user} rings for {for_s:g} s", f"unanswered, {onward_text(then)}")
    return trail.decide(Ring(user, for_s, then, passed, otherwise))


def _refuse(snapshot: Snapshot, person: User, trail: Trail) -> Decision[AnsweringPlan]:
    because = may_have_calls(snapshot, person).because
    trail.note(f"the call is refused: {Reason.CALLS_FORBIDDEN.code}", f"{person.id}: {because}")
    return trail.decide(Refuse(Reason.CALLS_FORBIDDEN))


def judge_redirection(
    snapshot: Snapshot, user: UserId, decision: Decision[Destination]
) -> Decision[Destination]:
    """Lets a phone of the user send a call on only where his calling policy lets him forward it."""
    policy = calling_policy(snapshot, snapshot.users[user])
    match decision.value:
        case PlaceOutbound():
            is_allowed = policy.forward_to_numbers
        case RingUser() | JoinQueue() | StartAttendant():
            is_allowed = policy.forward_to_users
        case _:
            is_allowed = True
    if is_allowed:
        return decision
    step = Step("the call does not go on", f"the calling policy of {user} forbids it")
    return Decision(Refuse(Reason.CALLEE_DECLINED), (*decision.steps, step))


def _allows(snapshot: Snapshot, policy: CallingPolicy, target: Target, trail: Trail) -> bool:
    """Whether the calling policy lets a user send calls there (SPEC 8.1)."""
    match target:
        case ToVoicemail():
            is_allowed = policy.voicemail is not VoicemailUse.NEVER
        case ToExternal() if _colleague(snapshot, target) is None:
            is_allowed = policy.forward_to_numbers
        case Disconnect():
            is_allowed = True
        case _:
            is_allowed = policy.forward_to_users
    if not is_allowed:
        trail.note(f"no call goes on to {target_text(target)}", "the calling policy forbids it")
    return is_allowed


def _unanswered(
    snapshot: Snapshot, person: User, policy: CallingPolicy, trail: Trail
) -> tuple[Target, Reason]:
    """Where unanswered calls go, and what the caller is told where that is nowhere."""
    own = ToVoicemail(MailboxId(person.id))
    has_voicemail = own.mailbox in snapshot.mailboxes
    if has_voicemail and policy.voicemail is VoicemailUse.ALWAYS:
        trail.note(f"unanswered calls go to {target_text(own)}", "the calling policy says always")
        return own, Reason.NOT_ANSWERED
    wanted = person.answering.unanswered_to or Disconnect()
    if _allows(snapshot, policy, wanted, trail):
        return wanted, Reason.NOT_ANSWERED
    if isinstance(wanted, ToVoicemail):
        return Disconnect(), Reason.VOICEMAIL_FORBIDDEN
    if has_voicemail and policy.voicemail is not VoicemailUse.NEVER:
        return own, Reason.NOT_ANSWERED
    return Disconnect(), Reason.NOT_ANSWERED


def _rings_for(person: User, policy: CallingPolicy, then: Target) -> float:
    if policy.voicemail is VoicemailUse.ALWAYS and isinstance(then, ToVoicemail):
        return VOICEMAIL_ALWAYS_AFTER_S
    return float(person.answering.unanswered_after_s)


def _why_silent(person: User) -> tuple[str, Reason] | None:
    if not person.is_enabled:
        return "the account is disabled", Reason.CALLEE_DISABLED
    if person.answering.do_not_disturb:
        return "do not disturb", Reason.DO_NOT_DISTURB
    return None


def decide_emergency_callback(snapshot: Snapshot, user: UserId) -> Decision[AnsweringPlan]:
    """Rings the phones of whoever called for help; a forward comes after them (SPEC 3.12)."""
    trail = Trail()
    answering = snapshot.users[user].answering
    then = answering.forward_to or answering.unanswered_to or Disconnect()
    for_s = EMERGENCY_CALLBACK_RING_S
    trail.note(f"{user} rings for {for_s:g} s", "the emergency centre calls back")
    return trail.decide(Ring(user, for_s, then))


def decide_private_line(snapshot: Snapshot, user: UserId) -> Decision[AnsweringPlan]:
    """Rings the user's phones past forwards, groups and delegates; only do not disturb and one's
    own voicemail count (SPEC 3.7, rows 23 to 25)."""
    trail = Trail()
    person = snapshot.users[user]
    answering, policy = person.answering, calling_policy(snapshot, person)
    if not policy.calls:
        return _refuse(snapshot, person, trail)
    mailbox = MailboxId(user)
    has_voicemail = mailbox in snapshot.mailboxes and policy.voicemail is not VoicemailUse.NEVER
    then = ToVoicemail(mailbox) if has_voicemail else Disconnect()
    onward = onward_text(then) if has_voicemail else "the caller hears busy"
    silence = _why_silent(person)
    if silence is not None:
        trail.note(f"no phone of {user} rings", f"private line, {silence[0]}, {onward}")
        return trail.decide(Silence(user, then, otherwise=Reason.CALLEE_BUSY))
    for_s = float(answering.unanswered_after_s) if has_voicemail else PRIVATE_LINE_RING_S
    trail.note(f"{user} rings for {for_s:g} s", f"private line, unanswered {onward}")
    otherwise = Reason.NOT_ANSWERED if has_voicemail else Reason.CALLEE_BUSY
    return trail.decide(Ring(user, for_s, then, otherwise=otherwise))


def _colleague(snapshot: Snapshot, target: Target) -> UserId | None:
    """The user behind a target, also where it is written as the user's own number."""
    match target:
        case ToUser(user=user) if user in snapshot.users:
            return user
        case ToExternal(number=number):
            found = snapshot.inventory.find(number)
            if found is not None and found.skips_internal:
                return None
            return snapshot.user_by_number.get(number)
        case _:
            return None
