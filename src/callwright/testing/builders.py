"""Builds snapshots for tests: the demo organisation as the file reader would make it."""

import re
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from callwright.domains.attendants.model import (
    Announce,
    AutoAttendant,
    CallFlow,
    Holiday,
    Menu,
    Operator,
    SearchBy,
)
from callwright.domains.credits.model import AutoRecharge, Credits, Rate
from callwright.domains.directory.index import index_people
from callwright.domains.directory.model import Answering, Group, User
from callwright.domains.emergency.model import Emergency, Location
from callwright.domains.numbers.model import (
    NumberKind,
    NumberRange,
    NumberSource,
    ResourceAccount,
)
from callwright.domains.numbers.rules import Inventory
from callwright.domains.pstn.model import DialPlan, RoutingPolicy, Sbc, TranslationRule, VoiceRoute
from callwright.domains.queues.model import CallQueue, ExceptionAction, RoutingMethod
from callwright.domains.schedules.model import (
    MINUTES_PER_DAY,
    HolidaySet,
    HolidaySpan,
    OpenRange,
    Schedule,
)
from callwright.domains.voicemail.model import Mailbox
from callwright.kernel.addresses import HostPort
from callwright.kernel.e164 import E164
from callwright.kernel.ids import (
    AutoAttendantId,
    CallQueueId,
    GroupId,
    LocationId,
    MailboxId,
    OrganisationId,
    ResourceAccountId,
    SbcId,
    UserId,
)
from callwright.kernel.money import Money
from callwright.kernel.prompt import Say
from callwright.kernel.target import (
    Disconnect,
    ToAttendant,
    ToExternal,
    ToQueue,
    ToUser,
    ToVoicemail,
)
from callwright.routing.snapshot import Snapshot

PACIFIC = ZoneInfo("America/Los_Angeles")

ALICE, BOB, CAROL, DAVE, ERIN = map(UserId, ("alice", "bob", "carol", "dave", "erin"))
SBC1, SBC2 = map(SbcId, ("sbc1", "sbc2"))
SUPPORT, SALES = map(CallQueueId, ("support", "sales"))
RECEPTION = AutoAttendantId("reception")


def contoso_snapshot(**overrides: Any) -> Snapshot:
    """Returns the demo organisation; ``overrides`` are fields of ``Snapshot``.

    The indexes follow ``users`` and ``resource_accounts`` unless they are overridden too.
    """
    fields: dict[str, Any] = {
        "organisation": OrganisationId("contoso.test"),
        "revision": 1,
        "name": "Contoso",
        "domain": "contoso.test",
        "country": "US",
        "zone": PACIFIC,
        "language": "en-US",
        "licences_bought": {
            "phone-system": 10,
            "calling-plan-domestic": 2,
            "communications-credits": 10,
        },
        "users": contoso_users(),
        "groups": {GroupId("support-team"): Group(GroupId("support-team"), (ALICE, BOB))},
        "mailboxes": contoso_mailboxes(),
        "shared_mailboxes": (MailboxId("support"),),
        "inventory": Inventory(contoso_number_ranges()),
        "resource_accounts": contoso_resource_accounts(),
        "queues": contoso_queues(),
        "attendants": {RECEPTION: reception()},
        "credits": contoso_credits(),
        "emergency": contoso_emergency(),
        **_contoso_pstn(),
    }
    fields |= overrides
    return Snapshot(**(_indexes(fields) | fields))


def user(key: str, **fields: Any) -> User:
    """Returns a user with nothing but a name and a mailbox, and what ``fields`` say."""
    plain: dict[str, Any] = {
        "name": key.title(),
        "licences": frozenset(),
        "number": None,
        "extension": None,
        "sip_password": f"{key}-secret",
        "answering": Answering(unanswered_to=ToVoicemail(MailboxId(key))),
    }
    return User(id=UserId(key), **(plain | fields))


