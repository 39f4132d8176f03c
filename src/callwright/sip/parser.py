"""Bytes to one message (RFC 3261 §7, §18.3), within bounds, with ParseError as the only error."""

from collections.abc import Callable, Mapping
from functools import partial

from callwright.kernel.limits.signalling import (
    SIP_HEADER_BYTES_MAX,
    SIP_HEADERS_MAX,
    SIP_MESSAGE_BYTES_MAX,
)
from callwright.sip.header_names import CANONICAL, SINGLE_HEADERS, canonical_name
from callwright.sip.known import Known
from callwright.sip.message import CSEQS, Message, Request, Response
from callwright.sip.methods import KNOWN
from callwright.sip.syntax import is_token, read_number
from callwright.sip.uri import CONTACTS, NAME_ADDRS, UriError, parse_uri
from callwright.sip.via import parse_vias

LENGTH_FAULT = "Content-Length does not fit the body"
_NEEDED = ("Call-ID", "CSeq", "From", "To")


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
    text = head.decode("utf-8", "surrogateescape")
    start_line, headers, by_name, fault = _read_usual_head(text) or _read_head(text)
    make, status = _START_LINES[start_line]
    message = None if make is None else make(headers)
    if message is None or fault or status != 200:
        if not fault:
            fault = "Version not supported" if status == 505 else "Malformed request line"
            if message is None:
                fault = "Malformed status line"
        raise ParseError(fault, 400 if status == 200 else status, _answerable(message))
    try:
        _check(message, by_name, body)
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


_Head = tuple[str, list[tuple[str, str]], dict[str, str], str]
"""Start line; headers; at least those that may come once only, by name; the first fault ("" none).
"""


def _read_usual_head(text: str) -> _Head | None:
    """The same as ``_read_head``, in a third of the time; None: it is not as nearly all are."""
    start_line, *lines = text.split("\r\n")
    if len(lines) > SIP_HEADERS_MAX or "\r" in start_line or "\n" in start_line:
        return None
    try:
        headers = list(map(_line_of, lines))
    except ValueError:
        return None
    by_name = dict(headers)
    if len(by_name) < len(headers):
        single = [name for name, _ in headers if name in SINGLE_HEADERS]
        if len(single) > len(set(single)):
            return None
    return start_line, headers, by_name, ""


_LINES_MAX = 4_096
_LINE_CHARACTERS_MAX = 500
_NEW_EACH_TIME = frozenset({"Authorization", "Proxy-Authorization", "Via"})
"""Fields of which nearly every message has one of its own."""


class _Lines(dict[str, tuple[str, str]]):
    """Name and value of a header line; raises ValueError where it has a fault or is folded.

    Remembered as ``Known`` does it, but for what hardly ever comes again.
    """

    __slots__ = ()

    def __missing__(self, line: str) -> tuple[str, str]:
        raw_name, colon, value = line.partition(":")
        name = CANONICAL.get(raw_name) or canonical_name(raw_name)
        is_odd = not colon or len(line) > SIP_HEADER_BYTES_MAX or "\r" in line or "\n" in line
        if name is None or is_odd:
            raise ValueError(line)
        meaning = name, value.strip(" \t")
        if name not in _NEW_EACH_TIME and len(line) <= _LINE_CHARACTERS_MAX:
            if len(self) >= _LINES_MAX:
                self.clear()
            self[line] = meaning
        return meaning


_line_of = _Lines().__getitem__


def _read_head(text: str) -> _Head:
    """Unfolds and takes apart. Goes on behind a fault, so that the error can be answered."""
    if "\r\n " in text or "\r\n\t" in text:
        text = text.replace("\r\n ", " ").replace("\r\n\t", " ")
    lines = text.split("\r\n")
    headers: list[tuple[str, str]] = []
    single: dict[str, str] = {}
    fault = ""
    if any("\r" in line or "\n" in line for line in lines):
        fault = "A CR or LF stands alone"
    if len(lines) - 1 > SIP_HEADERS_MAX:
        fault = fault or "Too many headers"
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
    return lines[0], headers, single, fault


_Make = Callable[[list[tuple[str, str]]], Request | Response]
"""Makes a message without body from its headers."""


