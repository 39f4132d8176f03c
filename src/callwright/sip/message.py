"""SIP messages (RFC 3261 §7): an ordered list of headers, read lazily, written by joining."""

from collections.abc import Iterable, Sequence

from callwright.sip.header_names import LIST_HEADERS
from callwright.sip.known import Known
from callwright.sip.reason_phrases import REASON_PHRASES as REASON_PHRASES
from callwright.sip.syntax import read_number, split_list
from callwright.sip.uri import CONTACTS, NameAddr, Uri, UriError, parse_name_addr, parse_uri
from callwright.sip.via import Via, parse_via, parse_vias, restamped

SECONDS_MAX = 2**32 - 1
"""The largest delta-seconds; greater ones mean this (RFC 3261 §20.19)."""
CSEQ_MAX = 2**31 - 1
"""RFC 3261 §8.1.1.5."""
MAX_FORWARDS = 70
"""RFC 3261 §8.1.1.6."""

DIALOG_FORMING = frozenset({"INVITE", "SUBSCRIBE", "REFER", "NOTIFY"})


class Message:
    """What requests and responses share.

    Whatever ``parser.parse`` returned answers every property without raising, ``parsed_uri``
    excepted; on a message made by hand a property raises UriError where its header is absent.
    Once a property was read its value is kept, so from then on headers change through
    ``set_header``, ``add_header`` and ``stamp_via`` only.
    """

    __slots__ = (
        "_by_name",
        "_call_id",
        "_contacts",
        "_cseq",
        "_from",
        "_to",
        "_vias",
        "body",
        "headers",
    )

    # Either kind sets them itself: the interpreter adapts a constructor to one kind of object, and
    # never one that two of them share.
    headers: list[tuple[str, str]]
    """In order; names canonical (``Call-ID``, never ``i``), values without outer blanks."""
    body: bytes
    _by_name: dict[str, str] | None
    """Every header, where a parser found each name once."""
    _call_id: str | None
    _cseq: tuple[int, str] | None
    _from: NameAddr | None
    _to: NameAddr | None
    _vias: tuple[Via, ...] | None
    _contacts: tuple[NameAddr, ...] | None

    def _forget(self) -> None:
        self._by_name = None
        self._call_id = self._cseq = self._from = self._to = None
        self._vias = self._contacts = None

    def header(self, name: str) -> str | None:
        """The first value as written; ``name`` in canonical spelling."""
        by_name = self._by_name
        if by_name is not None:
            return by_name.get(name)
        for found, value in self.headers:
            if found == name:
                return value
        return None

    def header_values(self, name: str) -> list[str]:
        """All values, those of list headers taken apart at their commas; without empty elements."""
        lines = self._lines(name)
        if not lines or name not in LIST_HEADERS:
            return lines
        return [part for line in lines for part in split_list(line) if part]

    def _lines(self, name: str) -> list[str]:
        """All values, each as it stands on a line."""
        if self._by_name is not None:
            return [self._by_name[name]] if name in self._by_name else []
        return [value for found, value in self.headers if found == name]

    def set_header(self, name: str, value: str) -> None:
        """Replaces the first one and removes others; appends where there was none."""
        for index, (found, _) in enumerate(self.headers):
            if found == name:
                rest = [pair for pair in self.headers[index + 1 :] if pair[0] != name]
                self.headers[index:] = [(name, value), *rest]
                break
        else:
            self.headers.append((name, value))
        self._forget()

    def rewrite_headers(self, headers: list[tuple[str, str]]) -> None:
        """Puts others in their place, before anybody but the parser has read them."""
        self.headers[:] = headers
        self._by_name = None

    def add_header(self, name: str, value: str) -> None:
        self.headers.append((name, value))
        self._forget()

    @property
    def call_id(self) -> str:
        call_id = self._call_id
        if call_id is None:
            call_id = self._call_id = self._need("Call-ID")
        return call_id

    @property
    def cseq(self) -> tuple[int, str]:
        """Number and method."""
        cseq = self._cseq
        if cseq is None:
            cseq = self._cseq = parse_cseq(self._need("CSeq"))
        return cseq

    @property
    def from_(self) -> NameAddr:
        from_ = self._from
        if from_ is None:
            from_ = self._from = parse_name_addr(self._need("From"))
        return from_

    @property
    def to(self) -> NameAddr:
        to = self._to
        if to is None:
            to = self._to = parse_name_addr(self._need("To"))
        return to

    @property
    def from_tag(self) -> str | None:
        try:
            return (self._from or self.from_).tag
        except UriError:
            return None

    @property
    def to_tag(self) -> str | None:
        try:
            return (self._to or self.to).tag
        except UriError:
            return None

    @property
    def vias(self) -> tuple[Via, ...]:
        """The newest hop first."""
        vias = self._vias
        if vias is None:
            vias = self._vias = sum(map(parse_vias, self._lines("Via")), ())
        return vias

    @property
    def top_via(self) -> Via:
        vias = self._vias
        if vias:
            return vias[0]
        return parse_via(split_list(self._need("Via"))[0])

    @property
    def contacts(self) -> tuple[NameAddr, ...]:
        """Without the ``*`` of a REGISTER, which is no address."""
        contacts = self._contacts
        if contacts is None:
            lines = self._lines("Contact")
            contacts = self._contacts = tuple([one for line in lines for one in CONTACTS[line]])
        return contacts

    @property
    def content_type(self) -> str | None:
        """``application/sdp``: lower case, without parameters."""
        value = self.header("Content-Type")
        return None if value is None else value.partition(";")[0].strip(" \t").lower()

    @property
    def expires(self) -> int | None:
        """Seconds; None: no such header, or not a number."""
        value = self.header("Expires")
        return None if value is None else parse_seconds(value)

    def _need(self, name: str) -> str:
        value = self.header(name)
        if not value:
            raise UriError(f"{name} is missing")
        return value


