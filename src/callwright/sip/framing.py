"""Cutting a TCP stream into messages (RFC 3261 §18.3) and keep-alives (RFC 5626 §3.5.1)."""

from typing import Final

from callwright.kernel.limits.signalling import SIP_MESSAGE_BYTES_MAX
from callwright.sip.syntax import read_number


class Ping:
    """A keep-alive of two line ends between messages; it is answered with one line end."""

    def __repr__(self) -> str:
        return "PING"


PING: Final = Ping()
PONG: Final = b"\r\n"
KEEP_ALIVE: Final = b"\r\n\r\n"
"""What a ping is on the wire."""


class FramingError(Exception):
    """Where the next message begins is lost: the connection has to be closed."""

    def __init__(self, text: str, frames: "tuple[bytes | Ping, ...]" = ()) -> None:
        super().__init__(text)
        self.frames = frames
        """What the same bytes still held in good order before the fault; and at the end the head
        whose length cannot be told, for an answer before the close (RFC 4475 §3.1.2.3)."""


class StreamFramer:
    """The unread bytes of one connection, never more than one message of the largest size
    and what one ``feed`` brought."""

    __slots__ = ("_buffer", "_is_broken", "_need", "_seen")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._need = 0
        """Length of the message that is being received, once its headers are complete."""
        self._seen = 0
        """So far no end of the headers was found."""
        self._is_broken = False

    @property
    def has_partial(self) -> bool:
        """A message has begun and not ended: the peer owes us the rest."""
        return bytes(self._buffer[:4]).strip(b"\r\n") != b""

    def feed(self, data: bytes) -> list[bytes | Ping]:
        """The messages (undivided, for ``parser.parse``) and pings that are complete by now.

        Raises FramingError for a message without usable Content-Length or of too many bytes, and
        always from then on.
        """
        if self._is_broken:
            raise FramingError("The stream was given up")
        self._buffer += data
        frames: list[bytes | Ping] = []
        try:
            while (frame := self._next_frame()) is not None:
                frames.append(frame)
        except FramingError as error:
            self._is_broken = True
            self._buffer.clear()
            error.frames = (*frames, *error.frames)
            raise
        return frames

    def _next_frame(self) -> bytes | Ping | None:
        if not self._need:
            if self._skip_line_ends():
                return PING
            self._need = self._measure()
        if not self._need or len(self._buffer) < self._need:
            return None
        frame = bytes(self._buffer[: self._need])
        del self._buffer[: self._need]
        self._need = self._seen = 0
        return frame

    def _skip_line_ends(self) -> bool:
        """Drops what stands between messages; True: it was a ping.

        A single line end waits for what follows: the second half of a ping, or a message.
        """
        buffer = self._buffer
        while buffer and buffer[0] in b"\r\n":
            if buffer.startswith(b"\r\n\r\n"):
                del buffer[:4]
                return True
            if b"\r\n\r\n".startswith(buffer):
                return False
            del buffer[0]
        return False

    def _measure(self) -> int:
        """Length of the message at the front, 0: its headers are not complete."""
        buffer = self._buffer
        if not buffer or buffer[0] in b"\r\n":
            return 0
        end = buffer.find(b"\r\n\r\n", max(0, self._seen - 3))
        if end < 0:
            if len(buffer) > SIP_MESSAGE_BYTES_MAX:
                raise FramingError("The headers do not end", (bytes(buffer),))
            self._seen = len(buffer)
            return 0
        length = content_length(bytes(buffer[: end + 2]))
        if length is None or end + 4 + length > SIP_MESSAGE_BYTES_MAX:
            text = "Content-Length is missing, unreadable, repeated or too large"
            raise FramingError(text, (bytes(buffer[: end + 4]),))
        return end + 4 + length


def content_length(head: bytes) -> int | None:
    """Of a head whose lines all end in CRLF; None: absent, there twice, or no number within bounds.

    A second one is fatal even if it agrees: who reads the stream differently from whoever sent it
    takes one peer's body for another's request.
    """
    lower = head.lower()
    start = lower.find(b"\r\ncontent-length:")
    if start < 0 or lower.count(b"\r\nl") or lower.count(b"\r\ncontent-length") != 1:
        return _search_content_length(head)
    end = head.find(b"\r\n", start + 17)
    value = head[start + 17 : end]
    if not value.strip() or head[end + 2 : end + 3] in (b" ", b"\t"):
        return _search_content_length(head)
    return _read_length(value)


def _search_content_length(head: bytes) -> int | None:
    """Other spellings, the compact form, folded lines, several of them."""
    values = []
    for line in head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip(b" \t").lower() in (b"content-length", b"l"):
            values.append(value)
    return _read_length(values[0]) if len(values) == 1 else None


def _read_length(value: bytes) -> int | None:
    return read_number(value.strip(b" \t").decode("latin-1"), most=SIP_MESSAGE_BYTES_MAX)
