"""Where a user's phones are: bindings of addresses of record (RFC 3261 §10.3)."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import ceil
from sys import intern

from callwright.kernel.addresses import HostPort
from callwright.kernel.limits.registrations import (
    BINDINGS_PER_USER_MAX,
    REGISTRATION_EXPIRES_S_DEFAULT,
    REGISTRATION_EXPIRES_S_MAX,
    REGISTRATION_EXPIRES_S_MIN,
    REGISTRATION_NAT_EXPIRES_S_MAX,
)
from callwright.sip import gruu, outbound
from callwright.sip.flow import Flow
from callwright.sip.gruu import GruuMint
from callwright.sip.keepalive import Pinholes
from callwright.sip.message import REASON_PHRASES, Request, parse_seconds
from callwright.sip.phone_place import (
    is_hidden,
    is_moved_phone,
    is_same,
    moved_phones,
    recognised,
)
from callwright.sip.syntax import is_token, quote
from callwright.sip.uri import NameAddr, Uri


@dataclass(frozen=True, slots=True)
class Binding:
    """One phone of one user, or one of the flows to it."""

    contact: Uri
    flow: Flow
    """What the REGISTER came on; calls to the phone go out there."""
    expires_at_s: float
    """On the clock of the ``now_s`` arguments."""
    call_id: str
    cseq: int
    q: float = 1.0
    """Preference from 0 to 1 (RFC 3261 §20.10)."""
    path: tuple[str, ...] = ()
    """RFC 3327: values for Route, nearest first."""
    user_agent: str = ""
    instance: str = ""
    """The device, ``urn:uuid:...`` (RFC 5626 §4.1); "" when the phone does not say."""
    reg_id: int = 0
    """Which of the phone's flows this is (RFC 5626 §4.2); 0: it has but one."""
    is_behind_nat: bool = False
    """A datagram path that has to be kept open from here."""
    known_as: str = ""
    """What ``phone`` was before it moved, where its registration does not say."""

    @property
    def key(self) -> str:
        """What names it among those of its address of record."""
        return outbound.binding_key(str(self.contact), self.instance, self.reg_id)

    @property
    def phone(self) -> str:
        """What names the phone among those of its user: its device, or the Call-ID that all its
        registrations have (RFC 3261 §10.2)."""
        return self.instance or self.known_as or self.call_id


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
        nat_max_s: int = REGISTRATION_NAT_EXPIRES_S_MAX,
        bindings_max: int = BINDINGS_PER_USER_MAX,
        mint: GruuMint | None = None,
    ) -> None:
        """``nat_max_s``: the longest that a UDP phone behind NAT is granted; without a ``mint``
        phones get no GRUU."""
        self._default_s = default_s
        self._min_s = min_s
        self._max_s = max_s
        self._nat_max_s = nat_max_s
        self._bindings_max = bindings_max
        self._mint = mint
        self._bindings: dict[str, tuple[Binding, ...]] = {}
        """Live and expired, the one that registered last at the end; never an empty tuple."""
        self._aors_on: dict[Flow, set[str]] = {}
        """Reliable flows only: whose bindings go with a connection."""
        self._remotes: Counter[HostPort] = Counter()
        """How many bindings came from an address; none at zero."""
        self.pinholes = Pinholes()
        """The UDP flows that a NAT box would forget."""
        self.on_change: Callable[[str], None] | None = None
        """Hears of each address of record whose bindings are others now, or refreshed."""
        self.on_move: Callable[[str, str, tuple[Flow, ...]], None] | None = None
        """Hears of each phone that has other flows now, as long as it has any: its address of
        record, its name and the flows, the newest first."""

    def __len__(self) -> int:
        """Bindings in memory, those that expired lately included."""
        return self._remotes.total()

    def register(self, aor: str, request: Request, flow: Flow, *, now_s: float) -> RegisterAnswer:
        """Adds, refreshes, removes or only lists; all of the request or nothing of it.

        Beyond the bound the oldest bindings give way. Statuses: 200, 400, 403 (more contacts at
        once than allowed), 423 (with Min-Expires), 439 (a proxy between lacks outbound).
        """
        live = self._live(aor, now_s)
        contacts = request.contacts
        if any("*" in value for name, value in request.headers if name == "Contact") and (
            "*" in request.header_values("Contact")
        ):
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
        if changed != live:
            self._store(aor, changed)
        return RegisterAnswer(200, REASON_PHRASES[200], self._listed(aor, changed, request, now_s))

    def bindings(self, aor: str, *, now_s: float) -> tuple[Binding, ...]:
        """The live ones, best q first, among equals the newest registration first."""
        found = self._live(aor, now_s)
        if len(found) < 2:
            return found
        newest_first = found[::-1]
        return tuple(sorted(newest_first, key=lambda binding: -binding.q))

    def phones(self, aor: str, *, now_s: float) -> list[tuple[Binding, ...]]:
        """The flows of each phone, the newest first; the phones in the order of ``bindings``."""
        return outbound.phones(self.bindings(aor, now_s=now_s))

    def aors(self) -> Iterator[str]:
        """Addresses of record with bindings; some of these may have expired."""
        return iter(list(self._bindings))

    def restore(self, aor: str, bindings: Iterable[Binding]) -> None:
        """Puts back what was stored before a restart, oldest registration first."""
        self._store(aor, tuple(bindings)[-self._bindings_max :])

    def forget(self, aor: str) -> None:
        """Drops all bindings: whoever they belong to may not be reached there any longer."""
        self._store(aor, ())

    def drop(self, aor: str, binding: Binding) -> bool:
        """A proxy said that the flow is gone (RFC 5626 §5.3); a newer registration stays."""
        kept = tuple([other for other in self._bindings.get(aor, ()) if other != binding])
        is_known = len(kept) != len(self._bindings.get(aor, ()))
        if is_known:
            self._store(aor, kept)
        return is_known

    def drop_flow(self, flow: Flow) -> None:
        """The connection is gone, and whoever registered over it cannot be reached."""
        for aor in sorted(self._aors_on.get(flow, ())):
            kept = [binding for binding in self._bindings[aor] if binding.flow != flow]
            self._store(aor, tuple(kept))

    def phone_on(self, aor: str, flow: Flow, *, now_s: float) -> str:
        """The phone that registered over this flow; "": none, or several behind one proxy."""
        found = {bound.phone for bound in self._live(aor, now_s) if bound.flow == flow}
        return found.pop() if len(found) == 1 else ""

    def knows_remote(self, remote: HostPort) -> bool:
        """Whether a phone registered from this address and port."""
        return remote in self._remotes

    def remote_hosts(self) -> set[str]:
        """The addresses that phones registered from. Looks at every binding."""
        return {remote.host for remote in self._remotes}

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
        for binding in bindings:
            if binding.expires_at_s <= now_s:
                return tuple([b for b in bindings if b.expires_at_s > now_s])
        return bindings

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
        """§10.3 step 7, and RFC 5626 §6 for phones with several flows."""
        changed = list(live)
        path = path_of(request)
        flows_named = 0
        for contact in request.contacts:
            if not contact.uri.is_sip:
                return _refusal(400, "A Contact is a SIP URI")
            instance = outbound.instance_of(contact)
            reg_id = outbound.reg_id_of(contact, instance, request) if instance else 0
            hides = not path and not flow.is_reliable and is_hidden(contact.uri, request, flow)
            # Who keeps flows of its own notices when one is dead (RFC 5626 §4.4).
            most_s = self._nat_max_s if hides and not reg_id else self._max_s
            expires_s = self._expires_s(contact, request, most_s)
            if 0 < expires_s < self._min_s:
                answer = (("Min-Expires", str(self._min_s)),)
                return RegisterAnswer(423, REASON_PHRASES[423], answer)
            new = Binding(
                contact=contact.uri,
                flow=flow,
                expires_at_s=now_s + expires_s,
                call_id=request.call_id,
                cseq=request.cseq[0],
                q=_read_q(contact.parameter("q")),
                path=path,
                # Thousands of phones of one model send the same text.
                user_agent=intern(request.header("User-Agent") or ""),
                instance=instance,
                reg_id=reg_id,
                is_behind_nat=hides,
            )
            if reg_id:
                flows_named += bool(expires_s)
                if flows_named > 1:
                    return _refusal(400, "A flow has one Contact")
                if not outbound.first_hop_takes_part(request):
                    return _refusal(*outbound.FIRST_HOP_LACKS_OUTBOUND)
            for former in changed[:]:
                is_earlier = former in live
                if is_same(new, former) or (
                    expires_s and is_earlier and is_moved_phone(new, former)
                ):
                    if is_earlier and _is_out_of_order(former, request):
                        return _OUT_OF_ORDER
                    changed.remove(former)
                    new = recognised(new, former)
            if expires_s:
                changed.append(new)
        return tuple(changed)

    def _expires_s(self, contact: NameAddr, request: Request, most_s: int) -> int:
        """The Contact's own wish counts before the request's; an unreadable one is as absent."""
        own = contact.parameter("expires")
        expires_s = None if own is None else parse_seconds(own)
        if expires_s is None:
            expires_s = request.expires
        return min(self._default_s if expires_s is None else expires_s, most_s)

    def _listed(
        self, aor: str, bindings: tuple[Binding, ...], request: Request, now_s: float
    ) -> tuple[tuple[str, str], ...]:
        """The headers of the 200: every binding, and what was made of the extensions."""
        headers = []
        own: Binding | None = None
        mint = self._mint if self._mint and outbound.wants(request, gruu.OPTION) else None
        for binding in bindings:
            value = _format_binding(binding, now_s)
            if binding.instance:
                value += _format_device(binding)
                if mint is not None:
                    value += _format_gruus(mint, aor, binding)
                if binding.reg_id and binding.call_id == request.call_id:
                    own = binding
            headers.append(("Contact", value))
        # RFC 3327 §5.3: who registered through proxies is told which ones are remembered.
        headers += [("Path", value) for value in path_of(request)]
        if own is not None:
            timer_s = outbound.flow_timer_s(is_reliable=own.flow.is_reliable)
            headers += [("Require", outbound.OPTION), ("Flow-Timer", str(timer_s))]
        return tuple(headers)

    def _store(self, aor: str, bindings: tuple[Binding, ...]) -> None:
        former = self._bindings.pop(aor, ())
        stays = {id(binding) for binding in bindings}.intersection(map(id, former))
        for binding in former:
            if id(binding) not in stays:
                self._release(aor, binding)
        if bindings:
            self._bindings[aor] = bindings
        for binding in bindings:
            if id(binding) not in stays:
                self._take(binding)
        for binding in bindings:
            if binding.flow.is_reliable:  # another one on the same connection may have gone
                self._aors_on.setdefault(binding.flow, set()).add(aor)
        if self.on_change is not None:
            self.on_change(aor)
        if self.on_move is not None:
            for phone, flows in moved_phones(former, bindings):
                self.on_move(aor, phone, flows)

    def _take(self, binding: Binding) -> None:
        self._remotes[binding.flow.remote] += 1
        if binding.is_behind_nat:
            self.pinholes.add(binding.flow)

    def _release(self, aor: str, binding: Binding) -> None:
        flow = binding.flow
        self._remotes[flow.remote] -= 1
        if not self._remotes[flow.remote]:
            del self._remotes[flow.remote]
        if binding.is_behind_nat:
            self.pinholes.discard(flow)
        aors = self._aors_on.get(flow) if flow.is_reliable else None
        if aors is not None:
            aors.discard(aor)
            if not aors:
                del self._aors_on[flow]


def path_of(request: Request) -> tuple[str, ...]:
    """RFC 3327: the proxies on the way, the one next to us first."""
    return () if request.header("Path") is None else tuple(request.header_values("Path"))


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


def _format_device(binding: Binding) -> str:
    """RFC 5626 §6: the phone finds its own among the bindings."""
    flow = f";reg-id={binding.reg_id}" if binding.reg_id else ""
    return f';+sip.instance="<{binding.instance}>"{flow}'


def _format_gruus(mint: GruuMint, aor: str, binding: Binding) -> str:
    """RFC 5627 §5.3."""
    public = mint.public(aor, binding.instance)
    temporary = mint.temporary(aor, binding.instance, binding.call_id)
    return f";pub-gruu={quote(str(public))};temp-gruu={quote(str(temporary))}"
