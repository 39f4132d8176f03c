"""The organisation file's shape: every key, its type, its bounds and an example of each.

Unknown keys are refused and nothing is converted. Values stay as the file words them; the examples
are what a mistake proposes.
"""

from typing import Annotated

from pydantic import AfterValidator

from callwright.domains.licences.model import Sku
from callwright.kernel.limits.attendants import (
    DELEGATES_MAX,
    DELEGATES_RING_S_DEFAULT,
    DELEGATES_RING_S_RANGE,
)
from callwright.kernel.limits.calls import ANSWERING_DELAY_S_DEFAULT, ANSWERING_DELAYS_S
from callwright.kernel.limits.configuration import CONTACT_PHONES_MAX, CONTACTS_MAX
from callwright.kernel.limits.dialling import ALTERNATE_NUMBERS_MAX, UNASSIGNED_TREATMENTS_MAX
from callwright.kernel.limits.numbers import NUMBER_BLOCK_DAYS_RANGE
from callwright.kernel.limits.rights import DIAL_PLANS_MAX, PROFILE_PHONES_MAX
from callwright.kernel.limits.schedules import HOLIDAY_SETS_MAX, SCHEDULES_MAX
from callwright.operations.organisation_file import forms, values
from callwright.operations.organisation_file.agent_schema import PauseReasons, SkillLevels
from callwright.operations.organisation_file.attendant_schema import AttendantSettings
from callwright.operations.organisation_file.licence_schema import LicenceSettings
from callwright.operations.organisation_file.mailbox_schema import (
    OwnMailboxSettings,
    SharedMailboxSettings,
    VoicemailSettings,
)
from callwright.operations.organisation_file.number_schema import NumberSettings
from callwright.operations.organisation_file.policy_schema import (
    GivenPolicies,
    GroupPolicies,
    PolicySections,
)
from callwright.operations.organisation_file.pstn_schema import DialRules, PstnSettings
from callwright.operations.organisation_file.queue_schema import QueueSettings
from callwright.operations.organisation_file.retention_schema import RetentionSettings
from callwright.operations.organisation_file.ring_group_schema import RingSettings
from callwright.operations.organisation_file.schedule_schema import (
    HolidaySetSettings,
    ScheduleSettings,
)
from callwright.operations.organisation_file.section import Section, empty, example
from callwright.operations.organisation_file.shield_schema import ShieldSettings
from callwright.operations.organisation_file.sign_in_schema import SignInSettings
from callwright.operations.organisation_file.unassigned_schema import TreatmentSettings
from callwright.operations.organisation_file.web_pages import WebPages

SECRET_FIELDS = frozenset({"password", "pin"})
"""Their values are in the file and nowhere else: no mistake and no plan shows them."""


class ProfileSettings(Section):
    name: values.Name = example("name: Contoso")
    domain: values.Domain = example("domain: contoso.test")
    country: values.Country = example("country: US")
    timezone: values.Timezone = example("timezone: America/Los_Angeles")
    language: values.Language = example("language: en-US")
    number_quarantine_days: Annotated[int, values.whole(0, NUMBER_BLOCK_DAYS_RANGE[1])] = 0
    retention: RetentionSettings = RetentionSettings()
    pause_reasons: PauseReasons = []


class SipSettings(Section):
    password: values.Secret = example("password: SECRET")


class UnansweredSettings(Section):
    after_s: Annotated[int, values.chosen(ANSWERING_DELAYS_S)] = ANSWERING_DELAY_S_DEFAULT
    to: forms.OwnTarget = forms.OWN_VOICEMAIL


class ForwardSettings(Section):
    to: forms.OwnTarget = example("to: {user: bob}")


class AnsweringSettings(Section):
    forward: ForwardSettings | None = None
    unanswered: UnansweredSettings | None = None
    do_not_disturb: bool = False
    intercom: bool = False


class ProfileOfUser(Section):
    title: values.Name | None = None
    department: values.Name | None = None
    office: values.Name | None = None
    company: values.Name | None = None
    email: values.Email | None = None
    phones: Annotated[
        dict[values.Key, values.ProfilePhoneText],
        AfterValidator(values.at_most(PROFILE_PHONES_MAX, "phones")),
    ] = {}
    hidden: bool = False


class UserSettings(Section):
    name: values.Name = example("name: Alice Adams")
    enabled: bool = True
    country: values.Country | None = None
    licences: list[values.SkuName] = empty(list)
    voice: bool | None = None
    profile: ProfileOfUser = ProfileOfUser.shared()
    policies: GivenPolicies = GivenPolicies.shared()
    number: values.LineText | None = None
    private_line: values.PrivateLine | None = None
    alternate_numbers: Annotated[
        list[values.Number],
        AfterValidator(values.at_most(ALTERNATE_NUMBERS_MAX, "numbers")),
    ] = empty(list)
    extension: values.Extension | None = None
    sip: SipSettings | None = None
    voicemail: OwnMailboxSettings | None = None
    answering: AnsweringSettings | None = None
    location: values.Reference | None = None
    skills: SkillLevels = empty(dict)


