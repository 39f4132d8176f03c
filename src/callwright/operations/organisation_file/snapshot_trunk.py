"""What the file says of a carrier's wishes, into the models of an SBC."""

from ipaddress import ip_address
from typing import Any

from callwright.domains.pstn.headers import HeaderRule, RemoveHeader, RenameHeader, SetHeader
from callwright.domains.pstn.model import TrunkLogin, TrunkRegistration
from callwright.kernel.addresses import HostPort
from callwright.operations.organisation_file import pstn_schema, trunk_schema
from callwright.sip.header_names import canonical_name
from callwright.sip.location import ANY, is_numeric


def place_of(text: str) -> HostPort:
    """A port that is not written is 0 for a name, which the DNS resolves, and for a number 5060."""
    host, port = HostPort.parse(text, default_port=0)
    if is_numeric(host):
        return HostPort(str(ip_address(host)), port)
    return HostPort(host.rstrip(".").lower(), port)


def build_trunk(sbc: pstn_schema.SbcSettings) -> dict[str, Any]:
    """Keyword arguments of ``Sbc``."""
    address = place_of(sbc.address)
    asked, known = sbc.credentials, sbc.authenticate
    is_free = sbc.transport is None and not is_numeric(address.host) and not address.port
    return {
        "address": address,
        "transport": ANY if is_free else sbc.transport or "udp",
        "match_any_port": sbc.match == "address",
        "match_credentials": sbc.match == "credentials",
        "credentials": asked and TrunkLogin(asked.username, asked.password, asked.realm),
        "authenticate": known and TrunkLogin(known.username, known.password),
        "registration": _registration(sbc, address),
        "max_calls": sbc.max_calls,
        "max_calls_per_s": sbc.max_calls_per_s,
        "media_encryption": sbc.media_encryption,
        "follows_redirects": sbc.redirects == "follow",
        "inbound_headers": tuple(map(_header_rule, sbc.headers.inbound)),
        "outbound_headers": tuple(map(_header_rule, sbc.headers.outbound)),
    }


def _registration(sbc: pstn_schema.SbcSettings, address: HostPort) -> TrunkRegistration | None:
    wanted = sbc.registration
    if wanted is None:
        return None
    return TrunkRegistration(
        user=wanted.user,
        contact_user=wanted.contact_user or wanted.user,
        registrar=address if wanted.registrar is None else place_of(wanted.registrar),
        expires_s=wanted.expires_s,
    )


def _header_rule(rule: trunk_schema.HeaderRuleSettings) -> HeaderRule:
    if rule.set is not None:
        return SetHeader(_name(rule.set), rule.value or "")
    if rule.rename is not None:
        return RenameHeader(_name(rule.rename), _name(rule.to or ""))
    return RemoveHeader(_name(rule.remove or ""))


def _name(text: str) -> str:
    return canonical_name(text) or text
