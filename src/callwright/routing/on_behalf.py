"""Agents who call out on behalf of a queue: its number is shown, and its account pays (SPEC 5.7).

An agent dials the queue's code before the number, ``*8112065550199``, or the phone names the number
that it prefers to show (RFC 3325 §9.2). An emergency call always shows the caller's own.
"""

from dataclasses import replace

from callwright.domains.queues.model import CallQueue
from callwright.kernel.e164 import E164
from callwright.kernel.ids import CallQueueId, ResourceAccountId, UserId
from callwright.kernel.reason import Reason
from callwright.routing.normalise import without_separators
from callwright.routing.request import CallRequest, FromUser
from callwright.routing.snapshot import Snapshot
from callwright.routing.trail import Trail


def choose_number(snapshot: Snapshot, request: CallRequest, trail: Trail) -> CallRequest | Reason:
    """Returns the request without the code and with the account whose number is shown.

    A code of a queue that the caller is no agent of is refused; a wish that may not be granted is
    only a wish.
    """
    origin = request.origin
    if not isinstance(origin, FromUser):
        return request
    queue = _queue_of_code(snapshot, request.dialled)
    if queue is None or queue.call_out_code is None:
        account = _wished_for(snapshot, origin)
        lender = None if account is None else lender_of(snapshot, origin.user, account)
        if lender is None:
            return request
        trail.note(f"{origin.user} calls on behalf of {account}", "the phone asks to")
        return replace(request, origin=replace(origin, on_behalf=account, queue=lender))
    if origin.user not in queue.agents:
        trail.note(f"{queue.call_out_code} is refused", f"{origin.user} is no agent of {queue.id}")
        return Reason.ON_BEHALF_FORBIDDEN
    account = queue.caller_ids[0]
    because = f"{queue.call_out_code} is the code of queue {queue.id}"
    trail.note(f"{origin.user} calls on behalf of {account}", because)
    dialled = without_separators(request.dialled).removeprefix(queue.call_out_code)
    return CallRequest(replace(origin, on_behalf=account, queue=queue.id), dialled)


def lender_of(snapshot: Snapshot, user: UserId, account: ResourceAccountId) -> CallQueueId | None:
    """Returns the first queue that lends the account's number to the user, an agent of it."""
    queues = snapshot.queues.values()
    lenders = (q.id for q in queues if account in q.caller_ids and user in q.agents)
    return next(lenders, None)


def _queue_of_code(snapshot: Snapshot, dialled: str) -> CallQueue | None:
    """The longest code that something stands behind; who dials codes is rare."""
    if "*" not in dialled:
        return None
    digits = without_separators(dialled)
    if not digits.startswith("*"):
        return None
    by_code = {
        queue.call_out_code: queue
        for queue in snapshot.queues.values()
        if queue.call_out_code is not None and queue.caller_ids
    }
    fitting = [code for code in by_code if digits.startswith(code) and digits != code]
    return by_code[max(fitting, key=len)] if fitting else None


def _wished_for(snapshot: Snapshot, origin: FromUser) -> ResourceAccountId | None:
    """Most phones name their own number: not worth a look at every queue."""
    number = None if origin.prefers is None else E164.parse_or_none(origin.prefers)
    return None if number is None else snapshot.resource_account_by_number.get(number)
