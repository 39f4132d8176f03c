"""Where a user's phones are: bindings of addresses of record (RFC 3261 §10.3)."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil

from callwright.kernel.addresses import HostPort
from callwright.kernel.limits import (
    BINDINGS_PER_USER_MAX,
    REGISTRATION_EXPIRES_S_DEFAULT,
    REGISTRATION_EXPIRES_S_MAX,
    REGISTRATION_EXPIRES_S_MIN,
)
from callwright.sip.flow import Flow
from callwright.sip.message import REASON_PHRASES, Request, parse_seconds
from callwright.sip.syntax import is_token
from callwright.sip.uri import NameAddr, Uri


@dataclass(frozen=True, slots=True)
class Binding:
    """One phone of one user."""

    contact: Uri
    flow: Flow
    """What the REGISTER came on; calls to the phone go out there (RFC 5626 in spirit)."""
    expires_at_s: float
    """On the clock of the ``now_s`` arguments."""
    call_id: str
    cseq: int
    q: float = 1.0
    """Preference from 0 to 1 (RFC 3261 §20.10)."""
    path: tuple[str, ...] = ()
    """RFC 3327: values for Route, nearest first."""
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class RegisterAnswer:
    """What to respond to a REGISTER."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...] = ()


class Registrar:
    """The bindings of all addresses of record. The caller checks first that the request may
    register for the ``aor`` it names, so that their number is bounded by the users there are."""

    def __init__(
        self,
        *,
        default_s: int = REGISTRATION_EXPIRES_S_DEFAULT,
        min_s: int = REGISTRATION_EXPIRES_S_MIN,
        max_s: int = REGISTRATION_EXPIRES_S_MAX,
        bindings_max: int = BINDINGS_PER_USER_MAX,
    ) -> None:
        self._default_s = default_s
        self._min_s = min_s
        self._max_s = max_s
        self._bindings_max = bindings_max
        self._bindings: dict[str, tuple[Binding, ...]] = {}
        """Live and expired, the one that registered last at the end; never an empty tuple."""
        self._aors_on: dict[Flow, set[str]] = {}
        """Reliable flows only: whose bindings go with a connection."""
        self._remotes: Counter[HostPort] = Counter()
        """How many bindings came from an address; none at zero."""

    def register(self, aor: str, request: Request, flow: Flow, *, now_s: float) -> RegisterAnswer:
        """Adds, refreshes, removes or only lists; all of the request or nothing of it.

        Beyond the bound the oldest bindings give way. Statuses: 200, 400, 403 (more contacts at
        once than allowed), 423 (with Min-Expires).
        """
        live = self._live(aor, now_s)
        contacts = request.contacts
        if "*" in request.header_values("Contact"):
            changed = self._remove_all(live, request)
        elif contacts:
            changed = self._update(live, request, flow, now_s)
        else:
            changed = live
        if isinstance(changed, RegisterAnswer):
            return changed
        if len(contacts) > self._bindings_max:
            return _refusal(403, "Too many contacts in one request")
        # A phone that restarts on new ports leaves contacts behind; the newest are the real ones.
        changed = changed[-self._bindings_max :]
        self._store(aor, changed)
        headers = [("Contact", _format_binding(binding, now_s)) for binding in changed]
        # RFC 3327 §5.3: who registered through proxies is told which ones are remembered.
        headers += [("Path", value) for value in request.header_values("Path")]
        return RegisterAnswer(200, REASON_PHRASES[200], tuple(headers))

    def bindings(self, aor: str, *, now_s: float) -> tuple[Binding, ...]:
        """The live ones, best q first, among equals the newest registration first."""
        newest_first = self._live(aor, now_s)[::-1]
        return tuple(sorted(newest_first, key=lambda binding: -binding.q))

    def aors(self) -> Iterator[str]:
        """Addresses of record with bindings; some of these may have expired."""
        return iter(list(self._bindings))

    def restore(self, aor: str, bindings: Iterable[Binding]) -> None:
        """Puts back what was stored before a restart, oldest registration first."""
        self._store(aor, tuple(bindings)[-self._bindings_max :])

    def forget(self, aor: str) -> None:
        """Drops all bindings: whoever they belong to may not be reached there any longer."""
        self._store(aor, ())

    def drop_flow(self, flow: Flow) -> None:
        """The connection is gone, and whoever registered over it cannot be reached."""
        for aor in sorted(self._aors_on.get(flow, ())):
            kept = [binding for binding in self._bindings[aor] if binding.flow != flow]
            self._store(aor, tuple(kept))

    def knows_remote(self, remote: HostPort) -> bool:
        """Whether a phone registered from this address and port."""
        return remote in self._remotes

    def remove_expired(self, *, now_s: float) -> int:
        """Forgets what nobody refreshed; returns how many bindings that were."""
        removed = 0
        for aor, bindings in list(self._bindings.items()):
            if any(binding.expires_at_s <= now_s for binding in bindings):
                live = self._live(aor, now_s)
                removed += len(bindings) - len(live)
                self._store(aor, live)
        return removed

    def _live(self, aor: str, now_s: float) -> tuple[Binding, ...]:
        bindings = self._bindings.get(aor, ())
        return tuple([binding for binding in bindings if binding.expires_at_s > now_s])

    def _remove_all(
        self, live: tuple[Binding, ...], request: Request
    ) -> tuple[Binding, ...] | RegisterAnswer:
        """§10.3 step 6: ``*`` stands alone and with Expires: 0."""
        if request.header_values("Contact") != ["*"] or request.expires != 0:
            return _refusal(400, "A Contact of * stands alone, with Expires 0")
        if any(_is_out_of_order(binding, request) for binding in live):
            return _OUT_OF_ORDER
        return ()

    def _update(
        self, live: tuple[Binding, ...], request: Request, flow: Flow, now_s: float
    ) -> tuple[Binding, ...] | RegisterAnswer:
        """§10.3 step 7."""
        changed = list(live)
        for contact in request.contacts:
            if not contact.uri.is_sip:
                return _refusal(400, "A Contact is a SIP URI")
            expires_s = self._expires_s(contact, request)
            if 0 < expires_s < self._min_s:
                answer = (("Min-Expires", str(self._min_s)),)
                return RegisterAnswer(423, REASON_PHRASES[423], answer)
            for binding in [b for b in changed if b.contact.matches(contact.uri)]:
                if _is_out_of_order(binding, request) and binding in live:
                    return _OUT_OF_ORDER
                changed.remove(binding)
            if expires_s:
                changed.append(_bind(contact, request, flow, now_s + expires_s))
        return tuple(changed)

    def _expires_s(self, contact: NameAddr, request: Request) -> int:
        """The Contact's own wish counts before the request's; an unreadable one is as absent."""
        own = contact.parameter("expires")
        expires_s = None if own is None else parse_seconds(own)
        if expires_s is None:
            expires_s = request.expires
        return self._default_s if expires_s is None else min(expires_s, self._max_s)

    def _store(self, aor: str, bindings: tuple[Binding, ...]) -> None:
        for binding in self._bindings.pop(aor, ()):
            self._remotes[binding.flow.remote] -= 1
            if not self._remotes[binding.flow.remote]:
                del self._remotes[binding.flow.remote]
            aors = self._aors_on.get(binding.flow)
            if aors is not None:
                aors.discard(aor)
                if not aors:
                    del self._aors_on[binding.flow]
        if bindings:
            self._bindings[aor] = bindings
        for binding in bindings:
            self._remotes[binding.flow.remote] += 1
            if binding.flow.is_reliable:
                self._aors_on.setdefault(binding.flow, set()).add(aor)


