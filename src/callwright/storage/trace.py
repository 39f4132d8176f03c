"""The messages of calls, in files of bounded size and age below ``<data>/trace``.

A segment is a magic word and frames; a frame is a batch that was written at once, with its length
and check sum. A frame that a crash cut off ends its segment for the reader. Records of a frame:

    a way      its number within the segment; transport, our address, the peer's
    a message  when, its way and direction, its SIP Call-ID, its octets
    a link     when, our call, a SIP Call-ID that belongs to it, and who is behind that
"""

import os
import struct
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from callwright.kernel.addresses import HostPort
from callwright.kernel.limits.trace import TRACE_AGE_S_MAX, TRACE_BYTES_MAX, TRACE_SEGMENT_BYTES
from callwright.kernel.value import value
from callwright.sip.flow import Flow

MAGIC = b"CWTRACE1"
SUFFIX = ".trace"
RECEIVED, SENT, WAY, LINK = 1, 2, 3, 4
_FRAME = struct.Struct("<II")
_MESSAGE = struct.Struct("<BQIHI")
_WAY = struct.Struct("<BIH")
_LINK = struct.Struct("<BQHHH")
_TEXT_BYTES_MAX = 0xFFFF


@dataclass(slots=True)
class TracedMessage:
    """One message on the wire. Not frozen: thousands are made in a second."""

    at_us: int
    """Since 1970, UTC."""
    is_sent: bool
    flow: Flow
    sip_call_id: bytes
    data: bytes
    call: str = ""
    """The call that it belongs to; not stored, a link says it."""


@value
class TraceLink:
    """A SIP dialog is part of a call."""

    at_us: int
    call: str
    sip_call_id: bytes
    party: str
    """A user, an SBC or an address."""


class TraceWriter:
    """Writes segments and removes old ones; belongs to one thread at a time."""

    def __init__(
        self,
        directory: Path,
        *,
        segment_bytes: int = TRACE_SEGMENT_BYTES,
        bytes_max: int = TRACE_BYTES_MAX,
        age_s_max: float = TRACE_AGE_S_MAX,
    ) -> None:
        self._directory = directory
        self._segment_bytes = segment_bytes
        self._bytes_max = bytes_max
        self._age_s_max = age_s_max
        self._file: int | None = None
        self._written = 0
        self._ways: dict[int, tuple[int, Flow]] = {}
        """Number and flow by the flow's identity, which is its own while it is kept here."""

    def write(self, links: Iterable[TraceLink], messages: Iterable[TracedMessage]) -> None:
        """One frame. Raises OSError; the segment is given up then, and the frame is lost."""
        first = self._begin() if self._file is None else b""
        pieces: list[bytes] = []
        for link in links:
            pieces += _link_pieces(link)
        newest_us = 0
        ways, pack = self._ways, _MESSAGE.pack
        for message in messages:
            way = ways.get(id(message.flow))
            if way is None:
                way = ways[id(message.flow)] = len(ways), message.flow
                pieces += _way_pieces(*way)
            newest_us, call_id, data = message.at_us, message.sip_call_id, message.data
            kind = SENT if message.is_sent else RECEIVED
            pieces += (pack(kind, newest_us, way[0], len(call_id), len(data)), call_id, data)
        payload = b"".join(pieces)
        frame = b"".join((first, _FRAME.pack(len(payload), zlib.crc32(payload)), payload))
        try:
            _write_all(self._file, frame)
        except OSError:
            self.close()
            raise
        self._written += len(frame)
        if self._written >= self._segment_bytes:
            self.close()
            self.clean_up(now_s=newest_us / 1e6)

    def close(self) -> None:
        """The next write begins a segment."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        self._ways.clear()

    def clean_up(self, *, now_s: float) -> None:
        """Removes segments beyond the bounds of size and age. Raises OSError."""
        room = self._bytes_max - self._segment_bytes
        for path in reversed(segments(self._directory)):
            status = path.stat()
            room -= status.st_size
            if room < 0 or status.st_mtime < now_s - self._age_s_max:
                path.unlink(missing_ok=True)

    def _begin(self) -> bytes:
        self._directory.mkdir(mode=0o700, exist_ok=True)
        last = segments(self._directory)
        number = int(last[-1].stem) + 1 if last else 1
        path = self._directory / f"{number:010d}{SUFFIX}"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._written = 0
        return MAGIC


class TraceReader:
    """Finds what belongs to a call, also while a server writes."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @property
    def is_empty(self) -> bool:
        return not segments(self._directory)

    def links(self) -> Iterator[TraceLink]:
        """All there are, oldest first."""
        for payload in self._payloads():
            for kind, record, texts in _records(payload):
                if kind == LINK:
                    call, call_id, party = texts
                    yield TraceLink(record[1], _text(call), call_id, _text(party))

    def call_links(self, call: str) -> list[TraceLink]:
        """The links of a call, named by its id or by a SIP Call-ID of it; [] for an unknown one."""
        links = list(self.links())
        wanted = call.encode("utf-8", "surrogateescape")
        names = {link.call for link in links if link.sip_call_id == wanted} or {call}
        return [link for link in links if link.call in names]

    def last_call(self) -> str | None:
        """The call that began last."""
        began: dict[str, int] = {}
        for link in self.links():
            began.setdefault(link.call, link.at_us)
        return max(began, key=lambda call: began[call], default=None)

    def messages(self, sip_call_ids: Collection[bytes]) -> list[TracedMessage]:
        """Those of the dialogs named, in the order of time."""
        found: list[TracedMessage] = []
        for segment in segments(self._directory):
            ways: dict[int, Flow] = {}
            for payload in _frames(segment):
                found += _messages(payload, ways, sip_call_ids)
        return sorted(found, key=lambda message: message.at_us)

    def _payloads(self) -> Iterator[bytes]:
        for segment in segments(self._directory):
            yield from _frames(segment)


