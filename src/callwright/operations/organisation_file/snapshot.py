"""Turns a checked organisation into the snapshot that calls read."""

from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from callwright.domains.credits.model import AutoRecharge, Credits, Rate
from callwright.domains.directory.model import Answering, Group, Mailbox, User
from callwright.domains.emergency.model import Emergency, Location
from callwright.domains.numbers.model import (
    NumberKind,
    NumberRange,
    NumberSource,
    ResourceAccount,
)
from callwright.kernel.e164 import E164
from callwright.kernel.ids import (
    GroupId,
    LocationId,
    MailboxId,
    OrganisationId,
    ResourceAccountId,
    SbcId,
    UserId,
)
from callwright.kernel.money import Money
from callwright.kernel.target import ToAttendant, ToQueue
from callwright.operations.organisation_file import schema
from callwright.operations.organisation_file.snapshot_apps import (
    Wording,
    build_attendants,
    build_queues,
    own_target,
    prompt,
    target,
)
from callwright.operations.organisation_file.snapshot_pstn import build_pstn
from callwright.routing.snapshot import Snapshot

_ANY_DESTINATION = "+"
_FREE = "0"


def build_snapshot(
    organisation: schema.Organisation, *, revision: int, base: Path | None
) -> Snapshot:
    """Returns the snapshot of an organisation that ``read_organisation`` or storage gave.

    ``base`` is the folder that relative sound files are in; a file that was read has none left.
    """
    profile = organisation.organisation
    wording = Wording(profile.language, base)
    users = _users(organisation)
    accounts = _resource_accounts(organisation)
    return Snapshot(
        organisation=OrganisationId(profile.domain),
        revision=revision,
        name=profile.name,
        domain=profile.domain,
        country=profile.country,
        zone=ZoneInfo(profile.timezone),
        language=profile.language,
        licences_bought=dict(organisation.licences),
        users=users,
        groups={
            GroupId(key): Group(GroupId(key), tuple(map(UserId, group.members)))
            for key, group in organisation.groups.items()
        },
        mailboxes=_mailboxes(organisation, wording),
        number_ranges=_number_ranges(organisation),
        resource_accounts=accounts,
        queues=build_queues(organisation, wording),
        attendants=build_attendants(organisation, wording),
        credits=_credits(organisation.credits),
        emergency=_emergency(organisation.emergency),
        user_by_number={u.number: u.id for u in users.values() if u.number is not None},
        user_by_extension={u.extension: u.id for u in users.values() if u.extension is not None},
        resource_account_by_number={
            account.number: account.id
            for account in accounts.values()
            if account.number is not None
        },
        shield_never=tuple(organisation.shield.never),
        **build_pstn(organisation),
    )


def _number(text: str | None) -> E164 | None:
    return None if text is None else E164(text)


def _users(organisation: schema.Organisation) -> Mapping[UserId, User]:
    return {
        UserId(key): User(
            id=UserId(key),
            name=user.name,
            licences=frozenset(user.licences),
            number=_number(user.number),
            extension=user.extension,
            sip_password=None if user.sip is None else user.sip.password,
            answering=_answering(key, user.answering or schema.AnsweringSettings()),
            location=user.location,
        )
        for key, user in organisation.users.items()
    }


def _answering(key: str, answering: schema.AnsweringSettings) -> Answering:
    """Unanswered calls go to the user's own voicemail unless the file says otherwise (row 9)."""
    unanswered = answering.unanswered or schema.UnansweredSettings()
    forward = answering.forward
    return Answering(
        forward_to=None if forward is None else own_target(forward.to, key),
        unanswered_after_s=unanswered.after_s,
        unanswered_to=own_target(unanswered.to, key),
        intercom=answering.intercom,
    )


def _mailboxes(organisation: schema.Organisation, wording: Wording) -> Mapping[MailboxId, Mailbox]:
    plain = schema.MailboxSettings()
    named = [
        (key, user.name, user.voicemail or plain) for key, user in organisation.users.items()
    ] + [(key, key, mailbox) for key, mailbox in organisation.shared_voicemail.items()]
    return {
        MailboxId(key): Mailbox(
            MailboxId(key),
            name,
            email=mailbox.email,
            pin=mailbox.pin,
            greeting=prompt(mailbox.greeting, wording),
            message_s_max=mailbox.message_s_max,
        )
        for key, name, mailbox in named
    }


def _number_ranges(organisation: schema.Organisation) -> tuple[NumberRange, ...]:
    return tuple(
        NumberRange(
            first=E164(entry.ends[0]),
            last=E164(entry.ends[1]),
            kind=NumberKind(entry.kind),
            source=NumberSource(entry.source),
        )
        for entry in organisation.numbers
    )


def _resource_accounts(
    organisation: schema.Organisation,
) -> Mapping[ResourceAccountId, ResourceAccount]:
    accounts = {}
    for key, settings in organisation.resource_accounts.items():
        answers = target(settings.answers)
        assert isinstance(answers, ToAttendant | ToQueue), "the schema takes nothing else"
        accounts[ResourceAccountId(key)] = ResourceAccount(
            ResourceAccountId(key), settings.name, _number(settings.number), answers
        )
    return accounts


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
