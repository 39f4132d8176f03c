"""Direct routing objects (SPEC 2.3, 2.6, 2.7)."""

import re
from dataclasses import dataclass

from callwright.kernel.addresses import HostPort
from callwright.kernel.ids import SbcId
from callwright.kernel.limits import (
    GATEWAY_FAILOVER_CODES_DEFAULT,
    GATEWAY_FAILOVER_S_DEFAULT,
)


@dataclass(frozen=True, slots=True)
class TranslationRule:
    """Rewrites a number when ``pattern`` matches; ``to`` refers to groups as ``$1``."""

    pattern: re.Pattern[str]
    to: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Sbc:
    id: SbcId
    address: HostPort
    transport: str = "udp"
    """``udp`` or ``tcp``."""
    match_any_port: bool = False
    """True (``match: address``): any port of the address is this SBC."""
    enabled: bool = True
    """False drains: no new outbound calls, running ones stay (row 92)."""
    send_options: bool = True
    max_concurrent_sessions: int | None = None
    """A level that raises an alert at 90 %, not a hard limit (row 93)."""
    failover_after_s: float = GATEWAY_FAILOVER_S_DEFAULT
    failover_codes: tuple[int, ...] = GATEWAY_FAILOVER_CODES_DEFAULT
    forward_pai: bool = False
    inbound_called: tuple[TranslationRule, ...] = ()
    inbound_calling: tuple[TranslationRule, ...] = ()
    outbound_called: tuple[TranslationRule, ...] = ()
    outbound_calling: tuple[TranslationRule, ...] = ()


@dataclass(frozen=True, slots=True)
class VoiceRoute:
    name: str
    pattern: re.Pattern[str]
    usage: str
    sbcs: tuple[SbcId, ...]
    priority: int
    """Lower is tried first."""


@dataclass(frozen=True, slots=True)
class RoutingPolicy:
    name: str
    usages: tuple[str, ...]
    """In order; the first usage with a matching route wins (row 85)."""


@dataclass(frozen=True, slots=True)
class DialPlan:
    name: str
    rules: tuple[TranslationRule, ...]
    """First match wins (row 94)."""
