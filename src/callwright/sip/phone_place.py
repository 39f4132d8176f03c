"""Whether a registration comes from a phone that is known already, and whether a NAT hides it."""

from typing import TYPE_CHECKING

from callwright.sip.flow import Flow
from callwright.sip.message import Request
from callwright.sip.uri import DEFAULT_PORTS, Uri

if TYPE_CHECKING:
    from callwright.sip.registrar import Binding


def is_hidden(contact: Uri, request: Request, flow: Flow) -> bool:
    """Whether the phone sees itself at another address than we do: in its Contact, or, when it
    learned from an earlier answer what to write there, in its Via (RFC 3581 §4)."""
    seen = flow.remote.host
    via = request.top_via.host
    return (via != seen and _is_literal(via)) or (
        contact.host != seen and _is_literal(contact.host)
    )


def _is_literal(host: str) -> bool:
    """An IP address; a name tells nothing about where it leads."""
    return ":" in host or host.rpartition(".")[2].isdecimal()


def is_same(new: "Binding", former: "Binding") -> bool:
    if new.reg_id and former.reg_id:
        return new.reg_id == former.reg_id and new.instance == former.instance
    return former.contact.matches(new.contact)


def is_moved_phone(new: "Binding", former: "Binding") -> bool:
    """The same phone from another place: it must not ring there as well.

    One that names its device has one place, or a flow for each reg-id (RFC 5626 §6). One that
    writes its NAT's address into its Contact moves when the NAT does: same Call-ID, new port.
    """
    if new.reg_id:
        return new.instance == former.instance and not former.reg_id
    if new.instance:
        return new.instance == former.instance
    return (
        new.is_behind_nat
        and former.is_behind_nat
        and new.call_id == former.call_id
        and new.contact.user == former.contact.user
        and _is_own_source(new)
        and _is_own_source(former)
    )


def _is_own_source(binding: "Binding") -> bool:
    contact = binding.contact
    port = contact.port or DEFAULT_PORTS[contact.scheme]
    return contact.host == binding.flow.remote.host and port == binding.flow.remote.port
