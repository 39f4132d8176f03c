"""A leg: one party's dialog and media inside a call. Call control knows this face only."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from callwright.calls.introduction import UNINTRODUCED, Introduction, Names
from callwright.calls.media_leg import MediaLeg
from callwright.kernel.ids import SbcId, UserId
from callwright.kernel.limits.signalling import HOPS_MAX
from callwright.kernel.reason import Reason
from callwright.kernel.value import value

if TYPE_CHECKING:
    from callwright.calls.supervised_talk import Supervision

HIDDEN = "anonymous"
"""Stands for a caller who wants to stay unknown."""


@value
class Party:
    """Who is at the end of a leg, as records and other parties see them."""

    address: str
    """E.164 number, extension or user name."""
    name: str | None = None
    user: UserId | None = None
    gateway: SbcId | None = None
    introduction: Introduction = UNINTRODUCED
    is_visitor: bool = False
    """Calls from a web page, and proves nothing."""

    @property
    def is_from_outside(self) -> bool:
        return self.gateway is not None or self.is_visitor

    def is_same_as(self, other: "Party") -> bool:
        """Another phone of a user is the same party."""
        if self.user is not None or other.user is not None:
            return self.user == other.user
        return (self.address, self.gateway) == (other.address, other.gateway)

    @property
    def shown_address(self) -> str:
        """What people see who are no administrators."""
        return HIDDEN if self.introduction.is_private else self.address

    @property
    def shown_name(self) -> str | None:
        return None if self.introduction.is_private else self.name


class LegState(Enum):
    SETTING_UP = "setting-up"
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


@value
class Failure:
    """How an outgoing leg failed, in SIP's words."""

    status: int
    phrase: str
    is_silence: bool = False
    """True: the peer never said anything (timeout or transport error on our side)."""
    redirects: tuple[str, ...] = ()
    """What a 3xx names in place of what was called, as it would be dialled; the best first."""
    retry_after_s: int | None = None
    """How long a 503 asks to be left alone."""


class TransferNotifier(Protocol):
    """Tells the transferor how the transfer goes on, and how it ended (RFC 3515 §2.4.4)."""

    def progress(self, status: int, phrase: str) -> None: ...

    def finish(self, status: int, phrase: str) -> None: ...


@dataclass(frozen=True, slots=True)
class DialogName:
    """A dialog of ours, as the parties name it to each other (RFC 3891 §3)."""

    call_id: str
    local_tag: str
    remote_tag: str