class Request(Message):
    __slots__ = ("method", "uri")

    def __init__(
        self, method: str, uri: str, headers: list[tuple[str, str]], body: bytes = b""
    ) -> None:
        self.method = method
        self.uri = uri
        """The Request-URI as it came."""
        self.headers = headers
        self.body = body
        self._by_name = self._call_id = self._cseq = None
        self._from = self._to = self._vias = self._contacts = None

    @property
    def parsed_uri(self) -> Uri:
        """Raises UriError; a scheme that is not SIP's or tel comes as an opaque Uri."""
        return parse_uri(self.uri)

    @property
    def max_forwards(self) -> int | None:
        """None: the header is absent, as with clients from before RFC 3261."""
        value = self.header("Max-Forwards")
        return None if value is None else read_number(value, most=255)

    def stamp_via(self, host: str, port: int) -> None:
        """Notes in the top Via where the request really came from (RFC 3261 §18.2.1, RFC 3581)."""
        top = self.top_via
        stamped = top.stamped(host, port)
        if stamped is top:
            return
        for index, (name, value) in enumerate(self.headers):
            if name == "Via":
                first, *rest = split_list(value)
                text = ", ".join([restamped(first, host, port) or str(stamped), *rest])
                self.headers[index] = ("Via", text)
                if self._by_name is not None:
                    self._by_name["Via"] = text
                break
        if self._vias is not None:
            self._vias = (stamped, *self._vias[1:])

    def __repr__(self) -> str:
        return f"<{self.method} {self.uri} CSeq {self.header('CSeq')} {self.header('Call-ID')}>"


class Response(Message):
    __slots__ = ("is_local", "reason", "status")

    def __init__(
        self,
        status: int,
        reason: str,
        headers: list[tuple[str, str]],
        body: bytes = b"",
        *,
        is_local: bool = False,
    ) -> None:
        self.status = status
        self.reason = reason
        self.is_local = is_local
        """True: made here because of time-out or transport error; nobody sent it."""
        self.headers = headers
        self.body = body
        self._by_name = self._call_id = self._cseq = None
        self._from = self._to = self._vias = self._contacts = None

    def __repr__(self) -> str:
        cseq, call_id = self.header("CSeq"), self.header("Call-ID")
        return f"<{self.status} {self.reason} CSeq {cseq} {call_id}>"


