"""REGISTER: phones say where they are (RFC 3261 §10.3)."""

from collections.abc import Callable

from callwright.kernel.clock import Clock
from callwright.kernel.ids import UserId
from callwright.runtime.nat_keepalive import NatKeepAlive
from callwright.runtime.surroundings import RegistrationStore
from callwright.sip.flow import Flow
from callwright.sip.registrar import Registrar
from callwright.sip.transaction.server import ServerTransaction


class Registration:
    """Lets users register what is theirs, and keeps the bindings durable."""

    def __init__(
        self,
        clock: Clock,
        registrar: Registrar,
        store: RegistrationStore,
        *,
        registered: Callable[[UserId], None],
        unregistered: Callable[[UserId], None],
        keep_alive: NatKeepAlive,
    ) -> None:
        """``registered(user)``: the user has a phone that was not there before;
        ``unregistered(user)``: one that was there is not."""
        self._keep_alive = keep_alive
        self._clock = clock
        self._registrar = registrar
        self._store = store
        self._registered = registered
        self._unregistered = unregistered

    def phone_on(self, user: UserId, flow: Flow) -> str:
        """The phone of the user that registered over this flow; "": none that is known."""
        return self._registrar.phone_on(user, flow, now_s=self._clock.monotonic())

    def handle(self, transaction: ServerTransaction, who: UserId) -> None:
        request = transaction.request
        if request.to.uri.user != who:
            transaction.respond(403, "Register your own address only")
            return
        now_s = self._clock.monotonic()
        before = len(self._registrar.bindings(who, now_s=now_s))
        answer = self._registrar.register(who, request, transaction.flow, now_s=now_s)
        transaction.respond(answer.status, answer.reason, headers=answer.headers)
        transaction.drop_request()
        if answer.status == 200:
            bindings = self._registrar.bindings(who, now_s=now_s)
            self._store.save(who, bindings)
            self._keep_alive.start()
            if len(bindings) > before:
                self._registered(who)
            elif len(bindings) < before:
                self._unregistered(who)
