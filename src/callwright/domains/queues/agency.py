"""What agents may choose: to opt out of a queue, and to pause for a reason that is known."""

from collections.abc import Sequence
from dataclasses import dataclass

from callwright.domains.queues.model import CallQueue
from callwright.kernel.ids import UserId
from callwright.kernel.limits.agents import PAUSE_REASON_CHARS_MAX


@dataclass(frozen=True, slots=True)
class Objection:
    """Why an agent may not do something, and what to do instead."""

    code: str
    text: str
    remedy: str


def objection_to_opting(queue: CallQueue | None, user: UserId) -> Objection | None:
    """Whether the user has a say in being rung by the queue at all; None: yes."""
    if queue is not None and user in queue.agents:
        return None
    name = "any queue" if queue is None else f"queue {queue.id}"
    return Objection("no-agent", f"{user} is no agent of {name}", "name a queue of the agent")


def objection_to_opting_out(queue: CallQueue | None, user: UserId) -> Objection | None:
    """Row 132: a queue may leave its agents no choice."""
    objection = objection_to_opting(queue, user)
    if objection is not None or queue is None or queue.allow_opt_out:
        return objection
    return Objection(
        "no-opt-out",
        f"queue {queue.id} does not let its agents opt out",
        "pause, or let the queue have opt_out: true",
    )


def objection_to_pause(reasons: Sequence[str], reason: str | None) -> Objection | None:
    """Where the organisation has a list of reasons, one of them has to be given."""
    if reasons and reason not in reasons:
        known = ", ".join(reasons)
        text = f"{reason or 'no reason'} is not among the reasons"
        return Objection("unknown-reason", text, f"choose one of {known}")
    if reason is None:
        return None
    if len(reason) > PAUSE_REASON_CHARS_MAX or not reason.isprintable() or not reason.strip():
        most = PAUSE_REASON_CHARS_MAX
        text = "the reason is nothing to show"
        return Objection("bad-reason", text, f"write 1 to {most} printable characters")
    return None