def encode(message: Message) -> bytes:
    """The message on the wire, with a Content-Length of its own.

    A CR or LF inside a value cannot start another header: it is written as a space.
    """
    if isinstance(message, Request):
        lines = [f"{message.method} {message.uri} SIP/2.0"]
    elif isinstance(message, Response):
        lines = [f"SIP/2.0 {message.status} {message.reason}"]
    else:
        raise TypeError("a message is a Request or a Response")
    lines += map(": ".join, message.headers)
    written = "".join(lines)
    if "\r" in written or "\n" in written:
        lines = [line.replace("\r", " ").replace("\n", " ") for line in lines]
    if "Content-Length: " in written:
        lines = [line for line in lines if not line.startswith("Content-Length: ")]
    lines.append(f"Content-Length: {len(message.body)}\r\n\r\n")
    text = "\r\n".join(lines)
    try:
        head = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        head = text.encode("utf-8", "replace")
    return head + message.body if message.body else head


def make_request(
    method: str,
    uri: str,
    *,
    via: str,
    from_: str,
    to: str,
    call_id: str,
    cseq: int,
    route: Sequence[str] = (),
    contact: str | None = None,
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
    content_type: str | None = None,
    max_forwards: int = MAX_FORWARDS,
) -> Request:
    """RFC 3261 §8.1.1; every value is the text of the header, From and To with their tags."""
    fields = [("Via", via), ("Max-Forwards", str(max_forwards))]
    if route:
        fields += [("Route", hop) for hop in route]
    fields += [("From", from_), ("To", to), ("Call-ID", call_id), ("CSeq", f"{cseq} {method}")]
    if contact is not None:
        fields.append(("Contact", contact))
    fields += headers
    if content_type is not None:
        fields.append(("Content-Type", content_type))
    return Request(method, uri, fields, body)


_COPIED = ("Via", "From", "To", "Call-ID", "CSeq")


def make_response(
    request: Request,
    status: int,
    reason: str | None = None,
    headers: Sequence[tuple[str, str]] = (),
    body: bytes = b"",
    content_type: str | None = None,
    to_tag: str | None = None,
    *,
    is_local: bool = False,
) -> Response:
    """RFC 3261 §8.2.6: copies Via, From, To, Call-ID and CSeq; Record-Route where a dialog begins
    (§12.1.1); Timestamp into a 100. ``to_tag`` is added only to a To that has none. Works with the
    partial request of a ParseError, too, whose headers may be missing or unreadable.
    """
    also = "Timestamp" if status == 100 else ""
    if 100 < status < 300 and request.method in DIALOG_FORMING:
        also = "Record-Route"
    tag = f";tag={to_tag}" if to_tag is not None and _can_take_tag(request) else ""
    fields = _copied_fields(request, also, tag)
    fields += headers
    if content_type is not None:
        fields.append(("Content-Type", content_type))
    if reason is None:
        reason = REASON_PHRASES.get(status, "")
    return Response(status, reason, fields, body, is_local=is_local)


def _copied_fields(request: Request, also: str, tag: str) -> list[tuple[str, str]]:
    """What a response repeats; ``also`` where the request has it, ``tag`` behind To."""
    by_name = request._by_name
    if by_name is None:
        pairs = [pair for pair in request.headers if pair[0] in _COPIED or pair[0] == also]
        return [(name, text + tag if name == "To" else text) for name, text in pairs]
    fields = [
        ("Via", by_name["Via"]),
        ("From", by_name["From"]),
        ("To", by_name["To"] + tag),
        ("Call-ID", by_name["Call-ID"]),
        ("CSeq", by_name["CSeq"]),
    ]
    if also in by_name:
        fields.append((also, by_name[also]))
    return fields


def _can_take_tag(request: Request) -> bool:
    try:
        return request.to.tag is None
    except UriError:
        return False


def parse_cseq(text: str) -> tuple[int, str]:
    """``314 INVITE``; raises UriError, also for a number of 2**31 or more."""
    return CSEQS[text]


def _parse_cseq(text: str) -> tuple[int, str]:
    parts = text.split()
    number = read_number(parts[0], most=CSEQ_MAX) if len(parts) == 2 else None
    if number is None:
        raise UriError("CSeq is a number below 2**31 and a method")
    return number, parts[1]


CSEQS = Known(_parse_cseq, entries_max=1_024, characters_max=32)
"""What ``parse_cseq`` answers: nearly all are ``1 INVITE``, ``2 BYE`` and the like."""


def parse_seconds(text: str) -> int | None:
    """delta-seconds; too great ones become the greatest, None: not a number."""
    if not text.isascii() or not text.isdigit():
        return None
    number = read_number(text, most=SECONDS_MAX)
    return SECONDS_MAX if number is None else number
