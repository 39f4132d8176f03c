"""Texts between users (RFC 3428): brought to every phone of the addressee, kept nowhere."""

from collections import Counter
from collections.abc import Callable

from callwright.domains.directory.rules import find_user, shown_address
from callwright.kernel.clock import Clock, Timer
from callwright.kernel.e164 import LineNumber
from callwright.kernel.ids import UserId
from callwright.kernel.limits.signalling import HOPS_MAX
from callwright.kernel.limits.texts import TEXT_WAIT_S, TEXTS_WAITING_PER_USER_MAX
from callwright.routing.snapshot import Snapshot
from callwright.runtime.front_door import dialled_of
from callwright.sip.endpoint import Endpoint
from callwright.sip.identity.privacy import KEPT, anonymous, wants_anonymity
from callwright.sip.message import Request, Response
from callwright.sip.registrar import Binding, Registrar
from callwright.sip.text_message import (
    TOO_LARGE,
    UNREACHED,
    carried_headers,
    content_type_of,
    fits,
    is_too_large,
    told_status,
)
from callwright.sip.transaction.server import ServerTransaction
from callwright.sip.uri import NameAddr, Uri


class TextMessages:
    """Passes texts on, and answers with what the phones said.

    The phones are shown who proved to have sent it, whatever its From said, and nobody where the
    sender wants to stay unknown, as with calls (ADR 0017). Rules for calls
    (forwarding, voicemail) do not apply to texts.
    """

    def __init__(self, clock: Clock, endpoint: Endpoint, registrar: Registrar) -> None:
        self._clock = clock
        self._endpoint = endpoint
        self._registrar = registrar
        self._waiting: Counter[UserId] = Counter()

    def handle(self, transaction: ServerTransaction, snapshot: Snapshot, sender: UserId) -> None:
        request = transaction.request
        if is_too_large(request):
            transaction.respond(TOO_LARGE)
            return
        addressee = _addressee(snapshot, dialled_of(snapshot, request))
        if addressee is None:
            transaction.respond(404)
            return
        phones = self._registrar.phones(addressee, now_s=self._clock.monotonic())
        if not phones:
            transaction.respond(UNREACHED, "No phone of the user is registered")
            return
        able = [flows[0] for flows in phones if fits(request.body, flows[0].flow)]
        if not able:
            transaction.respond(TOO_LARGE, "The user's phones take short texts only")
        elif self._waiting[sender] >= TEXTS_WAITING_PER_USER_MAX:
            transaction.respond(503, headers=(("Retry-After", "10"),))
        else:
            self._send(transaction, snapshot, sender, addressee, able)

    def _send(
        self,
        transaction: ServerTransaction,
        snapshot: Snapshot,
        sender: UserId,
        addressee: UserId,
        phones: list[Binding],
    ) -> None:
        request = transaction.request
        person = snapshot.users[sender]
        from_ = NameAddr(person.name, Uri("sip", shown_address(person), host=snapshot.domain))
        headers = [_hops(request), *carried_headers(request)]
        if wants_anonymity(request):
            from_ = anonymous()
            headers.append(KEPT)
        self._waiting[sender] += 1
        answers = _Answers(
            transaction, len(phones), self._clock, when_told=lambda: self._forget(sender)
        )
        for phone in phones:
            self._endpoint.request(
                method="MESSAGE",
                flow=phone.flow,
                uri=str(phone.contact),
                from_=str(from_),
                to=f"<{Uri('sip', addressee, host=snapshot.domain)}>",
                headers=headers,
                body=request.body,
                content_type=content_type_of(request),
                route=phone.path,
                on_response=answers.take,
            )

    def _forget(self, sender: UserId) -> None:
        self._waiting[sender] -= 1
        if not self._waiting[sender]:
            del self._waiting[sender]


class _Answers:
    """Of the phones of one addressee: one that took the text is enough."""

    __slots__ = ("_missing", "_timer", "_told", "_transaction", "_when_told")

    def __init__(
        self,
        transaction: ServerTransaction,
        phones: int,
        clock: Clock,
        *,
        when_told: Callable[[], None],
    ) -> None:
        self._transaction = transaction
        self._missing = phones
        self._told = UNREACHED
        self._when_told: Callable[[], None] | None = when_told
        self._timer: Timer = clock.call_later(TEXT_WAIT_S, lambda: self._tell(self._told))

    def take(self, response: Response) -> None:
        self._missing -= 1
        status = told_status(response)
        if status < 300:
            self._tell(status)
            return
        if self._told == UNREACHED:
            self._told = status
        if not self._missing:
            self._tell(self._told)

    def _tell(self, status: int) -> None:
        when_told, self._when_told = self._when_told, None
        if when_told is not None:
            self._timer.cancel()
            self._transaction.respond(status)
            when_told()


def _addressee(snapshot: Snapshot, address: str) -> UserId | None:
    """A user by extension, name or number."""
    user = find_user(address, users=snapshot.users, by_extension=snapshot.user_by_extension)
    if user is None and (line := LineNumber.parse_or_none(address)) is not None:
        user = snapshot.user_by_number.get(line) or snapshot.user_by_number.get(line.base)
    return user


def _hops(request: Request) -> tuple[str, str]:
    """One less than it came with: a phone that sends texts on may send them to us."""
    hops = HOPS_MAX if request.max_forwards is None else min(request.max_forwards, HOPS_MAX)
    return ("Max-Forwards", str(max(hops - 1, 0)))
