"""Direct routing objects (SPEC 2.3, 2.6, 2.7)."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from callwright.domains.pstn.headers import HeaderRule
from callwright.kernel.addresses import HostPort
from callwright.kernel.ids import SbcId
from callwright.kernel.limits.trunks import (
    GATEWAY_FAILOVER_CODES_DEFAULT,
    GATEWAY_FAILOVER_S_DEFAULT,
    TRUNK_EXPIRES_S_DEFAULT,
)


@dataclass(frozen=True, slots=True)
class TranslationRule:
    """Rewrites a number when ``pattern`` matches; ``to`` refers to groups as ``$1``."""

    pattern: re.Pattern[str]
    to: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class TrunkLogin:
    """Digest credentials, ours for a carrier or a carrier's for us."""

    username: str
    password: str = field(repr=False)
    realm: str | None = None
    """Of ours: the only realm that is told; None: any of that carrier."""


@dataclass(frozen=True, slots=True)
class TrunkRegistration:
    """We register with the carrier, like a phone."""

    user: str
    """Of the address of record."""
    contact_user: str
    """What the carrier calls us by: user part of our Contact."""
    registrar: HostPort
    """A port of 0: the DNS says it."""
    expires_s: int = TRUNK_EXPIRES_S_DEFAULT


@dataclass(frozen=True, slots=True)
class Sbc:
    id: SbcId
    address: HostPort
    """Host may be a name; a port of 0 is left to the DNS (RFC 3263)."""
    transport: str = "udp"
    """``udp``, ``tcp`` or ``tls``; "" leaves it to the DNS."""
    match_any_port: bool = False
    """True (``match: address``): any port of the address is this SBC."""
    match_credentials: bool = False
    """True (``match: credentials``): whoever proves ``authenticate`` is this SBC, wherever from."""
    enabled: bool = True
    """False drains: no new outbound calls, running ones stay (row 92)."""
    send_options: bool = True
    max_concurrent_sessions: int | None = None
    """A level that raises an alert at 90 %, not a hard limit (row 93)."""
    failover_after_s: float = GATEWAY_FAILOVER_S_DEFAULT
    failover_codes: tuple[int, ...] = GATEWAY_FAILOVER_CODES_DEFAULT
    forward_pai: bool = False
    """Asserts our number and hides it from the called party (SPEC 2.3, row 77)."""
    trusted: bool = False
    """Belongs to our trust domain (RFC 3325 §4): its assertions are believed, ours are sent."""
    forward_call_history: bool = False
    """History-Info and Referred-By go out and are kept when they come in (SPEC 2.3)."""
    diversion: bool = False
    """Diversion takes the place of History-Info (RFC 5806)."""
    sign: bool = False
    """Calls carry a signed Identity (RFC 8224)."""
    credentials: TrunkLogin | None = None
    """What we prove when the carrier challenges us."""
    authenticate: TrunkLogin | None = None
    """What the carrier has to prove before a call of its is taken."""
    registration: TrunkRegistration | None = None
    max_calls: int | None = None
    """Calls in both directions together; one more goes elsewhere or is refused."""
    max_calls_per_s: float | None = None
    """New calls, in each direction."""
    media_encryption: str = "optional"
    """``required``: only encrypted audio; ``off``: only plain; ``optional``: as the SBC asks."""
    follows_redirects: bool = False
    """A 3xx of the carrier sends the call on, as if the caller had dialled what it names."""
    inbound_headers: tuple[HeaderRule, ...] = ()
    outbound_headers: tuple[HeaderRule, ...] = ()
    inbound_called: tuple[TranslationRule, ...] = ()
    inbound_calling: tuple[TranslationRule, ...] = ()
    outbound_called: tuple[TranslationRule, ...] = ()
    outbound_calling: tuple[TranslationRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Signing:
    """How the numbers of our callers are vouched for (RFC 8224, RFC 8588)."""

    key: Path
    """PEM of an EC private key on curve P-256."""
    certificate_url: str
    """Where others find its certificate (``x5u``)."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What is made of the Identity that calls bring."""

    certificates: Path
    """Folder with the certificates that count."""
    reject_failed: bool = False
    """True: a call whose number is not its caller's is refused; else it is shown and recorded."""
    required: bool = False
    """True: a call without Identity is refused (428)."""
    show_verstat: bool = False
    """Phones get the verdict in P-Asserted-Identity."""


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
