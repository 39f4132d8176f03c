"""What a user gets of the telephone and why, for whoever asks "why can't she call out?"."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from callwright.domains.credits.rules import is_affordable
from callwright.domains.directory.model import User
from callwright.domains.licences.model import Right, Standing
from callwright.domains.licences.rules import standing
from callwright.domains.numbers.model import NumberSource
from callwright.domains.policies.model import VoicemailUse
from callwright.domains.policies.rules import Resolved, outbound_bar
from callwright.kernel.ids import MailboxId, UserId
from callwright.kernel.money import Money
from callwright.kernel.policy import PolicyKind
from callwright.kernel.reason import Reason
from callwright.routing.authorise import plan_right
from callwright.routing.identify import account_of
from callwright.routing.policies import (
    calling_policy,
    resolved_policy,
    routing_policy,
    shared_account,
)
from callwright.routing.request import FromUser, LiveState
from callwright.routing.rights import (
    Allowance,
    has_right,
    holdings_of,
    may_call,
    may_have_calls,
    may_serve_callers,
    may_use_pstn,
    source_of,
    today,
)
from callwright.routing.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the user has one thing of the service, and what decides it."""

    code: str
    """``outbound``; stable, for programs."""
    what: str
    """Reads after the user's name: ``calls outside``."""
    is_given: bool
    because: str
    reason: Reason | None = None
    """Of a refusal that calls would show."""


@dataclass(frozen=True, slots=True)
class Service:
    user: UserId
    answers: tuple[Answer, ...]
    policies: tuple[tuple[PolicyKind, Resolved], ...]
    """The policy of each kind that counts for the user."""
    warnings: tuple[str, ...]
    """What ends soon."""

    def __getitem__(self, code: str) -> Answer:
        return next(answer for answer in self.answers if answer.code == code)

    def as_json(self) -> dict[str, object]:
        """``{"user", "service": {code: {"given", "because", "reason"}}, "policies", ...}``."""
        return {
            "user": self.user,
            "service": {
                answer.code: {
                    "given": answer.is_given,
                    "because": answer.because,
                    "reason": answer.reason and answer.reason.code,
                }
                for answer in self.answers
            },
            "policies": {
                kind.value: {"policy": resolved.policy, "because": resolved.because}
                for kind, resolved in self.policies
            },
            "warnings": list(self.warnings),
        }


def effective_service(
    snapshot: Snapshot, user: UserId, *, now: datetime, live: LiveState
) -> Service:
    """Asks the same functions that calls ask; raises KeyError for a user who is not there.

    Without a known balance the wallet is taken to hold the opening balance.
    """
    person = snapshot.users[user]
    policies = tuple((kind, resolved_policy(snapshot, kind, person)) for kind in PolicyKind)
    return Service(
        user=user,
        answers=tuple(_answers(snapshot, person, now, live)),
        policies=policies,
        warnings=tuple(_endings(snapshot, person, now)),
    )


def _answers(snapshot: Snapshot, user: User, now: datetime, live: LiveState) -> Iterator[Answer]:
    yield _registers(user)
    yield _of("internal", "calls colleagues and is called by them", may_call(snapshot, user))
    inbound = _inbound(snapshot, user, now)
    yield _of("inbound", "is called from outside", inbound)
    yield _of("outbound", "calls outside", _outbound(snapshot, user, now, is_domestic=True))
    abroad = _outbound(snapshot, user, now, is_domestic=False)
    yield _of("international", "calls abroad", abroad)
    yield _spends(snapshot, user, now, live)
    yield _of(
        "queue_agent", "takes calls of queues and menus", may_serve_callers(snapshot, user, now)
    )
    yield _voicemail(snapshot, user)
    yield _emergency(snapshot)


def _of(code: str, what: str, allowance: Allowance) -> Answer:
    return Answer(code, what, allowance.is_given, allowance.because, allowance.reason)


def _registers(user: User) -> Answer:
    what = "registers phones"
    if not user.is_enabled:
        because = f"{user.id} has enabled: false"
        return Answer("registration", what, False, because, Reason.ACCOUNT_DISABLED)
    if user.sip_password is None:
        return Answer("registration", what, False, f"{user.id} has no sip: {{password: ...}}")
    return Answer("registration", what, True, f"{user.id} has a SIP password")


def _inbound(snapshot: Snapshot, user: User, now: datetime) -> Allowance:
    allowance = may_use_pstn(snapshot, user, now)
    if not allowance.is_given:
        return allowance
    lines = [line for line in (user.line, *user.alternate_numbers, user.private_line) if line]
    account = shared_account(snapshot, user)
    if not lines and account is None:
        return Allowance(Reason.NUMBER_UNKNOWN, f"{user.id} has no number")
    calls = may_have_calls(snapshot, user)
    if not calls.is_given:
        return calls
    if lines or account is None:
        return Allowance(None, f"{lines[0]} is assigned, and {allowance.because}")
    because = f"shares {account.line} of resource account {account.id}"
    return Allowance(None, f"{user.id} {because}, whose menu leads to the extension")