def segments(directory: Path) -> list[Path]:
    """The oldest first; [] where nothing was traced."""
    if not directory.is_dir():
        return []
    return sorted(path for path in directory.glob(f"*{SUFFIX}") if path.stem.isdecimal())


def _frames(segment: Path) -> Iterator[bytes]:
    try:
        content = segment.read_bytes()
    except OSError:  # removed meanwhile
        return
    at = len(MAGIC)
    if content[:at] != MAGIC:
        return
    while at + _FRAME.size <= len(content):
        length, check_sum = _FRAME.unpack_from(content, at)
        at += _FRAME.size
        payload = content[at : at + length]
        if len(payload) < length or zlib.crc32(payload) != check_sum:
            return  # cut off by a crash, or being written
        at += length
        yield payload


def _records(payload: bytes) -> Iterator[tuple[int, Sequence[int], tuple[bytes, ...]]]:
    at, end = 0, len(payload)
    while at < end:
        kind = payload[at]
        if kind not in _FORMS:  # of a later version
            return
        form, texts = _FORMS[kind]
        record = form.unpack_from(payload, at)
        at += form.size
        pieces = []
        for length in record[-texts:]:
            pieces.append(payload[at : at + length])
            at += length
        yield kind, record, tuple(pieces)


def _messages(
    payload: bytes, ways: dict[int, Flow], wanted: Collection[bytes]
) -> Iterator[TracedMessage]:
    for kind, record, texts in _records(payload):
        if kind == WAY:
            ways[record[1]] = _flow(_text(texts[0]))
        elif kind in (SENT, RECEIVED) and texts[0] in wanted:
            call_id, data = texts
            yield TracedMessage(record[1], kind == SENT, ways[record[2]], call_id, data)


_FORMS: Mapping[int, tuple[struct.Struct, int]] = {
    RECEIVED: (_MESSAGE, 2),
    SENT: (_MESSAGE, 2),
    WAY: (_WAY, 1),
    LINK: (_LINK, 3),
}
"""By kind: its numbers, of which the last so many are lengths of what follows."""


def _link_pieces(link: TraceLink) -> tuple[bytes, ...]:
    texts = [
        text[:_TEXT_BYTES_MAX]
        for text in (_octets(link.call), link.sip_call_id, _octets(link.party))
    ]
    return (_LINK.pack(LINK, link.at_us, *map(len, texts)), *texts)


def _way_pieces(number: int, flow: Flow) -> tuple[bytes, ...]:
    text = _octets(f"{flow.transport} {flow.local} {flow.remote}")[:_TEXT_BYTES_MAX]
    return _WAY.pack(WAY, number, len(text)), text


def _flow(text: str) -> Flow:
    transport, local, remote = text.split(" ")
    return Flow(transport, HostPort.parse(local), HostPort.parse(remote))


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")


def _write_all(file: int | None, octets: bytes) -> None:
    assert file is not None
    view = memoryview(octets)
    while view:
        view = view[os.write(file, view) :]
