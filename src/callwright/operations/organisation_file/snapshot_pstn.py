"""PSTN connectivity as the file words it, into the models that routing reads."""

from pathlib import Path
from typing import Any

from callwright.domains.pstn.model import (
    DialPlan,
    RoutingPolicy,
    Sbc,
    Signing,
    TranslationRule,
    Verification,
    VoiceRoute,
)
from callwright.kernel.ids import SbcId
from callwright.operations.organisation_file import pstn_schema, schema
from callwright.operations.organisation_file.snapshot_trunk import build_trunk
from callwright.operations.organisation_file.stir_schema import StirSettings
from callwright.operations.organisation_file.values import compiled


def build_pstn(organisation: schema.Organisation) -> dict[str, Any]:
    routing = organisation.pstn.direct_routing
    return {
        **_stir(organisation.pstn.stir),
        "sbcs": {SbcId(key): _sbc(key, sbc) for key, sbc in routing.sbcs.items()},
        "routes": tuple(
            VoiceRoute(
                name=route.name,
                pattern=compiled(route.pattern),
                usage=route.usage,
                sbcs=tuple(map(SbcId, route.sbcs)),
                priority=route.priority,
            )
            for route in routing.routes
        ),
        "routing_policies": {
            key: RoutingPolicy(key, tuple(policy.usages))
            for key, policy in routing.policies.items()
        },
        "dial_plans": {
            key: DialPlan(
                key,
                tuple(
                    TranslationRule(compiled(rule.pattern), rule.to, rule.name) for rule in rules
                ),
            )
            for key, rules in organisation.dial_plans.items()
        },
    }


def _stir(stir: StirSettings) -> dict[str, Any]:
    sign, verify = stir.sign, stir.verify
    return {
        "signing": sign and Signing(Path(sign.key), sign.certificate_url),
        "verification": verify
        and Verification(
            Path(verify.certificates), verify.reject_failed, verify.required, verify.show_verstat
        ),
    }


def _sbc(key: str, sbc: pstn_schema.SbcSettings) -> Sbc:
    return Sbc(
        id=SbcId(key),
        enabled=sbc.enabled,
        send_options=sbc.send_options,
        max_concurrent_sessions=sbc.max_concurrent_sessions,
        failover_after_s=sbc.failover.after_s,
        failover_codes=tuple(sbc.failover.codes),
        forward_pai=sbc.forward_pai,
        trusted=sbc.trusted,
        forward_call_history=sbc.forward_call_history,
        diversion=sbc.diversion,
        sign=sbc.sign,
        inbound_called=_rules(sbc.translate.inbound_called),
        inbound_calling=_rules(sbc.translate.inbound_calling),
        outbound_called=_rules(sbc.translate.outbound_called),
        outbound_calling=_rules(sbc.translate.outbound_calling),
        **build_trunk(sbc),
    )


def _rules(rules: list[pstn_schema.TranslationSettings]) -> tuple[TranslationRule, ...]:
    return tuple(TranslationRule(compiled(r.pattern), r.to, r.name or "") for r in rules)