class GroupSettings(Section):
    name: values.Name | None = None
    members: list[forms.Member] = example("members: [alice, bob]")
    channel: bool = False
    ring: RingSettings = RingSettings()
    licences: list[values.SkuName] = []
    policies: GroupPolicies = GroupPolicies()


class ContactSettings(Section):
    name: values.Name = example("name: Jane Doe")
    phones: Annotated[
        list[values.Number],
        values.Filled,
        AfterValidator(values.at_most(CONTACT_PHONES_MAX, "phones")),
    ] = example('phones: ["+12065550123"]')


class ResourceAccountSettings(Section):
    name: values.Name = example("name: Main line")
    number: values.LineText | None = None
    answers: forms.Answerer = example("answers: {auto_attendant: reception}")
    delegates: Annotated[
        list[values.Reference],
        AfterValidator(values.at_most(DELEGATES_MAX, "delegates")),
    ] = []
    delegates_ring_s: Annotated[int, values.whole(*DELEGATES_RING_S_RANGE)] = (
        DELEGATES_RING_S_DEFAULT
    )
    web_pages: WebPages = []
    licences: list[values.SkuName] = [Sku.RESOURCE_ACCOUNT.value]
    country: values.Country | None = None
    policies: GivenPolicies = GivenPolicies()
    location: values.Reference | None = None


class RechargeSettings(Section):
    below: values.Amount = example('below: "5.00"')
    add: values.Amount = example('add: "20.00"')
    by: values.Provider = example("by: none")


class RateSettings(Section):
    prefix: values.Prefix = example('prefix: "+44"')
    per_minute: values.Amount = example('per_minute: "0.02"')
    connect: values.Amount = "0"
    increment_s: Annotated[int, values.whole(1, 3_600)] = 60


class CreditSettings(Section):
    currency: values.Currency = example("currency: USD")
    opening_balance: values.Amount = "0"
    auto_recharge: RechargeSettings | None = None
    toll_free_inbound_per_minute: values.Amount | None = None
    rates: list[RateSettings] = []


class EmergencyRouteSettings(Section):
    sbcs: Annotated[list[values.Reference], values.Filled] = example("sbcs: [sbc1]")


class LocationSettings(Section):
    address: values.PostalAddress = example('address: "1 Contoso Way, Redmond, WA 98052, US"')
    elin: values.Number | None = None


class EmergencySettings(Section):
    numbers: Annotated[list[values.DialString], values.Filled] = example('numbers: ["911"]')
    route: EmergencyRouteSettings = example("route: {sbcs: [sbc1]}")
    notify: list[forms.Notified] = []
    locations: dict[values.Key, LocationSettings] = {}


class Organisation(Section):
    """The whole file; what it refers to is checked by ``checks``, not here."""

    organisation: ProfileSettings = example("organisation: {name: Contoso, ...}")
    licences: dict[values.SkuName, LicenceSettings] = {}
    users: dict[values.Key, UserSettings] = {}
    groups: dict[values.Key, GroupSettings] = {}
    policies: PolicySections = PolicySections()
    pstn: PstnSettings = PstnSettings()
    dial_plans: Annotated[
        dict[values.Key, DialRules],
        AfterValidator(values.at_most(DIAL_PLANS_MAX, "dial plans")),
    ] = {}
    numbers: list[NumberSettings] = []
    unassigned_numbers: Annotated[
        dict[values.Key, TreatmentSettings],
        AfterValidator(values.at_most(UNASSIGNED_TREATMENTS_MAX, "treatments")),
    ] = {}
    contacts: Annotated[
        dict[values.Key, ContactSettings],
        AfterValidator(values.at_most(CONTACTS_MAX, "contacts")),
    ] = {}
    resource_accounts: dict[values.Key, ResourceAccountSettings] = {}
    call_queues: dict[values.Key, QueueSettings] = {}
    shared_voicemail: dict[values.Key, SharedMailboxSettings] = {}
    voicemail: VoicemailSettings = VoicemailSettings()
    schedules: Annotated[
        dict[values.Key, ScheduleSettings],
        AfterValidator(values.at_most(SCHEDULES_MAX, "schedules")),
    ] = {}
    holiday_sets: Annotated[
        dict[values.Key, HolidaySetSettings],
        AfterValidator(values.at_most(HOLIDAY_SETS_MAX, "holiday sets")),
    ] = {}
    auto_attendants: dict[values.Key, AttendantSettings] = {}
    credits: CreditSettings | None = None
    emergency: EmergencySettings | None = None
    shield: ShieldSettings = ShieldSettings()
    sign_in: SignInSettings = SignInSettings()

    @property
    def seats(self) -> dict[str, int]:
        """Seats bought, by SKU."""
        return {sku: licence.seats for sku, licence in self.licences.items()}
