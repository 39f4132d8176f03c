"""The shape of PSTN connectivity: SBCs, routes, policies and dial plans (SPEC 2.3, 2.6, 2.7)."""

from typing import Annotated

from pydantic import AfterValidator, model_validator

from callwright.domains.pstn.rules import referenced_groups
from callwright.kernel.limits.dialling import DIAL_RULES_MAX
from callwright.kernel.limits.trunks import (
    GATEWAY_FAILOVER_CODES_DEFAULT,
    GATEWAY_FAILOVER_S_DEFAULT,
    GATEWAY_FAILOVER_S_RANGE,
    GATEWAY_SESSIONS_MAX,
)
from callwright.operations.organisation_file import values
from callwright.operations.organisation_file.refusal import refused
from callwright.operations.organisation_file.section import Section, example
from callwright.operations.organisation_file.stir_schema import StirSettings
from callwright.operations.organisation_file.trunk_schema import (
    AuthenticateSettings,
    CallsPerSecond,
    CredentialsSettings,
    HeadersSettings,
    RegistrationSettings,
)

PRIORITY_MAX = 100_000


class TranslationSettings(Section):
    pattern: values.PatternText = example(r"pattern: '^(\d{10})$'")
    to: values.Translation = example("to: '+1$1'")
    name: values.RuleName | None = None

    @model_validator(mode="after")
    def _check_groups(self) -> "TranslationSettings":
        check_groups(self.pattern, self.to)
        return self


class DialRuleSettings(Section):
    name: values.RuleName = example("name: local-7")
    pattern: values.PatternText = example(r"pattern: '^(\d{7})$'")
    to: values.Translation = example("to: '+1425$1'")

    @model_validator(mode="after")
    def _check_groups(self) -> "DialRuleSettings":
        check_groups(self.pattern, self.to)
        return self


def check_groups(pattern: str, to: str) -> None:
    """Refuses a translation that names a group which the pattern does not have."""
    available = values.compiled(pattern).groups
    for group in sorted(referenced_groups(to)):
        if group > available:
            has = f"{available} group" + ("" if available == 1 else "s")
            raise refused(
                f"${group} names a group that the pattern does not have; it has {has}: "
                "put what you want to keep in brackets ( )",
                at=["to"],
            )


class FailoverSettings(Section):
    after_s: Annotated[int | float, values.seconds(*GATEWAY_FAILOVER_S_RANGE)] = (
        GATEWAY_FAILOVER_S_DEFAULT
    )
    codes: values.Codes = list(GATEWAY_FAILOVER_CODES_DEFAULT)


DialRules = Annotated[
    list[DialRuleSettings], AfterValidator(values.at_most(DIAL_RULES_MAX, "rules"))
]


class TranslateSettings(Section):
    inbound_called: list[TranslationSettings] = []
    inbound_calling: list[TranslationSettings] = []
    outbound_called: list[TranslationSettings] = []
    outbound_calling: list[TranslationSettings] = []


class SbcSettings(Section):
    address: values.Address = example("address: 127.0.0.1:5060")
    transport: values.Transport | None = None
    match: values.SbcMatch | None = None
    enabled: bool = True
    send_options: bool = True
    max_concurrent_sessions: Annotated[int | None, values.whole(1, GATEWAY_SESSIONS_MAX)] = None
    failover: FailoverSettings = FailoverSettings()
    forward_pai: bool = False
    trusted: bool = False
    forward_call_history: bool = False
    diversion: bool = False
    sign: bool = False
    credentials: CredentialsSettings | None = None
    authenticate: AuthenticateSettings | None = None
    registration: RegistrationSettings | None = None
    max_calls: Annotated[int | None, values.whole(1, GATEWAY_SESSIONS_MAX)] = None
    max_calls_per_s: CallsPerSecond | None = None
    redirects: values.Redirects = "refuse"
    media_encryption: values.MediaEncryption = "optional"
    headers: HeadersSettings = HeadersSettings()
    translate: TranslateSettings = TranslateSettings()


class RouteSettings(Section):
    name: values.Name = example("name: us-main")
    pattern: values.PatternText = example(r"pattern: '^\+1\d{10}$'")
    usage: values.Key = example("usage: national")
    sbcs: Annotated[list[values.Reference], values.Filled] = example("sbcs: [sbc1]")
    priority: Annotated[int, values.whole(1, PRIORITY_MAX)] = 1


class PolicySettings(Section):
    usages: list[values.Reference] = example("usages: [national]")
    everybody: bool = False


class DirectRoutingSettings(Section):
    sbcs: dict[values.Key, SbcSettings] = {}
    routes: list[RouteSettings] = []
    policies: dict[values.Key, PolicySettings] = {}


class CarrierSettings(Section):
    """Who carries the calls of numbers that are not the organisation's own."""

    sbcs: Annotated[list[values.Reference], values.Filled] = example("sbcs: [carrier]")


class PstnSettings(Section):
    direct_routing: DirectRoutingSettings = DirectRoutingSettings()
    calling_plan: CarrierSettings | None = None
    operator_connect: CarrierSettings | None = None
    stir: StirSettings = StirSettings()
