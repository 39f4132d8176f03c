"""Who comes in: what strangers send is answered here, and nothing is remembered about it."""

from collections.abc import Callable, Mapping

from callwright.domains.pstn.model import Sbc
from callwright.kernel.clock import Clock
from callwright.kernel.e164 import E164
from callwright.kernel.ids import UserId
from callwright.kernel.limits.signalling import TRANSACTIONS_CROWDED_SHARE
from callwright.kernel.plain_text import plain_address
from callwright.kernel.value import value
from callwright.routing.emergency import is_emergency_call
from callwright.routing.inbound import is_emergency_callback
from callwright.routing.request import FromPage, FromSbc, FromUser, LiveState
from callwright.routing.snapshot import Snapshot
from callwright.routing.visitors import service_for
from callwright.runtime.callers import Callers, Challenge, Stranger, credentials_of
from callwright.runtime.introduction import shown_name
from callwright.runtime.knocks import Knocks
from callwright.runtime.shield import Shield
from callwright.runtime.trunk_limits import TrunkLimits
from callwright.runtime.trunks import dialled_by_registration
from callwright.runtime.visitors import Visitors
from callwright.sip.bodies import salvage_body
from callwright.sip.events.package import ALLOW_EVENTS, screen_publish, screen_subscribe
from callwright.sip.flow import Flow
from callwright.sip.identity.numbers import line_of
from callwright.sip.message import Request
from callwright.sip.methods import ALLOW, SUPPORTED_ANYWHERE
from callwright.sip.registrar import Registrar
from callwright.sip.screening import OVERLOADED, UNKNOWN_DIALOG, Refusal, screen_offer
from callwright.sip.service_urn import is_sos
from callwright.sip.uri import Uri

ACCEPT = ("Accept", "application/sdp")
FORBIDDEN = Refusal(403)


@value
class Guest:
    """Who was let in with a request."""

    request: Request
    snapshot: Snapshot
    """The configuration by which it was decided, and which the call keeps."""
    who: FromUser | FromSbc | FromPage | Stranger


