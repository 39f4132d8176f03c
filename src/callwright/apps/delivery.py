"""One party on its way to somewhere: the call, the leg being served, and on whose account."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from callwright.apps.services import Caller
from callwright.calls.call import Call
from callwright.calls.leg import Leg
from callwright.kernel.ids import ResourceAccountId, UserId
from callwright.kernel.limits import ATTENDANT_CHAIN_MAX, HOPS_MAX
from callwright.routing.request import OnBehalf
from callwright.routing.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Delivery:
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
    fallback: Callable[[int], bool] | None = None
    """Asked, with the status, before the party is refused: True when somebody else takes care of
    it (a transferor who is still there)."""
    apps_passed: int = 0

    def on_behalf(self) -> OnBehalf:
        user = self.forwarder
        if user is None and self.account is None:
            user = self.call.story.caller_user
        return OnBehalf(
            user=user,
            resource_account=self.account if user is None else None,
            calling=self.leg.party.address,
            caller=self.call.story.caller_user,
        )

    def caller(self) -> Caller:
        """What the next party's phone shows."""
        party = self.leg.party
        name = party.name
        if self.label is not None:
            name = f"{self.label}: {name or party.address}"
        return Caller(
            party.address,
            name,
            self.leg.codecs(),
            self.call.is_emergency,
            HOPS_MAX if self.call.is_emergency else self.call.caller.hops_left,
        )

    def forwarded_by(self, user: UserId) -> "Delivery":
        return replace(self, forwarder=user)

    def through_app(self, label: str) -> "Delivery | None":
        """One more attendant or queue; None when the chain is too long (row 186)."""
        if self.apps_passed >= ATTENDANT_CHAIN_MAX:
            return None
        return replace(self, label=label, apps_passed=self.apps_passed + 1, forwarder=None)

    def reached(self) -> None:
        if self.connected is not None:
            self.connected()
