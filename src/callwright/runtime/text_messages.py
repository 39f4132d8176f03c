"""Text between users (RFC 3428): brought to every phone of the addressee, kept nowhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from callwright.domains.directory.rules import shown_address
from callwright.kernel.e164 import E164
from callwright.kernel.ids import UserId
from callwright.kernel.limits import TEXT_MESSAGE_BYTES_MAX
from callwright.routing.snapshot import Snapshot
from callwright.runtime.front_door import dialled_of
from callwright.sip.endpoint import Endpoint
from callwright.sip.message import Response
from callwright.sip.registrar import Binding
from callwright.sip.transaction.server import ServerTransaction
from callwright.sip.uri import NameAddr, Uri


class TextMessages:
    """Passes messages on and answers with what the phones said."""

    def __init__(self, endpoint: Endpoint, bindings: Callable[[UserId], Sequence[Binding]]) -> None:
        self._endpoint = endpoint
        self._bindings = bindings

    def handle(self, transaction: ServerTransaction, snapshot: Snapshot, sender: UserId) -> None:
        request = transaction.request
        if len(request.body) > TEXT_MESSAGE_BYTES_MAX:
            transaction.respond(513)
            return
        addressee = find_user(snapshot, dialled_of(snapshot, request))
        if addressee is None:
            transaction.respond(404)
            return
        bindings = self._bindings(addressee)
        if not bindings:
            transaction.respond(480, "No phone of the user is registered")
            return
        person = snapshot.users[sender]
        from_ = NameAddr(person.name, Uri("sip", shown_address(person), host=snapshot.domain))
        answers = _Answers(transaction, len(bindings))
        for binding in bindings:
            self._endpoint.request(
                method="MESSAGE",
                flow=binding.flow,
                uri=str(binding.contact),
                from_=str(from_),
                to=f"<{Uri('sip', addressee, host=snapshot.domain)}>",
                body=request.body,
                content_type=request.header("Content-Type"),
                route=binding.path,
                on_response=answers.take,
            )


@dataclass(slots=True)
class _Answers:
    """Of the phones of one addressee: one that took the message is enough."""

    transaction: ServerTransaction
    missing: int
    worst: int = field(default=0)

    def take(self, response: Response) -> None:
        self.missing -= 1
        if response.status < 300:
            self.transaction.respond(response.status)
        elif self.missing:
            self.worst = max(self.worst, response.status)
        else:
            self.transaction.respond(max(self.worst, response.status))


def find_user(snapshot: Snapshot, address: str) -> UserId | None:
    """A user by key, extension or number."""
    if UserId(address) in snapshot.users:
        return UserId(address)
    number = E164.parse_or_none(address)
    if number is not None:
        return snapshot.user_by_number.get(number)
    return snapshot.user_by_extension.get(address)