@dataclass(frozen=True, slots=True)
class TransferRequest:
    """A transfer that a party asked for: blind (RFC 5589 §6), or to another call of that party
    (attended, §7)."""

    transferor: "Leg"
    dialled: str
    notifier: TransferNotifier
    replaces: DialogName | None = None
    """The transferor's other call."""
    transferee: "Leg | None" = None
    """Who stays; known once the transferor's call took the request."""
    referred_by: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A written message from one party of a call to the other (RFC 3428)."""

    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...]
    """What belongs to the text: its subject, its language."""
    answer: Callable[[int], None]
    """Takes the status that the sender is told."""


class LegObserver(Protocol):
    """Whoever owns a leg hears of it: a fork while it rings, then the call."""

    def leg_trying(self, leg: "Leg") -> None:
        """The peer took the INVITE (100): it is not silent."""
        ...

    def leg_ringing(self, leg: "Leg") -> None: ...

    def leg_early_media(self, leg: "Leg") -> None: ...

    def leg_answered(self, leg: "Leg") -> None: ...

    def leg_failed(self, leg: "Leg", failure: Failure) -> None: ...

    def leg_ended(self, leg: "Leg") -> None:
        """The party left: hang-up, cancellation, or a dead dialog."""
        ...

    def leg_hold(self, leg: "Leg", held: bool) -> None: ...

    def leg_transfer(self, leg: "Leg", request: TransferRequest) -> None: ...

    def leg_text(self, leg: "Leg", text: Text) -> None: ...


class Leg(ABC):
    """State shared by every kind of leg; signalling is the adapter's."""

    __slots__ = (
        "_media",
        "_met",
        "_state",
        "_when_gone",
        "ended_for",
        "hops_left",
        "is_emergency",
        "is_holding",
        "last_words",
        "may_deflect",
        "names",
        "observer",
        "on_meeting",
        "on_state",
        "party",
        "stands_for",
        "supervision",
        "was_answered",
    )

    def __init__(self, party: Party, media: MediaLeg | None) -> None:
        self.party = party
        self.on_state: Callable[[Leg], None] | None = None
        """Hears of each new ``state`` and each new peer; set by whoever watches the party."""
        self.on_meeting: Callable[[Leg, Party], None] | None = None
        """Lets the party's phone show whom it talks to from now on; None: it shows nobody."""
        self.stands_for: Party | None = None
        """Whom others are shown in place of the party, whose number is somebody's own affair."""
        self._met: Party | None = None
        self._state = LegState.SETTING_UP
        self.was_answered = False
        """True from the answer on, beyond the end."""
        self.observer: LegObserver | None = None
        self.is_holding = False
        """True: this party put its peer on hold."""
        self.may_deflect = False
        """True: its redirection ends the ringing of the others, too."""
        self.is_emergency = False
        """True: its audio may take the last ports."""
        self.hops_left = HOPS_MAX
        """How many more systems may bring this party on (Max-Forwards, RFC 3261 §20.22)."""
        self.ended_for = Reason.NORMAL
        """Why the party left, when it was not of its own will."""
        self.names: Names | None = None
        self.last_words: str | None = None
        """What the party said of its leaving or refusing (the Reason header)."""
        self.supervision: Supervision | None = None
        """Who hears this party's talks; its end is the supervision's affair."""
        self._media = media
        self._when_gone: tuple[Callable[[], None], ...] = ()

    @property
    def state(self) -> LegState:
        return self._state

    @state.setter
    def state(self, state: LegState) -> None:
        self._state = state
        if state is LegState.ANSWERED:
            self.was_answered = True
        self.tell_change()

    def tell_change(self) -> None:
        if self.on_state is not None:
            self.on_state(self)

    @property
    def shown_party(self) -> Party:
        """Whom others are shown."""
        return self.stands_for or self.party

    @property
    def has_met(self) -> bool:
        """The party talked to somebody."""
        return self._met is not None

    def meet(self, peer: "Leg") -> None:
        """The party talks to ``peer``'s from now on. Whom a phone shows at first was told when the
        call was made; whoever comes after a transfer is told now."""
        shown = peer.shown_party
        met, self._met = self._met, shown
        is_news = met is not None and not shown.is_same_as(met)
        if is_news and self.on_meeting is not None:
            self.on_meeting(self, shown)

    @property
    def media(self) -> MediaLeg:
        """The leg's audio, opened at first need; raises PortsExhausted."""
        media = self._media
        if media is None:
            media = self._media = self._open_media()
        return media

    @property
    def opened_media(self) -> MediaLeg | None:
        """The leg's audio if there is or was any; opens nothing."""
        return self._media

    @property
    def is_answered(self) -> bool:
        return self._state is LegState.ANSWERED

    @property
    def has_ended(self) -> bool:
        return self._state is LegState.ENDED

    @property
    def hears(self) -> bool:
        """Audio reaches this party: answered, or early media before the answer."""
        return self.is_answered

    @property
    @abstractmethod
    def has_keys_in_audio(self) -> bool:
        """Keys go either way as telephone-events (RFC 4733)."""

    @abstractmethod
    def send_key(self, key: str) -> None:
        """Lets the party have a key of the other one's, in whichever way it takes keys."""

    @abstractmethod
    def send_text(self, text: Text) -> None:
        """Lets the party have a text of the other one's, and answers it."""

    @abstractmethod
    def codecs(self) -> tuple[str, ...]:
        """Codec names this party offered or agreed to, its favourite first."""

    @abstractmethod
    def ring(self) -> None:
        """Tells an incoming caller that the other side rings (180)."""

    @abstractmethod
    def answer_early(self, prefer: tuple[str, ...] = ()) -> bool:
        """Opens the audio towards the caller before the answer (183); False without a codec."""

    @abstractmethod
    def answer(self, prefer: tuple[str, ...] = ()) -> bool:
        """Accepts an incoming leg (200); False when no codec is in common (488 was sent)."""

    @abstractmethod
    def hang_up(self, reason: Reason, *, status: int | None = None) -> None:
        """Ends the leg in whichever way its state asks for; idempotent."""

    @abstractmethod
    def _open_media(self) -> MediaLeg: ...

    def when_gone(self, act: Callable[[], None]) -> None:
        """Acts as soon as the leg has ended."""
        if self.has_ended:
            act()
        else:
            self._when_gone += (act,)

    async def wait_until_gone(self) -> None:
        """Returns when the leg has ended."""
        gone = asyncio.Event()
        self.when_gone(gone.set)
        await gone.wait()

    def mark_ended(self) -> None:
        self.state = LegState.ENDED
        for act in self._when_gone:
            act()
        if self._media is not None:
            self._media.close()
