"""PSTN connectivity as the file words it, into the models that routing reads."""

from ipaddress import ip_address
from typing import Any

from callwright.domains.pstn.model import DialPlan, RoutingPolicy, Sbc, TranslationRule, VoiceRoute
from callwright.kernel.addresses import HostPort
from callwright.kernel.ids import SbcId
from callwright.operations.organisation_file import pstn_schema, schema
from callwright.operations.organisation_file.values import compiled


def build_pstn(organisation: schema.Organisation) -> dict[str, Any]:
    routing = organisation.pstn.direct_routing
    return {
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


def _sbc(key: str, sbc: pstn_schema.SbcSettings) -> Sbc:
    host, port = HostPort.parse(sbc.address)
    return Sbc(
        id=SbcId(key),
        address=HostPort(str(ip_address(host)), port),
        transport=sbc.transport,
        match_any_port=sbc.match is not None,
        enabled=sbc.enabled,
        send_options=sbc.send_options,
        max_concurrent_sessions=sbc.max_concurrent_sessions,
        failover_after_s=sbc.failover.after_s,
        failover_codes=tuple(sbc.failover.codes),
        forward_pai=sbc.forward_pai,
        inbound_called=_rules(sbc.translate.inbound_called),
        inbound_calling=_rules(sbc.translate.inbound_calling),
        outbound_called=_rules(sbc.translate.outbound_called),
        outbound_calling=_rules(sbc.translate.outbound_calling),
    )


def _rules(rules: list[pstn_schema.TranslationSettings]) -> tuple[TranslationRule, ...]:
    return tuple(TranslationRule(compiled(r.pattern), r.to, r.name or "") for r in rules)
