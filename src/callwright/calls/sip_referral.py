"""A REFER as call control reads it, and what its sender hears of it (RFC 3515, RFC 5589)."""

from dataclasses import dataclass, replace

from callwright.calls.leg import DialogName
from callwright.kernel.plain_text import plain_address
from callwright.sip.identity.numbers import line_of
from callwright.sip.message import Request
from callwright.sip.replaces import parse_replaces
from callwright.sip.session.session import ReferNotifier
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


class Notifier:
    """Speaks to the transferor as long as it listens (``TransferNotifier``)."""

    def __init__(self, refer: ReferNotifier) -> None:
        self._refer = refer
        self._is_finished = False

    def progress(self, status: int, phrase: str) -> None:
        if not self._is_finished:
            self._refer.notify(status, phrase, final=False)

    def finish(self, status: int, phrase: str) -> None:
        if not self._is_finished:
            self._is_finished = True
            self._refer.notify(status, phrase, final=True)


def _name_addr(request: Request, header: str) -> NameAddr:
    if sum(name == header for name, _ in request.headers) > 1:
        raise ValueError(f"Only one {header} is allowed")  # RFC 3515 §2.4.1, RFC 3892 §3
    try:
        return parse_name_addr(request.header(header) or "")
    except UriError:
        raise ValueError(f"{header} is missing or unreadable") from None
