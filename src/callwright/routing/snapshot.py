"""One organisation's whole configuration, immutable, with the indexes that decisions need."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from callwright.domains.attendants.model import AutoAttendant
from callwright.domains.credits.model import Credits
from callwright.domains.directory.model import Group, Mailbox, User
from callwright.domains.emergency.model import Emergency
from callwright.domains.numbers.model import NumberRange, ResourceAccount
from callwright.domains.pstn.model import DialPlan, RoutingPolicy, Sbc, VoiceRoute
from callwright.domains.queues.model import CallQueue
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
    number_ranges: tuple[NumberRange, ...]
    resource_accounts: Mapping[ResourceAccountId, ResourceAccount]
    queues: Mapping[CallQueueId, CallQueue]
    attendants: Mapping[AutoAttendantId, AutoAttendant]
    credits: Credits | None
    emergency: Emergency | None
    user_by_number: Mapping[E164, UserId]
    user_by_extension: Mapping[str, UserId]
    resource_account_by_number: Mapping[E164, ResourceAccountId]
