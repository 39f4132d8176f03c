"""A user's registrations (RFC 3680), for the user's own phones."""

from collections.abc import Callable
from hashlib import blake2s

from callwright.kernel.clock import Clock
from callwright.kernel.ids import UserId
from callwright.routing.snapshot import Snapshot
from callwright.runtime.events.resources import address_of, oneself
from callwright.sip.events.package import REG
from callwright.sip.events.reginfo import ContactInfo, RegInfo
from callwright.sip.message import Request
from callwright.sip.registrar import Binding, Registrar
from callwright.sip.screening import Refusal


class RegistrationState:
    """Tells where a user registered (``EventSource``)."""

    package = REG

    def __init__(
        self, clock: Clock, registrar: Registrar, snapshot: Callable[[], Snapshot | None]
    ) -> None:
        self._clock = clock
        self._registrar = registrar
        self._snapshot = snapshot
        self._known: dict[UserId, dict[str, Binding]] = {}
        """Of watched users: what the last document told."""
        self._gone: dict[UserId, tuple[ContactInfo, ...]] = {}
        """Contacts that the last change took away; told until the next one."""

    def resource(self, snapshot: Snapshot, request: Request, watcher: UserId) -> UserId | Refusal:
        return oneself(snapshot, request, watcher)

    def prepare(self, resource: UserId) -> bool:
        return True

    def describe(self, resource: UserId, *, is_own: bool) -> RegInfo | None:
        snapshot = self._snapshot()
        if snapshot is None:
            return None
        now_s = self._clock.monotonic()
        live = {b.key: b for b in self._registrar.bindings(resource, now_s=now_s)}
        known = self._known.get(resource, {})
        if live.keys() != known.keys():
            self._gone[resource] = tuple(
                [_ended(binding, now_s) for key, binding in known.items() if key not in live]
            )
        self._known[resource] = live
        contacts = [_active(binding, now_s) for binding in live.values()]
        gone = self._gone.get(resource, ())
        return RegInfo(address_of(snapshot, resource), (*contacts, *gone))

    def changes_in_s(self, resource: UserId) -> float | None:
        now_s = self._clock.monotonic()
        bindings = self._registrar.bindings(resource, now_s=now_s)
        return min([binding.expires_at_s - now_s for binding in bindings], default=None)

    def forget(self, resource: UserId) -> None:
        self._known.pop(resource, None)
        self._gone.pop(resource, None)


def _active(binding: Binding, now_s: float) -> ContactInfo:
    left_s = max(round(binding.expires_at_s - now_s), 0)
    return _contact(binding, "active", "registered", left_s)


def _ended(binding: Binding, now_s: float) -> ContactInfo:
    event = "expired" if binding.expires_at_s <= now_s else "unregistered"
    return _contact(binding, "terminated", event, None)


def _contact(binding: Binding, state: str, event: str, expires_s: int | None) -> ContactInfo:
    return ContactInfo(
        id=blake2s(binding.key.encode(), digest_size=8).hexdigest(),
        uri=str(binding.contact),
        state=state,
        event=event,
        call_id=binding.call_id,
        q=f"{binding.q:g}",
        expires_s=expires_s,
        cseq=binding.cseq,
    )
