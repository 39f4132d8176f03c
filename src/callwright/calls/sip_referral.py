"""A REFER as call control reads it, and what its sender hears of it (RFC 3515, RFC 5589)."""

from dataclasses import dataclass, replace

from callwright.calls.leg import DialogName
from callwright.kernel.limits.subscriptions import REFER_SUBSCRIPTION_S
from callwright.kernel.plain_text import plain_address
from callwright.sip.events.package import BAD_EVENT, PACKAGES, event_name, same_event
from callwright.sip.identity.numbers import line_of
from callwright.sip.message import Request
from callwright.sip.replaces import parse_replaces
from callwright.sip.session.session import InviteSession
from callwright.sip.transaction.server import ServerTransaction
from callwright.sip.uri import NameAddr, UriError, parse_name_addr


@dataclass(frozen=True, slots=True)
class TransferWish:
    """What the transferor asks for."""

    dialled: str
    replaces: DialogName | None
    """The call to be joined, where there is one (attended transfer)."""
    referred_by: str | None
    """URI text of who asked, as it came (RFC 3892), without headers, which a phone that calls back
    would send."""


def read_refer(request: Request) -> TransferWish:
    """Raises ValueError with what is wrong."""
    target = _name_addr(request, "Refer-To").uri
    if (target.parameter("method") or "INVITE").upper() != "INVITE":
        raise ValueError("Only calls are transferred")
    embedded = [value for name, value in target.headers if name.lower() == "replaces"]
    replaces = None
    if embedded:
        named = parse_replaces(embedded[0])
        # The dialog is named as we see it: our tag is the one in To of what comes to us.
        replaces = DialogName(named.call_id, named.to_tag, named.from_tag)
    referred_by = None
    if request.header("Referred-By") is not None:
        referred_by = str(replace(_name_addr(request, "Referred-By").uri, headers=()))
    return TransferWish(plain_address(line_of(target) or target.host), replaces, referred_by)


REFER = "refer"


class Notifier:
    """Speaks to the transferor as long as it listens (``TransferNotifier``)."""

    def __init__(self, session: InviteSession, transaction: ServerTransaction) -> None:
        """Accepts the REFER."""
        request = transaction.request
        self._refer = session.accept_refer(transaction)
        self._event = f"{REFER};id={request.cseq[0]}"
        self._said = 100, "Trying"
        self.is_finished = (request.header("Refer-Sub") or "").lower() == "false"
        """Nobody listens any longer, or from the beginning (RFC 4488 §4)."""

    def progress(self, status: int, phrase: str) -> None:
        if not self.is_finished:
            self._said = status, phrase
            self._refer.notify(status, phrase, final=False)

    def finish(self, status: int, phrase: str) -> None:
        if not self.is_finished:
            self.is_finished = True
            self._refer.notify(status, phrase, final=True)

    def is_named(self, event: str) -> bool:
        """Whether an Event means this subscription. The first REFER of a dialog may go without its
        id (RFC 3515 §2.4.6), and we have one subscription at a time."""
        return not self.is_finished and (same_event(event, self._event) or same_event(event, REFER))

    def repeat(self) -> None:
        """The state again, for who subscribed again (RFC 6665 §4.2.1.2)."""
        self.progress(*self._said)

    def unsubscribe(self) -> None:
        """The last state, and the end (RFC 6665 §4.1.2.3)."""
        self.finish(*self._said)


def answer_subscribe(
    session: InviteSession, transaction: ServerTransaction, referral: Notifier | None
) -> None:
    """A SUBSCRIBE in a call is about the subscription that a REFER made: no other shares the
    dialog (RFC 6665 §4.5.2)."""
    request = transaction.request
    name = event_name(request)
    if name != REFER and name not in PACKAGES:
        transaction.respond(BAD_EVENT.status, BAD_EVENT.reason, headers=BAD_EVENT.headers)
    elif referral is None or not referral.is_named(request.header("Event") or ""):
        transaction.respond(481, "No such subscription")
    else:
        wanted_s = request.expires
        expires_s = REFER_SUBSCRIPTION_S if wanted_s is None else wanted_s
        granted_s = min(expires_s, REFER_SUBSCRIPTION_S)
        transaction.respond(
            200, headers=(("Expires", str(granted_s)), ("Contact", session.contact))
        )
        if granted_s:
            referral.repeat()
        else:
            referral.unsubscribe()


def _name_addr(request: Request, header: str) -> NameAddr:
    if sum(name == header for name, _ in request.headers) > 1:
        raise ValueError(f"Only one {header} is allowed")  # RFC 3515 §2.4.1, RFC 3892 §3
    try:
        return parse_name_addr(request.header(header) or "")
    except UriError:
        raise ValueError(f"{header} is missing or unreadable") from None