class FrontDoor:
    """Meets every request outside a dialog (``Doorkeeper``).

    Challenges, and whatever else is the same for every copy, cost no memory: a flood of requests
    without a proof leaves room for everybody else (RFC 3261 §8.2.7, §26.3.2.4).
    """

    def __init__(
        self,
        clock: Clock,
        callers: Callers,
        registrar: Registrar,
        *,
        snapshot: Callable[[], Snapshot | None],
        is_full: Callable[[], bool],
        limits: TrunkLimits,
        shield: Shield | None = None,
        callbacks: Callable[[], Mapping[E164, UserId]] = dict,
    ) -> None:
        """``is_full()``: there is no call slot left; ``callbacks()``: numbers that the emergency
        centre was shown, and whom they lead to."""
        self.is_closing = False
        """True: emergency calls and the calls back only."""
        self.knocks = Knocks(clock)
        self.visitors = Visitors(clock)
        self._callers = callers
        self._registrar = registrar
        self._snapshot = snapshot
        self._is_full = is_full
        self._limits = limits
        self._shield = shield or Shield(clock)
        self._callbacks = callbacks
        self._guest: Guest | None = None

    def meet(self, request: Request, flow: Flow, *, load: float) -> Refusal | None:
        """What the sender is told; None: `guest` says who was let in."""
        self._guest = None
        snapshot = self._snapshot()
        if snapshot is None:
            return OVERLOADED
        match request.method:
            case "INVITE":
                return self._meet_caller(snapshot, request, flow, load)
            case "REGISTER":
                return self._meet_user(snapshot, request, flow, load)
            case "MESSAGE" if self._callers.is_trunk(snapshot, request, flow):
                return Refusal(405, "No texts from trunks", (ALLOW,))
            case "MESSAGE":
                return self._meet_user(snapshot, request, flow, load)
            case "SUBSCRIBE":
                refusal = screen_subscribe(request)
                return refusal or self._meet_user(snapshot, request, flow, load)
            case "PUBLISH":
                refusal = screen_publish(request)
                return refusal or self._meet_user(snapshot, request, flow, load)
            case "OPTIONS":
                return Refusal(200, None, (ALLOW, SUPPORTED_ANYWHERE, ACCEPT, ALLOW_EVENTS))
            case "NOTIFY":
                return UNKNOWN_DIALOG
            case _:
                return Refusal(405, None, (ALLOW,))

    def guest(self, request: Request) -> Guest:
        """Who came with the request that was let in last; a proof serves once, so it is kept."""
        guest, self._guest = self._guest, None
        if guest is None or guest.request is not request:
            raise LookupError("the request did not come through the door")
        return guest

    def _meet_user(
        self, snapshot: Snapshot, request: Request, flow: Flow, load: float
    ) -> Refusal | None:
        if load >= 1:
            return OVERLOADED
        proof = credentials_of(request)
        is_early = self._shield.must_wait(flow.remote.host, proof)
        who = Stranger() if is_early else self._callers.user(snapshot, request, flow)
        self._tell_shield(who, request, flow, proof)
        if isinstance(who, Stranger):
            who = self._callers.challenge(snapshot, request, flow)
        if isinstance(who, Challenge):
            return Refusal(401, None, who.headers)
        self._guest = Guest(request, snapshot, FromUser(who))
        return None

    def _meet_caller(
        self, snapshot: Snapshot, request: Request, flow: Flow, load: float
    ) -> Refusal | None:
        unread = screen_offer(request)
        if unread is not None:
            if not is_emergency_call(snapshot, dialled_of(snapshot, request)):
                return unread
            salvage_body(request)
        is_shut = self.is_closing or self._is_full() or load >= 1
        is_crowded = is_shut or load >= TRANSACTIONS_CROWDED_SHARE
        for_help = is_crowded and is_emergency_call(snapshot, dialled_of(snapshot, request))
        if is_shut and not for_help and not self._may_ask_after_somebody(snapshot, request):
            return OVERLOADED
        proof = credentials_of(request)
        if proof is None and self._is_visitor(snapshot, request, flow):
            return OVERLOADED if is_crowded else self._meet_visitor(snapshot, request, flow)
        is_early = self._shield.must_wait(flow.remote.host, proof) and not is_emergency_call(
            snapshot, dialled_of(snapshot, request)
        )
        who = Stranger() if is_early else self._callers.caller(snapshot, request, flow)
        self._tell_shield(who, request, flow, proof)
        match who:
            case Challenge():
                return Refusal(401, None, who.headers)
            case Stranger():
                if is_crowded or not self.knocks.is_worth_a_record(flow.remote.host):
                    return FORBIDDEN
            case FromSbc():
                refusal = self._bar(snapshot, snapshot.sbcs[who.sbc], request, is_shut=is_shut)
                if refusal is not None:
                    return refusal
            case FromUser():
                is_at_home = not is_shut and self._registrar.knows_remote(flow.remote)
                if is_crowded and not for_help and not is_at_home:
                    return OVERLOADED
        self._guest = Guest(request, snapshot, who)
        return None

    def _bar(
        self, snapshot: Snapshot, sbc: Sbc, request: Request, *, is_shut: bool
    ) -> Refusal | None:
        """Why an SBC may bring no further call. The emergency centre may: it asks after somebody
        who called for help, and whose call it lost."""
        if self._asks_after_somebody(snapshot, sbc, request):
            return None
        if is_shut:  # a number for help is the organisation's own, not a trunk's
            return OVERLOADED
        retry_s = self._limits.inbound_retry_s(sbc)
        if retry_s is None:
            return None
        return Refusal(503, None, (("Retry-After", str(retry_s)),))

    def _may_ask_after_somebody(self, snapshot: Snapshot, request: Request) -> bool:
        """Before it is known who calls: whether it would be the emergency centre from some SBC."""
        return bool(self._callbacks()) and any(
            self._asks_after_somebody(snapshot, sbc, request) for sbc in snapshot.sbcs.values()
        )

    def _asks_after_somebody(self, snapshot: Snapshot, sbc: Sbc, request: Request) -> bool:
        callbacks = self._callbacks()
        if not callbacks:
            return False
        dialled = dialled_by_registration(sbc, dialled_of(snapshot, request), request)
        live = LiveState(emergency_callbacks=callbacks)
        return is_emergency_callback(snapshot, FromSbc(sbc.id, ""), dialled, live)

    def _is_visitor(self, snapshot: Snapshot, request: Request, flow: Flow) -> bool:
        """Who has registered over the connection is a user, on whatever page."""
        return (
            flow.page is not None
            and not self._registrar.knows_remote(flow.remote)
            and service_for(snapshot, flow.page, dialled_of(snapshot, request)) is not None
        )

    def _meet_visitor(self, snapshot: Snapshot, request: Request, flow: Flow) -> Refusal | None:
        """Somebody calls a service from a web page that it names, and proves nothing."""
        assert flow.page is not None, "a visitor comes from one"
        retry_s = self.visitors.retry_s(flow.remote.host)
        if retry_s is not None:
            headers = (("Retry-After", str(retry_s)),)
            return Refusal(503, "Too many calls from web pages", headers)
        who = FromPage(flow.page, shown_name(request.from_))
        self._guest = Guest(request, snapshot, who)
        return None

    def _tell_shield(
        self,
        who: UserId | FromUser | FromSbc | Challenge | Stranger,
        request: Request,
        flow: Flow,
        proof: str | None,
    ) -> None:
        """A first 401 is no failure, and neither is a nonce that was too old; but too many calls
        without a right proof are one."""
        match who:
            case FromSbc():
                pass
            case Stranger():
                self._shield.wrong(flow.remote.host, proof or "")
            case Challenge():
                is_call = request.method == "INVITE"
                if is_call and not self._registrar.knows_remote(flow.remote):
                    self._shield.unproven(flow.remote.host)
            case _:
                self._shield.proven(flow.remote.host)


def dialled_of(snapshot: Snapshot, request: Request) -> str:
    """What is dialled, see ``dialled_by``."""
    return dialled_by(snapshot, request.parsed_uri)


def dialled_by(snapshot: Snapshot, uri: Uri) -> str:
    """The user part of the Request-URI, an extension included; a URI without one names its host.

    Help asked for by its name (RFC 5031) is what the organisation's first emergency number brings.
    """
    if is_sos(uri):
        emergency = snapshot.emergency
        return emergency.numbers[0] if emergency and emergency.numbers else uri.opaque
    return plain_address(line_of(uri) or uri.host)