def contoso_users() -> dict[UserId, User]:
    paying = frozenset({"phone-system", "communications-credits"})
    users = (
        user(
            "alice",
            name="Alice Adams",
            licences=paying,
            number=E164("+14255550101"),
            extension="101",
            answering=Answering(
                unanswered_after_s=5, unanswered_to=ToVoicemail(MailboxId("alice"))
            ),
        ),
        user(
            "bob", name="Bob Brown", licences=paying, number=E164("+14255550102"), extension="102"
        ),
        user(
            "carol",
            name="Carol Clark",
            licences=frozenset({"phone-system"}),
            number=E164("+14255550103"),
            extension="103",
            answering=Answering(
                forward_to=ToUser(BOB), unanswered_to=ToVoicemail(MailboxId("carol"))
            ),
        ),
        user("dave", name="Dave Davis", extension="104"),
        user(
            "erin",
            name="Erin Evans",
            licences=frozenset({"phone-system", "calling-plan-domestic"}),
            number=E164("+14255550105"),
            extension="105",
        ),
    )
    return {user.id: user for user in users}


def contoso_mailboxes() -> dict[MailboxId, Mailbox]:
    personal = {
        MailboxId(user.id): Mailbox(MailboxId(user.id), user.name, email=None, pin=None)
        for user in contoso_users().values()
    }
    return personal | {
        MailboxId("alice"): Mailbox(
            MailboxId("alice"), "Alice Adams", email="alice@contoso.test", pin="2468"
        ),
        MailboxId("support"): Mailbox(
            MailboxId("support"),
            "support",
            email="support@contoso.test",
            pin="1357",
            is_shared=True,
            wants_transcript=False,
        ),
    }


def contoso_number_ranges() -> tuple[NumberRange, ...]:
    def between(first: str, last: str, kind: NumberKind) -> NumberRange:
        return NumberRange(E164(first), E164(last), kind, NumberSource.DIRECT_ROUTING)

    return (
        between("+14255550101", "+14255550119", NumberKind.USER),
        between("+14255550150", "+14255550159", NumberKind.SERVICE),
        between("+18005550100", "+18005550100", NumberKind.TOLL_FREE),
    )


def contoso_resource_accounts() -> dict[ResourceAccountId, ResourceAccount]:
    rows = (
        ("main-line", "Contoso main line", "+14255550150", ToAttendant(RECEPTION)),
        ("support-line", "Contoso support", "+14255550151", ToQueue(SUPPORT)),
        ("sales-line", "Contoso sales", "+14255550152", ToQueue(SALES)),
        ("free-line", "Contoso freephone", "+18005550100", ToAttendant(RECEPTION)),
    )
    return {
        ResourceAccountId(key): ResourceAccount(ResourceAccountId(key), name, E164(number), answers)
        for key, name, number, answers in rows
    }


def contoso_queues() -> dict[CallQueueId, CallQueue]:
    support = CallQueue(
        SUPPORT,
        "support",
        agents=(ALICE, BOB),
        routing=RoutingMethod.ROUND_ROBIN,
        greeting=Say("Thank you for calling support."),
        alert_s=15,
        max_waiting=2,
        timeout_s=60,
        timeout=ExceptionAction(ToVoicemail(MailboxId("support"))),
    )
    sales = CallQueue(
        SALES,
        "sales",
        agents=(ALICE, BOB),
        routing=RoutingMethod.ATTENDANT,
        alert_s=15,
        timeout_s=1_200,
    )
    return {SUPPORT: support, SALES: sales}


def reception(**fields: Any) -> AutoAttendant:
    """Returns the demo attendant; ``fields`` are fields of ``AutoAttendant``."""
    christmas = HolidaySet.of("Christmas", [HolidaySpan.of_day("Christmas", date(2026, 12, 25))])
    demo: dict[str, Any] = {
        "id": RECEPTION,
        "name": "reception",
        "language": "en-US",
        "operator": ToUser(ALICE),
        "hours": weekly_hours(((0, MINUTES_PER_DAY),)),
        "open": CallFlow(Say("Welcome to Contoso."), reception_menu()),
        "closed": CallFlow(Say("We are closed."), Disconnect()),
        "holidays": (Holiday(christmas, CallFlow(Say("Happy holidays."), Disconnect())),),
    }
    return AutoAttendant(**(demo | fields))


