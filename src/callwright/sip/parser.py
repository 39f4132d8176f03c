"""Bytes to one message (RFC 3261 §7, §18.3), within bounds, with ParseError as the only error."""

from callwright.kernel.limits import (
    SIP_HEADER_BYTES_MAX,
    SIP_HEADERS_MAX,
    SIP_MESSAGE_BYTES_MAX,
)
from callwright.sip.header_names import CANONICAL, SINGLE_HEADERS, canonical_name
from callwright.sip.message import Message, Request, Response, parse_cseq
from callwright.sip.methods import KNOWN
from callwright.sip.syntax import is_token, read_number, split_list
from callwright.sip.uri import UriError, parse_name_addr, parse_uri
from callwright.sip.via import parse_via

LENGTH_FAULT = "Content-Length does not fit the body"


class ParseError(Exception):
    """The message cannot be used; ``status`` says what a request like it is answered."""

    def __init__(self, text: str, status: int = 400, partial: Request | None = None) -> None:
        super().__init__(text)
        self.text = text
        """A short sentence, good as a reason phrase."""
        self.status = status
        self.partial = partial
        """A request with what could be read, for make_response; None: nothing may be answered,
        because it is a response, an ACK, no SIP at all, or has no Via. Its Via may be what is
        unreadable: it goes back as it came (RFC 4475 §3.1.2.1)."""


def parse(data: bytes) -> Request | Response:
    """Reads one datagram or one framed message.

    A body longer than Content-Length is cut, a shorter one is an error (RFC 3261 §18.3); without
    Content-Length the body reaches to the end. Raises ParseError, never anything else.
    """
    if data[:1] in (b"\r", b"\n"):
        data = data.lstrip(b"\r\n")
    head, blank_line, body = data.partition(b"\r\n\r\n")
    if len(data) > SIP_MESSAGE_BYTES_MAX:
        raise ParseError("Message too large", 513, _salvage(data))
    if not blank_line:
        raise ParseError("The headers do not end", 400, _salvage(data))
    lines, fault = _split_lines(head.decode("utf-8", "surrogateescape"))
    headers, single, header_fault = _read_headers(lines)
    message, status = _read_start_line(lines[0], headers)
    fault = fault or header_fault
    if message is None or fault or status != 200:
        if not fault:
            fault = "Version not supported" if status == 505 else "Malformed request line"
            if message is None:
                fault = "Malformed status line"
        raise ParseError(fault, 400 if status == 200 else status, _answerable(message))
    try:
        _check(message, single, body)
    except _Fault as error:
        raise ParseError(str(error), error.status, _answerable(message)) from None
    except UriError as error:
        raise ParseError(str(error), 400, _answerable(message)) from None
    return message


