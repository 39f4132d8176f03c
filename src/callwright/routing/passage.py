"""How far a call has come, as far as that decides where it may go; for `explain`.

`apps.delivery` keeps the same of a call that is real.
"""

from dataclasses import dataclass, replace

from callwright.kernel.ids import ResourceAccountId, UserId
from callwright.kernel.limits.attendants import ATTENDANT_CHAIN_MAX
from callwright.routing.request import OnBehalf


@dataclass(frozen=True, slots=True)
class Passage:
    """Immutable; each step of the way makes its own."""

    calling: str
    """Number (or extension) of the caller."""
    caller: UserId | None
    """None: somebody outside calls."""
    account: ResourceAccountId | None = None
    """The first resource account of the way, which pays for what leaves (SPEC 4.3)."""
    forwarder: UserId | None = None
    """The user whose rule sent the call on."""
    apps_passed: int = 0

    def on_behalf(self) -> OnBehalf:
        user = self.forwarder
        if user is None and self.account is None:
            user = self.caller
        account = self.account if user is None else None
        return OnBehalf(user, account, self.calling, caller=self.caller)

    def forwarded_by(self, user: UserId) -> "Passage":
        return replace(self, forwarder=user)

    def through_app(self, via: ResourceAccountId | None = None) -> "Passage | None":
        """One more attendant, queue or group; None when the chain is too long (row 186)."""
        if self.apps_passed >= ATTENDANT_CHAIN_MAX:
            return None
        account = via if self.account is None else self.account
        return replace(self, account=account, forwarder=None, apps_passed=self.apps_passed + 1)
