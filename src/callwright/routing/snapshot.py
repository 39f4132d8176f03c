"""One organisation's whole configuration, immutable, with the indexes that decisions need."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from callwright.domains.attendants.model import AutoAttendant
from callwright.domains.credits.model import Credits
from callwright.domains.credits.rules import Tariff
from callwright.domains.directory.model import Group, User
from callwright.domains.emergency.model import Emergency
from callwright.domains.licences.model import Term
from callwright.domains.numbers.model import NumberSource, ResourceAccount
from callwright.domains.numbers.rules import Inventory
from callwright.domains.numbers.unassigned import UnassignedTreatment
from callwright.domains.policies.model import (
    CallerIdPolicy,
    CallingPolicy,
    VoiceApplicationsPolicy,
)
from callwright.domains.policies.shared_calling import SharedCallingPolicy
from callwright.domains.pstn.model import (
    DialPlan,
    RoutingPolicy,
    Sbc,
    Signing,
    Verification,
    VoiceRoute,
)
from callwright.domains.pstn.rules import index_routes
from callwright.domains.queues.model import CallQueue
from callwright.domains.schedules.model import ScheduleSwitch
from callwright.domains.voicemail.model import Mailbox, VoicemailPolicy
from callwright.kernel.addresses import HostPort
from callwright.kernel.e164 import E164
from callwright.kernel.ids import (
    AutoAttendantId,
    CallQueueId,
    GroupId,
    MailboxId,
    OrganisationId,
    ResourceAccountId,
    SbcId,
    UserId,
)
from callwright.kernel.limits.voicemail import VOICEMAIL_DIAL_CODE

if TYPE_CHECKING:
    from callwright.routing.identify import Account

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Built by ``operations.organisation_file.snapshot``; replaced whole when anything changes."""

    organisation: OrganisationId
    revision: int
    name: str
    domain: str
    country: str
    """ISO 3166-1 alpha-2: ``US``."""
    zone: ZoneInfo
    language: str
    licences_bought: Mapping[str, int]
    users: Mapping[UserId, User]
    groups: Mapping[GroupId, Group]
    mailboxes: Mapping[MailboxId, Mailbox]
    sbcs: Mapping[SbcId, Sbc]
    routes: tuple[VoiceRoute, ...]
    routing_policies: Mapping[str, RoutingPolicy]
    dial_plans: Mapping[str, DialPlan]
    inventory: Inventory
    resource_accounts: Mapping[ResourceAccountId, ResourceAccount]
    queues: Mapping[CallQueueId, CallQueue]
    attendants: Mapping[AutoAttendantId, AutoAttendant]
    credits: Credits | None
    emergency: Emergency | None
    user_by_number: Mapping[str, UserId]
    """By each line, ``+14255550101`` or ``+14255388701;ext=1001``, that rings as rules say."""
    user_by_extension: Mapping[str, UserId]
    resource_account_by_number: Mapping[str, ResourceAccountId]
    """By line, too."""
    user_by_private_line: Mapping[E164, UserId] = field(default_factory=dict)
    user_by_other_extension: Mapping[str, UserId] = field(default_factory=dict)
    """By extensions that only callers of attendants dial (SPEC 6.9)."""
    name_by_number: Mapping[E164, str] = field(default_factory=dict)
    """Contacts, and colleagues by the phones in their profiles (row 30)."""
    unassigned: tuple[UnassignedTreatment, ...] = ()
    """By priority, the one that counts first."""
    signing: Signing | None = None
    verification: Verification | None = None
    shield_never: tuple[str, ...] = ()
    """Networks (CIDR) that are never blocked."""
    licence_terms: Mapping[str, Term] = field(default_factory=dict)
    """By SKU, for those that end."""
    calling_policies: Mapping[str, CallingPolicy] = field(default_factory=dict)
    caller_id_policies: Mapping[str, CallerIdPolicy] = field(default_factory=dict)
    shared_calling_policies: Mapping[str, SharedCallingPolicy] = field(default_factory=dict)
    voicemail_policies: Mapping[str, VoicemailPolicy] = field(default_factory=dict)
    shared_mailboxes: tuple[MailboxId, ...] = ()
    voicemail_code: str = VOICEMAIL_DIAL_CODE
    """Dialled to listen to one's messages."""
    profanities: frozenset[str] = frozenset()
    """Masked beside those that everybody knows."""
    voice_application_policies: Mapping[str, VoiceApplicationsPolicy] = field(default_factory=dict)
    entrusted_queues: Mapping[UserId, frozenset[CallQueueId]] = field(default_factory=dict)
    """Queues that list a user as authorised, by user."""
    calling_plan_sbcs: tuple[SbcId, ...] = ()
    """The carrier behind the calling plans."""
    operator_connect_sbcs: tuple[SbcId, ...] = ()
    """The operators behind operator-connect numbers."""
    pause_reasons: tuple[str, ...] = ()
    """What agents may say of a pause; empty: anything."""
    schedule_switches: Mapping[str, ScheduleSwitch] = field(default_factory=dict)
    """By what a user dials to switch a schedule, ``*281``."""

    # Derived from the above when the snapshot is made; never passed in.
    tariff: Tariff | None = field(init=False, repr=False, compare=False)
    """None where the organisation has no credits."""
    routes_by_usage: Mapping[str, tuple[VoiceRoute, ...]] = field(
        init=False, repr=False, compare=False
    )
    """By ascending priority."""
    plans_to_short_numbers: tuple[DialPlan, ...] = field(init=False, repr=False, compare=False)
    """Dial plans whose rules write anything but a plus in front: they may lead to an emergency
    number."""
    giving_groups: Mapping[UserId, tuple[Group, ...]] = field(init=False, repr=False, compare=False)
    """Groups that give their members licences or policies, by member."""
    given_policies: frozenset[str] = field(init=False, repr=False, compare=False)
    """Users and resource accounts for whom another policy may count than everybody's."""
    sbc_by_address: Mapping[HostPort, SbcId] = field(init=False, repr=False, compare=False)
    sbc_by_host: Mapping[str, SbcId] = field(init=False, repr=False, compare=False)
    """Of those that may send from any port."""
    sbc_by_login: Mapping[str, SbcId] = field(init=False, repr=False, compare=False)
    """Of those that are known by what they prove."""
    accounts: dict[UserId, "Account"] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    """On whose rights and money users call: found at their first call, the same until the next
    snapshot. Not used where licences end, which they may from one call to the next."""
    main_number: E164 | None = field(init=False, repr=False, compare=False)
    """Stands in for a caller without a number of their own (SPEC 3.12)."""

    def carrier_sbcs(self, source: NumberSource) -> tuple[SbcId, ...]:
        """The SBCs of whom numbers of this source are from; none for the organisation's own."""
        match source:
            case NumberSource.CALLING_PLAN:
                return self.calling_plan_sbcs
            case NumberSource.OPERATOR_CONNECT:
                return self.operator_connect_sbcs
            case NumberSource.DIRECT_ROUTING:
                return ()

    def __post_init__(self) -> None:
        sbcs = self.sbcs.values()
        giving_groups = _giving_groups(self.groups.values())
        derived = {
            "tariff": None if self.credits is None else Tariff(self.credits.rates),
            "routes_by_usage": index_routes(self.routes),
            "plans_to_short_numbers": tuple(
                plan
                for plan in self.dial_plans.values()
                if not all(rule.to.startswith("+") for rule in plan.rules)
            ),
            "giving_groups": giving_groups,
            "given_policies": self._given_policies(giving_groups),
            "sbc_by_address": _first((sbc.address, sbc.id) for sbc in sbcs),
            "sbc_by_host": _first((s.address.host, s.id) for s in sbcs if s.match_any_port),
            "sbc_by_login": _first(
                (sbc.authenticate.username, sbc.id)
                for sbc in sbcs
                if sbc.match_credentials and sbc.authenticate is not None
            ),
            "main_number": self.inventory.main_number(
                account.number for account in self.resource_accounts.values()
            ),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    def _given_policies(self, giving_groups: Mapping[UserId, tuple[Group, ...]]) -> frozenset[str]:
        numbers_give = any(span.caller_id_policy is not None for span in self.inventory.ranges)
        holders: Iterable[User | ResourceAccount]
        holders = chain(self.users.values(), self.resource_accounts.values())
        given = (h.id for h in holders if h.policies or (numbers_give and h.number is not None))
        return frozenset(chain(giving_groups, given))


def _first(pairs: Iterable[tuple[T, SbcId]]) -> Mapping[T, SbcId]:
    """Of several with the same key the first one has it."""
    found: dict[T, SbcId] = {}
    for key, sbc in pairs:
        found.setdefault(key, sbc)
    return found


def _giving_groups(groups: Iterable[Group]) -> Mapping[UserId, tuple[Group, ...]]:
    found: dict[UserId, list[Group]] = {}
    for group in groups:
        if group.licences or group.policies:
            for member in group.members:
                found.setdefault(member, []).append(group)
    return {member: tuple(theirs) for member, theirs in found.items()}
