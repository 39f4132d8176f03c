"""What users and resource accounts may do with calls, and why not (SPEC 1, 4.3)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache

from callwright.domains.attendants.model import Broken, CallFlow, Choice, Menu
from callwright.domains.directory.model import User
from callwright.domains.licences.model import Holding, Right, Sku
from callwright.domains.licences.rules import (
    Grant,
    free_resource_accounts,
    grant,
    phone_system_seats,
)
from callwright.domains.numbers.model import NumberSource, ResourceAccount
from callwright.domains.queues.model import CallQueue, is_outside
from callwright.kernel.decision import Step
from callwright.kernel.ids import UserId
from callwright.kernel.reason import Reason
from callwright.kernel.target import ToAttendant, ToGroup, ToQueue, ToUser, ToVoicemail
from callwright.kernel.value import value
from callwright.routing.policies import (
    Holder,
    resolved_calling,
    routing_policy,
)
from callwright.routing.snapshot import Snapshot
from callwright.routing.wording import target_text


@value
class Allowance:
    """Whether something may be done, and what decides it."""

    reason: Reason | None
    """Why not; None: it may."""
    because: str

    @property
    def is_given(self) -> bool:
        return self.reason is None


def holdings_of(snapshot: Snapshot, holder: Holder) -> tuple[Holding, ...]:
    """Returns the licences, those assigned directly first, then by group."""
    direct = _held_directly(holder.licences)
    groups = () if isinstance(holder, ResourceAccount) else snapshot.giving_groups.get(holder.id)
    if not groups:
        return direct
    return (*direct, *(Holding(sku, group.id) for group in groups for sku in group.licences))


@lru_cache(maxsize=1 << len(Sku))  # as many sets as there can be
def _held_directly(licences: frozenset[str]) -> tuple[Holding, ...]:
    return tuple(map(Holding, sorted(licences)))


def has_right(snapshot: Snapshot, holder: Holder, right: Right, now: datetime) -> Grant:
    """Tells whether a licence of the holder grants the right at ``now`` (UTC)."""
    terms = snapshot.licence_terms
    day = today(snapshot, now) if terms else now.date()  # of what never ends any day will do
    return grant(right, holdings_of(snapshot, holder), terms, day)


def today(snapshot: Snapshot, now: datetime) -> date:
    """Returns the day at the organisation; licences end when it does."""
    return now.astimezone(snapshot.zone).date()


def may_call(snapshot: Snapshot, holder: Holder | None) -> Allowance:
    """Whether the holder may call anybody but an emergency number (SPEC 8.1)."""
    if isinstance(holder, User) and not holder.is_enabled:
        return Allowance(Reason.ACCOUNT_DISABLED, f"{holder.id} has enabled: false")
    return may_have_calls(snapshot, holder)


def may_have_calls(snapshot: Snapshot, holder: Holder | None) -> Allowance:
    """Whether the calling policy allows calls at all; who is disabled has voicemail all the
    same."""
    policy, resolved = resolved_calling(snapshot, holder)
    reason = None if policy.calls else Reason.CALLS_FORBIDDEN
    return Allowance(reason, f"calling policy {resolved.policy}: {resolved.because}")


def may_use_pstn(snapshot: Snapshot, user: User, now: datetime) -> Allowance:
    """The two gates of SPEC 1.1: a licence with the phone system, and the voice flag (row 1)."""
    licence = has_right(snapshot, user, Right.PHONE_SYSTEM, now)
    if not licence.is_given:
        return Allowance(Reason.NO_PHONE_LICENCE, f"{user.id} {licence.because}")
    if user.has_voice is False:
        return Allowance(Reason.VOICE_DISABLED, f"{user.id} has voice: false")
    return Allowance(None, f"{user.id} {licence.because}")


def may_serve_callers(snapshot: Snapshot, user: User, now: datetime) -> Allowance:
    """Whether the user may be an agent, or behind a key of a menu (SPEC 1.3)."""
    calls = may_call(snapshot, user)
    return calls if not calls.is_given else may_use_pstn(snapshot, user, now)


def may_answer(snapshot: Snapshot, account: ResourceAccount, now: datetime) -> Allowance:
    """Whether calls to the resource account are answered (row 8).

    The free pool never ends: bought seats that expired count only where it is too small.
    """
    licence = has_right(snapshot, account, Right.ANSWER_AS_SERVICE, now)
    if not licence.is_given and not _is_in_free_pool(snapshot, account):
        because = f"resource account {account.id} {licence.because}"
        return Allowance(Reason.SERVICE_UNLICENSED, because)
    because = licence.because if licence.is_given else "is one of the free pool"
    return Allowance(None, f"resource account {account.id} {because}")


def _is_in_free_pool(snapshot: Snapshot, account: ResourceAccount) -> bool:
    sku = Sku.RESOURCE_ACCOUNT.value
    if sku not in account.licences:
        return False
    held = sum(sku in other.licences for other in snapshot.resource_accounts.values())
    return held <= free_resource_accounts(phone_system_seats(snapshot.licences_bought))


def may_transfer_out(snapshot: Snapshot, account: ResourceAccount, now: datetime) -> Allowance:
    """SPEC 4.3: the licence, and one of routing policy, operator number and calling plan number.

    A calling plan number whose plan is gone still calls, and communications credits pay
    (row 119).
    """
    answering = may_answer(snapshot, account, now)
    if not answering.is_given:
        return answering
    policy = routing_policy(snapshot, account)
    if policy is not None and policy.usages:
        return Allowance(None, f"routing policy {policy.name}")
    source = source_of(snapshot, account)
    if source in (NumberSource.OPERATOR_CONNECT, NumberSource.CALLING_PLAN):
        return Allowance(None, f"{account.number} is a {source.value} number")
    return Allowance(
        Reason.SERVICE_MAY_NOT_CALL,
        f"resource account {account.id} has neither a routing policy with usages nor a calling "
        "plan or operator number",
    )


def source_of(snapshot: Snapshot, holder: Holder) -> NumberSource | None:
    """Returns where the holder's number comes from; None without one."""
    found = None if holder.number is None else snapshot.inventory.find(holder.number)
    return None if found is None else found.source