class _Fault(Exception):
    """What is wrong, in words for the reason phrase."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


def _split_lines(head: str) -> tuple[list[str], str]:
    """The start line and the unfolded header lines, and what is wrong with them ("" nothing)."""
    if "\r\n " in head or "\r\n\t" in head:
        head = head.replace("\r\n ", " ").replace("\r\n\t", " ")
    lines = head.split("\r\n")
    ends = len(lines) - 1
    if head.count("\n") != ends or head.count("\r") != ends:
        return lines, "A CR or LF stands alone"
    return lines, ""


def _read_headers(lines: list[str]) -> tuple[list[tuple[str, str]], dict[str, str], str]:
    """All headers, those that may come once only by name, and the first fault ("" none).

    Goes on behind a fault, so that the error can be answered.
    """
    headers: list[tuple[str, str]] = []
    single: dict[str, str] = {}
    fault = ""
    if len(lines) - 1 > SIP_HEADERS_MAX:
        fault = "Too many headers"
        lines = lines[: SIP_HEADERS_MAX + 1]
    for line in lines[1:]:
        if len(line) > SIP_HEADER_BYTES_MAX:
            fault = fault or "A header is too long"
            continue
        raw_name, colon, value = line.partition(":")
        name = CANONICAL.get(raw_name) or canonical_name(raw_name)
        if name is None or not colon:
            fault = fault or "A header line is not NAME: VALUE"
            continue
        value = value.strip(" \t")
        if name in SINGLE_HEADERS:
            if name in single:
                # A second Content-Length of the same value is harmless, but who sends it?
                fault = fault or f"More than one {name}"
                continue
            single[name] = value
        headers.append((name, value))
    return headers, single, fault


def _read_start_line(
    line: str, headers: list[tuple[str, str]]
) -> tuple[Request | Response | None, int]:
    """The message without body, and 200, or the status of the fault; None: a bad status line.

    Of a start line that is not SIP the method is ""."""
    words = line.split(" ")
    if line[:4].upper() == "SIP/":
        version, _, rest = line.partition(" ")
        code, _, reason = rest.partition(" ")
        status = read_number(code, most=699) if len(code) == 3 else None
        if version.upper() != "SIP/2.0" or status is None or status < 100:
            return None, 400
        return Response(status, reason.strip(" \t"), headers), 200
    if len(words) != 3:
        return Request(words[0] if " SIP/" in line.upper() else "", "", headers), 400
    method, uri, version = words
    if version != "SIP/2.0":
        version = version.upper()
        if version[:4] != "SIP/":
            return Request("", uri, headers), 400
        if not version[4:].replace(".", "", 1).isalnum():
            return Request(method, uri, headers), 400
        if version != "SIP/2.0":
            return Request(method, uri, headers), 505
    if not uri or uri[0] == "<" or (method not in KNOWN and not is_token(method)):
        return Request(method, uri, headers), 400
    return Request(method, uri, headers), 200


def _check(message: Request | Response, single: dict[str, str], body: bytes) -> None:
    """Reads what every user of a message needs, so that later nothing fails; sets the body."""
    for name in ("Call-ID", "CSeq", "From", "To"):
        if not single.get(name):
            raise _Fault(f"{name} is missing")
    message._call_id = single["Call-ID"]
    message._cseq = parse_cseq(single["CSeq"])
    method = message._cseq[1]
    vias = [value for name, value in message.headers if name == "Via"]
    if not vias:
        raise _Fault("Via is missing")
    message._vias = [parse_via(part) for value in vias for part in split_list(value)]
    if isinstance(message, Request):
        if method != message.method:
            # RFC 4475 §3.1.2.18: of a method that nobody knows, that is the first thing to say.
            if message.method not in KNOWN:
                raise _Fault("The method is not known, and CSeq names an other", 501)
            raise _Fault("CSeq names an other method")
        max_forwards = single.get("Max-Forwards")
        if max_forwards is not None and read_number(max_forwards, most=255) is None:
            raise _Fault("Max-Forwards is not a number from 0 to 255")
        if "?" in message.uri and parse_uri(message.uri).headers:
            raise _Fault("The Request-URI has headers")
    _read_addresses(message, single)
    length_text = single.get("Content-Length")
    if length_text is not None:
        length = read_number(length_text, most=SIP_MESSAGE_BYTES_MAX)
        if length is None or length > len(body):
            raise _Fault(LENGTH_FAULT)
        body = body[:length]
    message.body = body


def _read_addresses(message: Message, single: dict[str, str]) -> None:
    """Reads them now, so that nothing raises in the middle of a call."""
    name = "From"
    try:
        message._from = parse_name_addr(single["From"])
        name = "To"
        message._to = parse_name_addr(single["To"])
        name = "Contact"
        _ = message.contacts
    except UriError as error:
        raise _Fault(f"{name}: {error}") from None


def _salvage(data: bytes) -> Request | None:
    """What an answer needs, from the whole lines that a cut or too long message begins with.

    Without a Call-ID among them nobody could tell what is answered.
    """
    head, blank_line, _ = data[:SIP_MESSAGE_BYTES_MAX].partition(b"\r\n\r\n")
    if not blank_line:
        head = head.rpartition(b"\r\n")[0]
    lines, _ = _split_lines(head.decode("utf-8", "surrogateescape"))
    headers, _, _ = _read_headers(lines)
    message, _ = _read_start_line(lines[0], headers)
    if message is None or not message.header("Call-ID"):
        return None
    return _answerable(message)


def _answerable(message: Request | Response | None) -> Request | None:
    if not isinstance(message, Request) or message.method in ("", "ACK"):
        return None
    return None if message.header("Via") is None else message
