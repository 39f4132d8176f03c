"""Turns a checked organisation into the snapshot that calls read."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from callwright.domains.credits.model import AutoRecharge, Credits, Rate
from callwright.domains.directory.index import PeopleIndex, follow_people, index_people
from callwright.domains.directory.model import Answering, User
from callwright.domains.emergency.model import Emergency, Location
from callwright.domains.voicemail.model import Mailbox
from callwright.kernel.e164 import E164
from callwright.kernel.ids import (
    CallQueueId,
    LocationId,
    MailboxId,
    OrganisationId,
    SbcId,
    UserId,
)
from callwright.kernel.money import Money
from callwright.kernel.target import Disconnect, ToVoicemail
from callwright.operations.circles import no_circles_looked_for
from callwright.operations.organisation_file import schema
from callwright.operations.organisation_file.following import Changes, follow
from callwright.operations.organisation_file.snapshot_apps import Wording, own_target
from callwright.operations.organisation_file.snapshot_attendants import build_attendants
from callwright.operations.organisation_file.snapshot_mailboxes import (
    build_mailbox,
    build_voicemail,
    mailbox_owners,
)
from callwright.operations.organisation_file.snapshot_numbers import (
    build_accounts,
    build_contacts,
    build_inventory,
    build_treatments,
    split_line,
)
from callwright.operations.organisation_file.snapshot_policies import (
    build_carriers,
    build_groups,
    build_policies,
    build_profile,
    build_terms,
)
from callwright.operations.organisation_file.snapshot_pstn import build_pstn
from callwright.operations.organisation_file.snapshot_queues import build_queues
from callwright.operations.organisation_file.snapshot_schedules import ScheduleBook
from callwright.operations.schedules.kept import NOTHING_KEPT, KeptSchedules
from callwright.routing.snapshot import Snapshot

_ANY_DESTINATION = "+"
_FREE = "0"
_USUAL_ANSWERING = schema.AnsweringSettings()
_USUAL_UNANSWERED = schema.UnansweredSettings()


class Former(NamedTuple):
    """A snapshot and what it was built of, to keep what did not change since."""

    organisation: schema.Organisation
    snapshot: Snapshot
    kept: KeptSchedules = NOTHING_KEPT


class _Source(NamedTuple):
    organisation: schema.Organisation
    wording: Wording
    former: Former | None = None
    """None: everything is built anew."""
    kept: KeptSchedules = NOTHING_KEPT


class _Part(NamedTuple):
    """Fields of the snapshot, and the sections of the file that decide them."""

    sections: tuple[str, ...]
    build: Callable[[_Source], dict[str, Any]]
    reads_kept: bool = False
    """Whether what is kept beside the file decides them, too."""


def build_snapshot(
    organisation: schema.Organisation,
    *,
    revision: int,
    base: Path | None,
    kept: KeptSchedules = NOTHING_KEPT,
) -> Snapshot:
    """Returns the snapshot of an organisation that ``read_organisation`` or storage gave.

    ``base`` is the folder that relative sound files are in; a file that was read has none left.
    """
    source = _Source(organisation, Wording(organisation.organisation.language, base), kept=kept)
    fields: dict[str, Any] = {}
    with no_circles_looked_for():
        for part in _PARTS:
            fields |= part.build(source)
    return Snapshot(revision=revision, **fields)


def follow_snapshot(
    former: Former,
    organisation: schema.Organisation,
    *,
    revision: int,
    kept: KeptSchedules = NOTHING_KEPT,
) -> Snapshot:
    """Returns what ``build_snapshot`` would of ``organisation``, which was stored before.

    What is the same object in both organisations is not built again: a change of one user among
    50,000 costs milliseconds.
    """
    before = former.organisation
    language = organisation.organisation.language
    source = _Source(
        organisation,
        Wording(language, None),
        former if before.organisation.language == language else None,
        kept,
    )
    is_kept_new = former.kept != kept
    fields: dict[str, Any] = {}
    for part in _PARTS:
        is_new = part.reads_kept and is_kept_new
        if is_new or _differ(before, organisation, part.sections):
            fields |= part.build(source)
    return replace(former.snapshot, revision=revision, **fields)


def _differ(before: schema.Organisation, now: schema.Organisation, sections: Iterable[str]) -> bool:
    return any(getattr(before, name) is not getattr(now, name) for name in sections)


def _profile(source: _Source) -> dict[str, Any]:
    profile = source.organisation.organisation
    return {
        "organisation": OrganisationId(profile.domain),
        "name": profile.name,
        "domain": profile.domain,
        "country": profile.country,
        "zone": ZoneInfo(profile.timezone),
        "pause_reasons": tuple(profile.pause_reasons),
        "language": profile.language,
    }


def _directory(source: _Source) -> dict[str, Any]:
    organisation, former = source.organisation, source.former
    contacts = build_contacts(organisation)
    if former is None:
        users = {UserId(key): _user(key, user) for key, user in organisation.users.items()}
        return {"users": users, **index_people(users.values(), contacts)._asdict()}
    were = former.snapshot.users
    users = dict(were)
    changes = Changes.between(former.organisation.users, organisation.users)
    follow(users, organisation.users, changes, _user)
    gone = [were[key] for key in map(UserId, (*changes.gone, *changes.come)) if key in were]
    come = [users[UserId(key)] for key in changes.come]
    if former.organisation.contacts is not organisation.contacts or _are_named(gone, come):
        return {"users": users, **index_people(users.values(), contacts)._asdict()}
    known = PeopleIndex(**{name: getattr(former.snapshot, name) for name in PeopleIndex._fields})
    return {"users": users, **follow_people(known, gone, come)._asdict()}


def _are_named(*changed: Iterable[User]) -> bool:
    """Whether a number may show another name now: which counts depends on all that have it."""
    return any(user.profile.phones for users in changed for user in users)


def _groups(source: _Source) -> dict[str, Any]:
    return {"groups": build_groups(source.organisation)}


def _policies(source: _Source) -> dict[str, Any]:
    return build_policies(source.organisation)


def _voicemail(source: _Source) -> dict[str, Any]:
    return build_voicemail(source.organisation, source.wording)


def _numbers(source: _Source) -> dict[str, Any]:
    return {"inventory": build_inventory(source.organisation)}


def _unassigned(source: _Source) -> dict[str, Any]:
    return {"unassigned": build_treatments(source.organisation, source.wording)}


def _services(source: _Source) -> dict[str, Any]:
    accounts = build_accounts(source.organisation)
    by_number = {a.line: a.id for a in accounts.values() if a.line is not None}
    return {"resource_accounts": accounts, "resource_account_by_number": by_number}


def _mailboxes(source: _Source) -> dict[str, Any]:
    former = source.former
    mailboxes: dict[MailboxId, Mailbox] = {} if former is None else {**former.snapshot.mailboxes}
    before = {} if former is None else mailbox_owners(former.organisation)
    make = partial(build_mailbox, wording=source.wording)
    now = mailbox_owners(source.organisation)
    follow(mailboxes, now, Changes.between(before, now), make)
    return {"mailboxes": mailboxes}


def _queues(source: _Source) -> dict[str, Any]:
    """Of users names and skills are read: names decide who of too many members takes part."""
    organisation, wording, former = source.organisation, source.wording, source.former
    if former is not None and _are_same_to_queues(former.organisation, organisation):
        return {}
    return {"queues": build_queues(organisation, wording)}


def _are_same_to_queues(before: schema.Organisation, now: schema.Organisation) -> bool:
    sections = ("organisation", "call_queues", "groups")
    if any(getattr(before, name) is not getattr(now, name) for name in sections):
        return False
    were = before.users
    return all(
        key in were and _is_same_agent(were[key], now.users[key])
        for key in Changes.between(were, now.users).come
    )


def _is_same_agent(before: schema.UserSettings, now: schema.UserSettings) -> bool:
    return before.name == now.name and before.skills == now.skills


def _entrusted(source: _Source) -> dict[str, Any]:
    listed: dict[UserId, set[CallQueueId]] = {}
    for key, queue in source.organisation.call_queues.items():
        for user in queue.authorised:
            listed.setdefault(UserId(user), set()).add(CallQueueId(key))
    return {"entrusted_queues": {user: frozenset(queues) for user, queues in listed.items()}}


def _attendants(source: _Source) -> dict[str, Any]:
    book = ScheduleBook(source.organisation, source.kept)
    return {"attendants": build_attendants(source.organisation, source.wording, book)}


def _switches(source: _Source) -> dict[str, Any]:
    return {"schedule_switches": ScheduleBook(source.organisation, source.kept).switches()}


def _pstn(source: _Source) -> dict[str, Any]:
    return {**build_pstn(source.organisation), **build_carriers(source.organisation)}


def _other(source: _Source) -> dict[str, Any]:
    organisation = source.organisation
    return {
        "licences_bought": organisation.seats,
        "licence_terms": build_terms(organisation),
        "credits": _credits(organisation.credits),
        "emergency": _emergency(organisation.emergency),
        "shield_never": tuple(organisation.shield.never),
    }


_PARTS = (
    _Part(("organisation",), _profile),
    _Part(("organisation", "users", "contacts"), _directory),
    _Part(("groups",), _groups),
    _Part(("policies",), _policies),
    _Part(("organisation", "users", "shared_voicemail"), _mailboxes),
    _Part(("organisation", "policies", "shared_voicemail", "voicemail"), _voicemail),
    _Part(("numbers",), _numbers),
    _Part(("organisation", "unassigned_numbers"), _unassigned),
    _Part(("resource_accounts",), _services),
    _Part(("organisation", "call_queues", "groups", "users"), _queues),
    _Part(("call_queues",), _entrusted),
    _Part(
        ("organisation", "schedules", "holiday_sets", "auto_attendants"),
        _attendants,
        reads_kept=True,
    ),
    _Part(("organisation", "schedules", "groups"), _switches, reads_kept=True),
    _Part(("pstn", "dial_plans"), _pstn),
    _Part(("licences", "credits", "emergency", "shield"), _other),
)
"""Each reads no section that it does not name: ``follow_snapshot`` depends on it."""


def _number(text: str | None) -> E164 | None:
    return None if text is None else E164(text)


def _user(key: str, user: schema.UserSettings) -> User:
    number, extension = split_line(user.number)
    return User(
        id=UserId(key),
        name=user.name,
        licences=frozenset(user.licences),
        number=number,
        number_extension=extension,
        private_line=_number(user.private_line),
        alternate_numbers=tuple(map(E164, user.alternate_numbers)),
        extension=user.extension,
        sip_password=user.sip.password if user.sip is not None and user.enabled else None,
        answering=_answering(key, user),
        location=user.location,
        is_enabled=user.enabled,
        country=user.country,
        has_voice=user.voice,
        profile=build_profile(user.profile),
        policies=user.policies.by_kind(),
    )


def _answering(key: str, user: schema.UserSettings) -> Answering:
    """Unanswered calls go to the user's own voicemail unless the file says otherwise (row 9), or
    there is none."""
    answering = user.answering or _USUAL_ANSWERING
    unanswered = answering.unanswered or _USUAL_UNANSWERED
    unanswered_to = own_target(unanswered.to, key)
    has_voicemail = user.voicemail is None or user.voicemail.enabled
    if not has_voicemail and unanswered_to == ToVoicemail(MailboxId(key)):
        unanswered_to = Disconnect()
    forward = answering.forward
    return Answering(
        forward_to=None if forward is None else own_target(forward.to, key),
        unanswered_after_s=unanswered.after_s,
        unanswered_to=unanswered_to,
        do_not_disturb=answering.do_not_disturb,
        intercom=answering.intercom,
    )


def _credits(settings: schema.CreditSettings | None) -> Credits | None:
    if settings is None:
        return None
    currency = settings.currency
    toll_free, recharge = settings.toll_free_inbound_per_minute, settings.auto_recharge
    return Credits(
        currency=currency,
        opening_balance=Money.parse(settings.opening_balance, currency),
        rates=tuple(
            _rate(rate.prefix, rate.per_minute, rate.connect, rate.increment_s, currency)
            for rate in settings.rates
        ),
        toll_free_inbound=None
        if toll_free is None
        else _rate(_ANY_DESTINATION, toll_free, _FREE, 60, currency),
        auto_recharge=None
        if recharge is None
        else AutoRecharge(
            below=Money.parse(recharge.below, currency),
            add=Money.parse(recharge.add, currency),
            by=None if recharge.by == "none" else recharge.by,
        ),
    )


def _rate(prefix: str, per_minute: str, connect: str, increment_s: int, currency: str) -> Rate:
    return Rate(
        prefix=prefix,
        per_minute=Money.parse(per_minute, currency),
        connect=Money.parse(connect, currency),
        increment_s=increment_s,
    )


def _emergency(settings: schema.EmergencySettings | None) -> Emergency | None:
    if settings is None:
        return None
    return Emergency(
        numbers=tuple(settings.numbers),
        sbcs=tuple(map(SbcId, settings.route.sbcs)),
        notify=tuple(
            UserId(str(person["user"])) for person in settings.notify if isinstance(person, dict)
        ),
        locations=tuple(
            Location(LocationId(key), location.address, _number(location.elin))
            for key, location in settings.locations.items()
        ),
    )
