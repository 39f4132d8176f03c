"""Whether a registration comes from a phone that is known already, and whether a NAT hides it."""

from collections.abc import Iterator
from dataclasses import replace
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


def recognised(new: "Binding", former: "Binding") -> "Binding":
    """``new``, which takes the place of ``former``, under the name by which the phone is known.

    One that names no device may begin again with another Call-ID. The same Contact is not enough
    then: every home has a 192.168.1.2.
    """
    is_there = new.flow.remote.host == former.flow.remote.host
    if new.instance or new.phone == former.phone or not is_there:
        return new
    return replace(new, known_as=former.phone)


def moved_phones(
    former: "tuple[Binding, ...]", bindings: "tuple[Binding, ...]"
) -> "Iterator[tuple[str, tuple[Flow, ...]]]":
    """Each phone of which a flow came or went and that has one, with its flows, the newest
    first."""
    if len(former) == len(bindings) == 1 and former[0].flow == bindings[0].flow:
        return  # as nearly always
    for phone in dict.fromkeys([binding.phone for binding in bindings]):
        flows = tuple([b.flow for b in reversed(bindings) if b.phone == phone])
        if set(flows) != {b.flow for b in former if b.phone == phone}:
            yield phone, flows


def _is_own_source(binding: "Binding") -> bool:
    contact = binding.contact
    port = contact.port or DEFAULT_PORTS[contact.scheme]
    return contact.host == binding.flow.remote.host and port == binding.flow.remote.port