def _read_start_line(line: str) -> tuple[_Make | None, int]:
    """What it begins, and 200, or the status of the fault; None: a bad status line.

    Of a start line that is not SIP the method is ""."""
    if line[:4].upper() == "SIP/":
        found = _read_status_line(line)
        return (None, 400) if found is None else (partial(Response, *found), 200)
    words = line.split(" ")
    if len(words) != 3:
        return partial(Request, words[0] if " SIP/" in line.upper() else "", ""), 400
    method, uri, version = words
    if version != "SIP/2.0":
        version = version.upper()
        if version[:4] != "SIP/":
            return partial(Request, "", uri), 400
        if not version[4:].replace(".", "", 1).isalnum():
            return partial(Request, method, uri), 400
        if version != "SIP/2.0":
            return partial(Request, method, uri), 505
    if not uri or uri[0] == "<" or (method not in KNOWN and not is_token(method)):
        return partial(Request, method, uri), 400
    return partial(Request, method, uri), 200


_START_LINES = Known(_read_start_line, entries_max=1_024, characters_max=200)


def _read_status_line(line: str) -> tuple[int, str] | None:
    """Status and reason phrase; None: it is malformed."""
    version, _, rest = line.partition(" ")
    code, _, reason = rest.partition(" ")
    status = read_number(code, most=699) if len(code) == 3 else None
    if version.upper() != "SIP/2.0" or status is None or status < 100:
        return None
    return status, reason.strip(" \t")


def _check(message: Request | Response, by_name: dict[str, str], body: bytes) -> None:
    """Reads what every user of a message needs, so that later nothing fails; sets the body.

    ``by_name`` holds at least the headers that may come once only.
    """
    if not all(map(by_name.get, _NEEDED)):
        missing = next(name for name in _NEEDED if not by_name.get(name))
        raise _Fault(f"{missing} is missing")
    message._call_id = by_name["Call-ID"]
    message._cseq = CSEQS[by_name["CSeq"]]
    method = message._cseq[1]
    if len(by_name) == len(message.headers):
        message._by_name = by_name
        message._vias = parse_vias(by_name["Via"]) if "Via" in by_name else ()
    if not (message._vias or message.vias):
        raise _Fault("Via is missing")
    if isinstance(message, Request):
        if method != message.method:
            # RFC 4475 §3.1.2.18: of a method that nobody knows, that is the first thing to say.
            if message.method not in KNOWN:
                raise _Fault("The method is not known, and CSeq names an other", 501)
            raise _Fault("CSeq names an other method")
        if "Max-Forwards" in by_name and _HOPS[by_name["Max-Forwards"]] is None:
            raise _Fault("Max-Forwards is not a number from 0 to 255")
        if "?" in message.uri and parse_uri(message.uri).headers:
            raise _Fault("The Request-URI has headers")
    _read_addresses(message, by_name)
    if "Content-Length" in by_name:
        length = _LENGTHS[by_name["Content-Length"]]
        if length is None or length > len(body):
            raise _Fault(LENGTH_FAULT)
        body = body[:length]
    message.body = body


_HOPS = Known(partial(read_number, most=255), entries_max=256, characters_max=3)
_LENGTHS = Known(
    partial(read_number, most=SIP_MESSAGE_BYTES_MAX), entries_max=1_024, characters_max=5
)


def _read_addresses(message: Message, by_name: Mapping[str, str]) -> None:
    """Reads them now, so that nothing raises in the middle of a call."""
    name = "From"
    try:
        message._from = NAME_ADDRS[by_name["From"]]
        name = "To"
        message._to = NAME_ADDRS[by_name["To"]]
        name = "Contact"
        if message._by_name is None:
            _ = message.contacts
        else:
            message._contacts = CONTACTS[by_name["Contact"]] if "Contact" in by_name else ()
    except UriError as error:
        raise _Fault(f"{name}: {error}") from None


def _salvage(data: bytes) -> Request | None:
    """What an answer needs, from the whole lines that a cut or too long message begins with.

    Without a Call-ID among them nobody could tell what is answered.
    """
    head, blank_line, _ = data[:SIP_MESSAGE_BYTES_MAX].partition(b"\r\n\r\n")
    if not blank_line:
        head = head.rpartition(b"\r\n")[0]
    start_line, headers, _, _ = _read_head(head.decode("utf-8", "surrogateescape"))
    make, _ = _read_start_line(start_line)
    message = None if make is None else make(headers)
    if message is None or not message.header("Call-ID"):
        return None
    return _answerable(message)


def _answerable(message: Request | Response | None) -> Request | None:
    if not isinstance(message, Request) or message.method in ("", "ACK"):
        return None
    return None if message.header("Via") is None else message