def _outbound(snapshot: Snapshot, user: User, now: datetime, *, is_domestic: bool) -> Allowance:
    """As a call would be judged but for its destination: ``explain`` looks at one."""
    for allowance in (may_call(snapshot, user), may_use_pstn(snapshot, user, now)):
        if not allowance.is_given:
            return allowance
    policy = calling_policy(snapshot, user)
    reason = outbound_bar(policy, is_domestic=is_domestic)
    if reason is not None:
        resolved = resolved_policy(snapshot, PolicyKind.CALLING, user)
        allowed = f"allows outbound: {policy.outbound.value}"
        return Allowance(reason, f"calling policy {resolved.policy} ({resolved.because}) {allowed}")
    return _route(snapshot, user, now, is_domestic=is_domestic)


def _route(snapshot: Snapshot, user: User, now: datetime, *, is_domestic: bool) -> Allowance:
    line = shared_account(snapshot, user) or user
    resolved = resolved_policy(snapshot, PolicyKind.ROUTING, line)
    policy = routing_policy(snapshot, line)
    named = f"routing policy {resolved.policy} ({resolved.because})"
    routes = (
        []
        if policy is None
        else [route for usage in policy.usages for route in snapshot.routes_by_usage.get(usage, ())]
    )
    if any(snapshot.sbcs[sbc].enabled for route in routes for sbc in route.sbcs):
        return Allowance(None, f"{named} has routes: {', '.join(r.name for r in routes)}")
    source = source_of(snapshot, line)
    carriers = () if source is None else snapshot.carrier_sbcs(source)
    if source is None or not any(snapshot.sbcs[sbc].enabled for sbc in carriers):
        return Allowance(Reason.NO_ROUTE, f"{named} has no route with an SBC that is enabled")
    if source is NumberSource.CALLING_PLAN and snapshot.tariff is None:
        plan = has_right(snapshot, line, plan_right(is_domestic=is_domestic), now)
        if not plan.is_given:
            because = f"{line.id} {plan.because}, and the organisation has no credits to pay with"
            return Allowance(Reason.NO_CALLING_PLAN, because)
    return Allowance(None, f"{line.number} is a {source.value} number")


def _spends(snapshot: Snapshot, user: User, now: datetime, live: LiveState) -> Answer:
    code, what = "credits", "makes calls that cost money"
    if snapshot.credits is None:
        return Answer(code, what, True, "the organisation has no tariff: nothing is charged")
    account = account_of(snapshot, FromUser(user.id), now)
    assert account is not None, "a user stands behind his own calls"
    right = account.spending
    if not right.is_given and source_of(snapshot, user) is NumberSource.CALLING_PLAN:
        plan = has_right(snapshot, user, Right.PAY_AS_YOU_GO, now)
        right = plan if plan.is_given else right
    if not right.is_given:
        because = f"{user.id} {right.because}"
        return Answer(code, what, False, because, Reason.NO_CREDITS_LICENCE)
    available = live.available or snapshot.credits.opening_balance
    priced = [rate for rate in snapshot.credits.rates if not rate.is_free]
    if priced and not any(is_affordable(rate, available) for rate in priced):
        because = f"{_money(available)} is there, and no priced call begins with so little"
        return Answer(code, what, False, because, Reason.CREDITS_EXHAUSTED)
    return Answer(code, what, True, f"{user.id} {right.because}; {_money(available)} is there")


def _money(amount: Money) -> str:
    return f"{amount} {amount.currency}"


def _voicemail(snapshot: Snapshot, user: User) -> Answer:
    code, what = "voicemail", "has voicemail"
    if MailboxId(user.id) not in snapshot.mailboxes:
        return Answer(code, what, False, f"{user.id} has voicemail: {{enabled: false}}")
    policy = calling_policy(snapshot, user)
    if policy.voicemail is VoicemailUse.NEVER:
        resolved = resolved_policy(snapshot, PolicyKind.CALLING, user)
        because = f"calling policy {resolved.policy} ({resolved.because}) says never"
        return Answer(code, what, False, because, Reason.VOICEMAIL_FORBIDDEN)
    return Answer(code, what, True, "every user has, with or without a licence")


def _emergency(snapshot: Snapshot) -> Answer:
    code, what = "emergency", "calls for help"
    emergency = snapshot.emergency
    if emergency is None or not (emergency.sbcs or snapshot.sbcs):
        because = "no emergency number or no SBC for it is configured"
        return Answer(code, what, False, because, Reason.EMERGENCY_NO_ROUTE)
    numbers = ", ".join(emergency.numbers)
    return Answer(code, what, True, f"{numbers}: whatever licence, policy and balance say")


def _endings(snapshot: Snapshot, user: User, now: datetime) -> Iterator[str]:
    day = today(snapshot, now)
    for holding in holdings_of(snapshot, user):
        term = snapshot.licence_terms.get(holding.sku)
        found = standing(term, day)
        if term is not None and found is not Standing.VALID:
            then = f" and {term.grace_days} days of grace" if found is not Standing.EXPIRED else ""
            yield f"licence {holding.sku} is {found.value}: it ends on {term.expires}{then}"
