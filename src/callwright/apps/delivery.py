"""One party on its way to somewhere: the call, the leg being served, and on whose account."""

from collections.abc import Callable, Collection
from typing import NamedTuple

from callwright.apps.services import Caller
from callwright.calls.call import Call
from callwright.calls.introduction import Alert, Retarget
from callwright.calls.leg import Leg
from callwright.domains.directory.rules import shown_address
from callwright.kernel.ids import ResourceAccountId, UserId
from callwright.kernel.limits.attendants import ATTENDANT_CHAIN_MAX
from callwright.kernel.limits.identity import HISTORY_ENTRIES_MAX
from callwright.kernel.limits.signalling import HOPS_MAX
from callwright.routing.request import OnBehalf
from callwright.routing.snapshot import Snapshot


class Delivery(NamedTuple):
    """Immutable; each step of the way makes its own."""

    call: Call
    leg: Leg
    """Who is being brought somewhere; its hang-up ends the call's script."""
    snapshot: Snapshot
    """As it was when the call began: a change takes effect on the next call."""
    account: ResourceAccountId | None = None
    """The resource account that was called, which pays for calls it sends out."""
    forwarder: UserId | None = None
    """The user whose rule sent the call on."""
    label: str | None = None
    """Queue or attendant that the called party sees with the caller (row 144)."""
    connected: Callable[[], None] | None = None
    """Called when the party reached somebody or something that answers (transfers)."""
    rings: Callable[[], None] | None = None
    """Called when somebody is being rung for the party (transfers)."""
    fallback: Callable[[int], bool] | None = None
    """Asked, with the status, before the party is refused: True when somebody else takes care of
    it (a transferor who is still there)."""
    referred_by: str | None = None
    """Who transferred the party, as its phone names itself."""
    apps_passed: int = 0
    history: tuple[Retarget, ...] = ()
    """Where the call was before, the first target first."""

    def on_behalf(self) -> OnBehalf:
        user = self.forwarder
        if user is None and self.account is None:
            user = self.call.story.caller_user
        return OnBehalf(
            user=user,
            resource_account=self.account if user is None else None,
            calling=self.leg.shown_party.address,
            caller=self.call.story.caller_user,
            is_private=self.leg.party.introduction.is_private,
        )

    def caller(self, alert: Alert | None = None) -> Caller:
        """What the next party's phone shows; ``alert``: instead of where the call comes from."""
        party = self.leg.shown_party
        name = party.shown_name
        if self.label is not None:
            name = f"{self.label}: {name or party.shown_address}"
        return self._caller(party.shown_address, name, alert)

    def caller_as(self, number: str) -> Caller:
        """What a trunk is told: the number that routing chose for it, and no name."""
        return self._caller(number, None)

    def _caller(self, address: str, name: str | None, alert: Alert | None = None) -> Caller:
        party = self.leg.party
        from_where = Alert.EXTERNAL if party.is_from_outside else Alert.INTERNAL
        return Caller(
            address,
            name,
            self.leg.codecs(),
            self.call.is_emergency,
            HOPS_MAX if self.call.is_emergency else self.call.caller.hops_left,
            # A transfer is a new call for its target (SPEC 2.4, row 76).
            () if self.call.story.has_talked else self.history,
            alert or from_where,
            is_from_outside=party.is_from_outside,
            verstat=party.introduction.verstat,
            referred_by=self.referred_by,
            uuid=None if self.leg.names is None else self.leg.names.remote,
            device=self._device(),
        )

    def _device(self) -> object | None:
        """The phone that the caller dialled; whoever is rung instead has phones of its own."""
        is_first = self.forwarder is None and self.label is None and not self.history
        story = self.call.story
        return story.device if is_first and not story.has_talked else None

    def forwarded_by(self, user: UserId) -> "Delivery":
        return self._replace(forwarder=user)

    def leaving(self, users: Collection[UserId], cause: int) -> "Delivery":
        """The call leaves these users' phones for another target, each for ``cause``."""
        if not users:
            return self
        known = self.snapshot.users
        left = tuple(Retarget(shown_address(known[user]), cause) for user in users)
        return self._replace(history=(*self.history, *left)[-HISTORY_ENTRIES_MAX:])

    def through_app(
        self, label: str, account: ResourceAccountId | None = None
    ) -> "Delivery | None":
        """One more attendant or queue; None when the chain is too long (row 186). ``account``:
        pays where none does yet."""
        if self.apps_passed >= ATTENDANT_CHAIN_MAX:
            return None
        return self._replace(
            label=label,
            account=account if self.account is None else self.account,
            apps_passed=self.apps_passed + 1,
            forwarder=None,
        )

    def once_reached(self) -> "Delivery":
        """Nobody need be told again that somebody answered."""
        return self if self.connected is None else self._replace(connected=None)

    def reached(self) -> None:
        if self.connected is not None:
            self.connected()
