"""What voice apps need of the world outside, as Protocols that the runtime implements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from callwright.calls.introduction import Alert, Retarget
from callwright.calls.leg import DialogName, Leg
from callwright.domains.emergency.model import Location
from callwright.domains.voicemail.model import TranscriptState
from callwright.kernel.e164 import E164
from callwright.kernel.ids import CallId, MailboxId, SbcId, UserId
from callwright.kernel.limits.signalling import HOPS_MAX
from callwright.kernel.money import Money
from callwright.kernel.value import value
from callwright.routing.request import Gateway
from callwright.routing.snapshot import Snapshot


@value
class Caller:
    """Who the called party sees."""

    address: str
    """E.164 number or extension; the user part of From."""
    name: str | None
    codecs: tuple[str, ...]
    """What the caller's leg speaks, its favourite first."""
    is_emergency: bool = False
    """True: the new leg may take the last ports."""
    hops_left: int = HOPS_MAX
    """Max-Forwards of the new leg."""
    history: tuple[Retarget, ...] = ()
    """The targets that the call left on its way."""
    alert: Alert = Alert.INTERNAL
    is_from_outside: bool = False
    """The public network brought the caller."""
    is_intercom: bool = False
    """The called phone answers by itself."""
    verstat: str | None = None
    """What a signature says of the number."""
    referred_by: str | None = None
    """Who transferred the call, as the text of a URI; trunks that get call history are told."""
    uuid: str | None = None
    """Names the caller across systems (RFC 7989)."""
    device: object | None = None
    """The one phone of the user that was dialled, in the runtime's terms; None: all ring."""


class Way(Protocol):
    """One address of a gateway; its text is for people."""

    def __str__(self) -> str: ...


class Reach(Protocol):
    """Sends INVITEs; the legs ring when this returns."""

    def has_phone(self, user: UserId) -> bool: ...

    def user_legs(self, snapshot: Snapshot, user: UserId, caller: Caller) -> list[Leg]:
        """One leg for each registered phone of the user."""
        ...

    def ways(self, snapshot: Snapshot, sbc: SbcId) -> Sequence[Way]:
        """The gateway's addresses in the order to try; none: its name is not known."""
        ...

    def bar(self, snapshot: Snapshot, sbc: SbcId) -> str | None:
        """Which limit keeps the gateway from one more call; None: none does, and it is counted."""
        ...

    def rest(self, way: Way, for_s: float) -> None:
        """Tries this address after others for a while."""
        ...

    def gateway_leg(
        self, snapshot: Snapshot, gateway: Gateway, caller: Caller, way: Way
    ) -> Leg: ...

    def leg_of(self, dialog: DialogName) -> Leg | None:
        """The leg whose dialog is named so; None: there is none, or no longer."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """A voicemail that was recorded."""

    mailbox: MailboxId
    caller: str
    caller_name: str | None
    received_at: datetime
    duration_s: float
    path: Path
    is_protected: bool = False
    """It leaves the system by no mail, and is forwarded to nobody."""
    transcript: str | None = None
    transcript_state: TranscriptState = TranscriptState.NONE
    forwarded_by: UserId | None = None


@dataclass(frozen=True, slots=True)
class EmergencyNotice:
    call: CallId
    caller: str
    dial_string: str
    location: Location | None
    at: datetime
    notify: Sequence[UserId]
    callback: E164 | None
    user: UserId | None


class Alarms(Protocol):
    """Tells people that something happened which they must know."""

    def emergency_called(self, snapshot: Snapshot, notice: EmergencyNotice) -> None: ...

    def gateway_failed(self, sbc: SbcId, status: int) -> None: ...

    def credits_low(self, snapshot: Snapshot, balance: Money) -> None: ...

    def recording_failed(self, snapshot: Snapshot, mailbox: MailboxId, path: str) -> None:
        """A message could not be written, or not to its end: the disk is full, or refuses."""
        ...