def reception_menu() -> Menu:
    return Menu(
        prompt=Say(
            "For support, press 1. For Bob, press 2. To hear our address, press 3. "
            "For the operator, press 0."
        ),
        keys={
            "1": ToQueue(SUPPORT),
            "2": ToUser(BOB),
            "3": Announce(Say("Our address is one Contoso way.")),
            "0": Operator(),
            "9": ToExternal(E164("+12065550199")),
        },
        search=SearchBy.EXTENSION,
    )


def weekly_hours(*days: tuple[tuple[int, int], ...], zone: ZoneInfo = PACIFIC) -> Schedule:
    """Returns hours from seven days of (from, to) minutes; one day alone stands for all seven."""
    week = days * 7 if len(days) == 1 else days
    assert len(week) == 7, "a week has seven days"
    return Schedule(tuple(tuple(OpenRange(*r) for r in day) for day in week), zone)


def contoso_credits() -> Credits:
    rows = (
        ("+1", "0.00", "0"),
        ("+44", "0.02", "0.01"),
        ("+4479", "0.10", "0.01"),
        ("+", "0.50", "0"),
    )
    return Credits(
        currency="USD",
        opening_balance=usd("50.00"),
        rates=tuple(rate(*row) for row in rows),
        toll_free_inbound=rate("+", "0.03"),
        auto_recharge=AutoRecharge(below=usd("5.00"), add=usd("20.00"), by=None),
    )


def usd(amount: str) -> Money:
    return Money.parse(amount, "USD")


def rate(prefix: str, per_minute: str, connect: str = "0", *, increment_s: int = 60) -> Rate:
    return Rate(prefix, usd(per_minute), usd(connect), increment_s)


def contoso_emergency() -> Emergency:
    return Emergency(
        numbers=("911", "933"),
        sbcs=(SBC1, SBC2),
        notify=(ALICE,),
        locations=(
            Location(
                LocationId("hq"),
                "1 Contoso Way, Redmond, WA 98052, US",
                elin=E164("+14255550119"),
            ),
        ),
    )


def translation(pattern: str, to: str, name: str = "") -> TranslationRule:
    return TranslationRule(re.compile(pattern), to, name)


def _contoso_pstn() -> dict[str, Any]:
    ten_digits = (translation(r"^(\d{10})$", "+1$1"),)
    sbc1 = Sbc(
        SBC1,
        HostPort("127.0.0.1", 5080),
        max_concurrent_sessions=100,
        failover_after_s=3,
        failover_codes=(408, 503, 504),
        inbound_called=ten_digits,
        inbound_calling=ten_digits,
    )
    sbc2 = Sbc(SBC2, HostPort("127.0.0.1", 5090))
    national, world = re.compile(r"^\+1\d{10}$"), re.compile(r"^\+\d{7,15}$")
    plan = (
        translation(r"^(\d{7})$", "+1425$1", "local-7"),
        translation(r"^(\d{10})$", "+1$1", "national-10"),
    )
    return {
        "sbcs": {SBC1: sbc1, SBC2: sbc2},
        "routes": (
            VoiceRoute("us-main", national, "national", (SBC1,), 1),
            VoiceRoute("us-backup", national, "national", (SBC2,), 2),
            VoiceRoute("world", world, "international", (SBC1,), 1),
        ),
        "routing_policies": {"default": RoutingPolicy("default", ("national", "international"))},
        "dial_plans": {"default": DialPlan("default", plan)},
    }


def _indexes(fields: dict[str, Any]) -> dict[str, Any]:
    users, accounts = fields["users"].values(), fields["resource_accounts"].values()
    return {
        **index_people(users, ())._asdict(),
        "resource_account_by_number": {a.line: a.id for a in accounts if a.line is not None},
    }
