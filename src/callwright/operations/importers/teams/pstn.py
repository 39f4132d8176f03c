"""Direct routing: gateways, routes, policies and dial plans."""

import re
from collections.abc import Iterator
from typing import Any

from callwright.kernel.limits.trunks import GATEWAY_FAILOVER_CODES_DEFAULT
from callwright.operations.importers.teams.names import Ledger, Namer, policy_name, slug
from callwright.operations.importers.teams.reading import Exported, Thing, list_of, text_of

_RULES = (
    "InboundTeamsNumberTranslationRules",
    "InboundPstnNumberTranslationRules",
    "OutboundTeamsNumberTranslationRules",
    "OutboundPstnNumberTranslationRules",
)
TLS_PORT = 5061


def direct_routing(exported: Exported, ledger: Ledger) -> dict[str, Any]:
    """Empty where there is no gateway."""
    namer = Namer("sbc")
    gateways = exported.of("CsOnlinePSTNGateway")
    keys = {_fqdn(gateway).lower(): namer.key(_fqdn(gateway)) for gateway in gateways}
    if not keys:
        return {}
    sbcs = {keys[_fqdn(gateway).lower()]: _sbc(gateway, ledger) for gateway in gateways}
    routes = [
        route
        for each in sorted(exported.of("CsOnlineVoiceRoute"), key=_priority)
        for route in _routes(each, keys, ledger)
    ]
    used = {route["usage"] for route in routes}
    policies: dict[str, Any] = {}
    for each in exported.of("CsOnlineVoiceRoutingPolicy"):
        name = policy_name(text_of(each, "Identity"))
        usages = [slug(str(usage)) for usage in list_of(each, "OnlinePstnUsages")]
        for usage in usages:
            if usage not in used:
                ledger.lose(f"voice routing policy {name}", f"no route has its usage {usage}")
        kept = [usage for usage in usages if usage in used]
        if name == "default" and not kept:
            continue  # as Teams has it before anybody writes it
        policies[name] = {"usages": kept} | ({"everybody": True} if name == "default" else {})
    for each in exported.of("CsOnlinePstnUsage"):
        for usage in list_of(each, "Usage"):
            if slug(str(usage)) not in used:
                ledger.lose(f"PSTN usage {usage}", "no route has it; it is left out")
    return {"sbcs": sbcs, "routes": routes, "policies": policies}


def _fqdn(gateway: Thing) -> str:
    return text_of(gateway, "Fqdn") or text_of(gateway, "Identity")


def _sbc(gateway: Thing, ledger: Ledger) -> dict[str, Any]:
    label = f"SBC {_fqdn(gateway)}"
    port = text_of(gateway, "SipSignalingPort") or str(TLS_PORT)
    sbc: dict[str, Any] = {"address": f"{_fqdn(gateway)}:{port}", "transport": "tls"}
    if gateway.get("Enabled") is False:
        sbc["enabled"] = False
    if gateway.get("SendSipOptions") is False:
        sbc["send_options"] = False
    if gateway.get("ForwardPai") is True:
        sbc["forward_pai"] = True
    if gateway.get("ForwardCallHistory") is True:
        sbc["forward_call_history"] = True
    sessions = text_of(gateway, "MaxConcurrentSessions")
    if sessions.isdecimal() and int(sessions):
        sbc["max_concurrent_sessions"] = int(sessions)
    failover: dict[str, Any] = {}
    seconds = text_of(gateway, "FailoverTimeSeconds")
    if seconds.isdecimal():
        failover["after_s"] = int(seconds)
    codes = [int(code) for code in re.findall(r"\d{3}", text_of(gateway, "FailoverResponseCodes"))]
    if codes and codes != list(GATEWAY_FAILOVER_CODES_DEFAULT):
        failover["codes"] = codes
    if failover:
        sbc["failover"] = failover
    for name in _RULES:
        for rule in list_of(gateway, name):
            why = f"{name} names {rule}, which no cmdlet that is read shows"
            ledger.lose(label, f"{why}; write it below translate")
    if gateway.get("MediaBypass") is True:
        ledger.lose(label, "media bypass is not needed: audio goes through this system")
    if text_of(gateway, "GatewaySiteId"):
        ledger.lose(label, "its site is left out; location-based routing is not read")
    return sbc


def _priority(route: Thing) -> int:
    text = text_of(route, "Priority")
    return int(text) if text.isdecimal() else 0


def _routes(route: Thing, keys: dict[str, str], ledger: Ledger) -> Iterator[dict[str, Any]]:
    """One for each usage. Teams counts priorities from 0, routes here from 1."""
    name = text_of(route, "Name") or text_of(route, "Identity")
    label = f"voice route {name}"
    named = [str(gateway).lower() for gateway in list_of(route, "OnlinePstnGatewayList")]
    sbcs = [keys[gateway] for gateway in named if gateway in keys]
    for gateway in (each for each in named if each not in keys):
        ledger.lose(label, f"no gateway is called {gateway}")
    usages = [str(usage) for usage in list_of(route, "OnlinePstnUsages")]
    if not sbcs or not usages:
        ledger.lose(label, "has no gateway or no usage; it is left out")
        return
    for usage in usages:
        yield {
            "name": name if len(usages) == 1 else f"{name} {usage}",
            "pattern": text_of(route, "NumberPattern"),
            "usage": slug(usage),
            "sbcs": sbcs,
            "priority": _priority(route) + 1,
        }


def dial_plans(exported: Exported, ledger: Ledger) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in exported.of("CsTenantDialPlan"):
        name = policy_name(text_of(each, "Identity") or text_of(each, "SimpleName"))
        rules = [_rule(rule) for rule in list_of(each, "NormalizationRules")]
        if name != "default" or rules:
            found[name] = [rule for rule in rules if rule is not None]
        for rule in rules:
            if rule is None:
                ledger.lose(f"dial plan {name}", "a rule has no pattern; it is left out")
    return found


def _rule(rule: object) -> dict[str, str] | None:
    """PowerShell writes a rule as an object, or as ``Name=..;Pattern=..;Translation=..``."""
    if isinstance(rule, str):
        rule = {
            word: value
            for word, mark, value in (part.partition("=") for part in rule.split(";"))
            if mark
        }
    if not isinstance(rule, dict) or not text_of(rule, "Pattern"):
        return None
    name = text_of(rule, "Name") or "rule"
    return {
        "name": name,
        "pattern": text_of(rule, "Pattern"),
        "to": text_of(rule, "Translation") or "$1",
    }
