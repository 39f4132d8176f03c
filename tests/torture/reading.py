"""What a message means, flat, so that a table can name the facts that matter."""

from pathlib import Path

from callwright.sip.message import Message, Request, Response
from callwright.sip.parser import ParseError, parse
from callwright.sip.sdp import parse_sdp
from callwright.sip.uri import NameAddr, Uri

MESSAGES = Path(__file__).with_name("messages")
Facts = dict[str, object]


def message_bytes(name: str) -> bytes:
    return (MESSAGES / f"{name}.sip").read_bytes()


def fault_in(data: bytes) -> ParseError | None:
    """Why it cannot be read."""
    try:
        parse(data)
    except ParseError as fault:
        return fault
    return None


def facts_of(message: Message) -> Facts:
    """By dotted names: ``method``, ``uri.user``, ``to.tag``, ``vias``, ``contacts``, ``body``."""
    facts: Facts = {
        "call_id": message.call_id,
        "cseq": message.cseq,
        "vias": [f"{via.transport} {via.host}:{via.port} {via.branch}" for via in message.vias],
        "received": [via.received for via in message.vias],
        "contacts": [str(contact) for contact in message.contacts],
        "content_type": message.content_type,
        "expires": message.expires,
        "body": len(message.body),
    }
    facts |= _address_facts("from", message.from_) | _address_facts("to", message.to)
    if message.contacts:
        facts |= _address_facts("contact", message.contacts[0])
    if isinstance(message, Request):
        facts |= {"method": message.method, "max_forwards": message.max_forwards}
        facts |= _uri_facts("uri", message.parsed_uri)
    elif isinstance(message, Response):
        facts |= {"status": message.status, "reason": message.reason}
    if message.content_type == "application/sdp":
        facts |= _sdp_facts(message.body)
    return facts


def _address_facts(name: str, address: NameAddr) -> Facts:
    return {
        f"{name}.display": address.display,
        f"{name}.tag": address.tag,
        f"{name}.parameters": dict(address.parameters),
        **_uri_facts(name, address.uri),
    }


def _uri_facts(name: str, uri: Uri) -> Facts:
    return {
        f"{name}.scheme": uri.scheme,
        f"{name}.user": uri.user,
        f"{name}.password": uri.password,
        f"{name}.host": uri.host,
        f"{name}.port": uri.port,
        f"{name}.uri_parameters": dict(uri.parameters),
        f"{name}.uri_headers": dict(uri.headers),
        f"{name}.opaque": uri.opaque,
    }


def _sdp_facts(body: bytes) -> Facts:
    description = parse_sdp(body)
    audio = description.audio
    return {
        "codecs": description.codec_names(),
        "audio": None if audio is None else f"{audio.ip} {audio.port}",
        "streams": [f"{media.kind} {media.ip} {media.port}" for media in description.media],
    }