def _bind(contact: NameAddr, request: Request, flow: Flow, expires_at_s: float) -> Binding:
    return Binding(
        contact=contact.uri,
        flow=flow,
        expires_at_s=expires_at_s,
        call_id=request.call_id,
        cseq=request.cseq[0],
        q=_read_q(contact.parameter("q")),
        path=tuple(request.header_values("Path")),
        user_agent=request.header("User-Agent") or "",
    )


def _is_out_of_order(binding: Binding, request: Request) -> bool:
    return binding.call_id == request.call_id and binding.cseq >= request.cseq[0]


def _refusal(status: int, reason: str) -> RegisterAnswer:
    return RegisterAnswer(status, reason)


_OUT_OF_ORDER = _refusal(400, "CSeq is not higher than before")


def _read_q(text: str | None) -> float:
    """``0.7``; absent or unreadable is 1."""
    if text is None or len(text) > 5 or not text.replace(".", "", 1).isdecimal():
        return 1.0
    return min(float(text), 1.0) if text.isascii() and is_token(text) else 1.0


def _format_binding(binding: Binding, now_s: float) -> str:
    preference = "" if binding.q == 1.0 else f";q={binding.q:g}"
    return f"<{binding.contact}>;expires={max(1, ceil(binding.expires_at_s - now_s))}{preference}"