def staffed(
    snapshot: Snapshot, queue: CallQueue, now: datetime
) -> tuple[CallQueue, tuple[Step, ...]]:
    """Returns the queue without agents who may not take its calls, and a step for each of them."""
    users = [agent for agent in queue.agents if not is_outside(agent)]
    barred = tuple(_barred(snapshot, users, now))
    if not barred:
        return queue, ()
    names = {agent for agent, _ in barred}
    steps = tuple(Step(f"{agent} is no agent now", because) for agent, because in barred)
    return replace(queue, agents=tuple(a for a in queue.agents if a not in names)), steps


Place = ToGroup | ToQueue | ToAttendant | ToVoicemail
"""What a key may lead to and somebody may have removed."""


def offered(snapshot: Snapshot, flow: CallFlow, now: datetime) -> tuple[CallFlow, tuple[Step, ...]]:
    """Returns the flow with the menu keys that lead nowhere marked as broken, and a step for each.

    They lead to who may not be behind a key (SPEC 1.3), or to what is gone. Who is dialled by
    extension or by name needs no licence.
    """
    menu = flow.then
    if not isinstance(menu, Menu):
        return flow, ()
    users = [to.user for to in menu.keys.values() if isinstance(to, ToUser)]
    barred = dict(_barred(snapshot, users, now))
    broken: dict[str, Choice] = {}
    for key, to in menu.keys.items():
        if isinstance(to, ToUser) and to.user in barred:
            broken[key] = Broken(to, barred[to.user])
        elif isinstance(to, Place) and _is_gone(snapshot, to):
            broken[key] = Broken(to, f"{target_text(to)} does not exist any longer")
    if not broken:
        return flow, ()
    steps = tuple(
        Step(f"key {key} leads to the operator", to.because)
        for key, to in broken.items()
        if isinstance(to, Broken)
    )
    return replace(flow, then=replace(menu, keys={**menu.keys, **broken})), steps


def _is_gone(snapshot: Snapshot, to: Place) -> bool:
    match to:
        case ToGroup(group=group):
            return group not in snapshot.groups
        case ToQueue(queue=queue):
            return queue not in snapshot.queues
        case ToAttendant(attendant=attendant):
            return attendant not in snapshot.attendants
        case ToVoicemail(mailbox=mailbox):
            return mailbox not in snapshot.mailboxes


def _barred(
    snapshot: Snapshot, users: Iterable[UserId], now: datetime
) -> Iterator[tuple[UserId, str]]:
    for user in users:
        known = snapshot.users.get(user)
        allowance = None if known is None else may_serve_callers(snapshot, known, now)
        if allowance is None:
            yield user, f"{user} is no user any longer"
        elif allowance.reason is not None:
            yield user, f"{allowance.because} ({allowance.reason.code})"
