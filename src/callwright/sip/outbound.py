"""Client-initiated connections at the registrar (RFC 5626): several flows to one phone."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from callwright.kernel.limits.registrations import INSTANCE_CHARS_MAX
from callwright.sip.message import Request
from callwright.sip.syntax import read_number
from callwright.sip.uri import NameAddr, UriError, parse_name_addr

if TYPE_CHECKING:
    from callwright.sip.registrar import Binding

OPTION = "outbound"
REG_ID_MAX = 2**31 - 1
"""RFC 5626 §4.2."""
FLOW_TIMER_UDP_S = 29
"""A phone sends its keep-alive before this is over; NAT boxes forget datagrams early (§4.4)."""
FLOW_TIMER_STREAM_S = 120
"""§4.4.1 lets a phone that hears nothing of us ping as often."""

FLOW_FAILED = 430
"""An edge proxy says that the flow behind it is gone (§11.5)."""
FIRST_HOP_LACKS_OUTBOUND = (439, "First Hop Lacks Outbound Support")


def instance_of(contact: NameAddr) -> str:
    """The device that a Contact names with ``+sip.instance``: ``urn:uuid:...``, lower case.

    "" where it names none, or one that is no URN in angle brackets (§4.1).
    """
    if not contact.parameters:
        return ""
    text = contact.parameter("+sip.instance")
    if text is None or not text.startswith("<") or not text.endswith(">"):
        return ""
    urn = text[1:-1].lower()
    is_good = urn.startswith("urn:") and urn.isprintable() and urn.isascii()
    return urn if is_good and len(urn) <= INSTANCE_CHARS_MAX else ""


def reg_id_of(contact: NameAddr, instance: str, request: Request) -> int:
    """Which flow of the phone this is; 0: the phone does not ask for flows of its own (§6)."""
    if not instance or not contact.parameters:
        return 0
    number = read_number(contact.parameter("reg-id") or "", most=REG_ID_MAX)
    return number if number and wants(request, OPTION) else 0


def wants(request: Request, option: str) -> bool:
    """Whether the phone understands an extension (``Supported``, ``Require``)."""
    for name in ("Supported", "Require"):
        if request.header(name) is not None:
            named = request.header_values(name)
            if option in named or option in [tag.lower() for tag in named]:
                return True
    return False


def first_hop_takes_part(request: Request) -> bool:
    """Whether the phone's requests reach it again on its flow: it sent straight to us, or the
    proxy next to it put ``ob`` into its Path (§5.1, §6)."""
    if len(request.vias) == 1:
        return True
    path = request.header_values("Path")
    if not path:
        return False
    try:
        return parse_name_addr(path[-1]).uri.parameter("ob") is not None
    except UriError:
        return False


def binding_key(contact: str, instance: str, reg_id: int) -> str:
    """What names a binding among those of its address of record."""
    return f"{instance} {reg_id}" if reg_id else contact


def flow_timer_s(*, is_reliable: bool) -> int:
    return FLOW_TIMER_STREAM_S if is_reliable else FLOW_TIMER_UDP_S


def phones(bindings: "Iterable[Binding]") -> "list[tuple[Binding, ...]]":
    """The flows of each phone, in the order of ``bindings``: the first of each is the one to use,
    the others are for when it fails (§5.3). A binding without a reg-id is a phone by itself."""
    found: dict[str, list[Binding]] = {}
    for number, binding in enumerate(bindings):
        key = binding.instance if binding.reg_id else str(number)
        found.setdefault(key, []).append(binding)
    return [tuple(flows) for flows in found.values()]
