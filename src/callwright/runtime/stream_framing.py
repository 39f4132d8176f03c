"""How messages are cut out of a connection's bytes: SIP's own way, and WebSocket's."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Protocol

from websockets.exceptions import WebSocketException
from websockets.frames import Frame, Opcode
from websockets.http11 import Request as HttpRequest
from websockets.protocol import State
from websockets.server import ServerProtocol

from callwright.kernel.limits.signalling import SIP_MESSAGE_BYTES_MAX
from callwright.sip.framing import FramingError, Ping, StreamFramer

SUBPROTOCOL = "sip"
_KEEP_ALIVE = b"\r\n"


class StreamFraming(Protocol):
    """The framing of one connection."""

    @property
    def has_partial(self) -> bool:
        """A message has begun and not ended: the peer owes us the rest."""
        ...

    @property
    def page(self) -> str | None:
        """The page whose connection it is; None: no page's, or it has said nothing yet."""
        ...

    def feed(self, data: bytes) -> list[bytes | Ping]:
        """What is complete by now; raises FramingError when the rest cannot be told apart."""
        ...

    def reply(self) -> bytes:
        """What the framing itself has to say to what was fed: handshakes, pongs."""
        ...

    def wrap(self, message: bytes) -> bytes:
        """A message of ours as bytes of the stream."""
        ...


class SipFraming(StreamFramer):
    """Content-Length counts (RFC 3261 §18.3)."""

    __slots__ = ()
    page = None

    def reply(self) -> bytes:
        return b""

    def wrap(self, message: bytes) -> bytes:
        return message


class WebSocketFraming:
    """The server's side of a WebSocket that carries SIP, one message in each (RFC 7118 §4, §5)."""

    def __init__(self, origins: Sequence[str] | None = None) -> None:
        """``origins`` are pages that may connect, ``https://phone.example.com``; None: any."""
        self._protocol = ServerProtocol(
            origins=None if origins is None else list(origins),  # type: ignore[arg-type]
            subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
            max_size=SIP_MESSAGE_BYTES_MAX,
        )
        self.page: str | None = None
        self._pieces: list[bytes] = []
        self._is_open = False

    @property
    def has_partial(self) -> bool:
        """A handshake owes us as much as a message does."""
        return not self._is_open or bool(self._pieces)

    def feed(self, data: bytes) -> list[bytes | Ping]:
        frames: list[bytes | Ping] = []
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, HttpRequest):
                self._shake_hands(event)
            elif isinstance(event, Frame):
                self._take(event, frames)
        if self._protocol.state is State.CLOSED or self._protocol.close_expected():
            raise FramingError("The WebSocket is closed", tuple(frames))
        return frames

    def reply(self) -> bytes:
        return b"".join(self._protocol.data_to_send())

    def wrap(self, message: bytes) -> bytes:
        if self._protocol.state is not State.OPEN:
            return b""  # RFC 7118 §4.1: nothing goes before the handshake or after the close
        try:
            # RFC 6455 §8.1: whoever receives text that is no UTF-8 closes the connection, and a
            # caller's name may be just that. RFC 7118 §5: any message may be sent as octets.
            send = self._protocol.send_text if _is_text(message) else self._protocol.send_binary
            send(message)
        except WebSocketException:
            return b""
        return self.reply()

    def _shake_hands(self, request: HttpRequest) -> None:
        """Raises FramingError when this is no WebSocket for SIP; the reply says so."""
        response = self._protocol.accept(request)
        if response.status_code == HTTPStatus.SWITCHING_PROTOCOLS and (
            self._protocol.subprotocol != SUBPROTOCOL
        ):
            response = self._protocol.reject(
                HTTPStatus.BAD_REQUEST, "The subprotocol sip is needed (RFC 7118)\n"
            )
        self._protocol.send_response(response)
        if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            raise FramingError("This is no WebSocket for SIP")
        self._is_open = True
        self.page = self._protocol.origin

    def _take(self, frame: Frame, frames: list[bytes | Ping]) -> None:
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            self._pieces = [bytes(frame.data)]
        elif self._pieces and frame.opcode is Opcode.CONT:
            if frame.data:  # the size of what is received is bounded, the number of pieces is not
                self._pieces.append(bytes(frame.data))
        else:
            return  # pings were answered by the protocol
        if frame.fin:
            message, self._pieces = b"".join(self._pieces), []
            if message.strip(_KEEP_ALIVE):
                frames.append(message)
            else:
                frames.append(Ping())


def _is_text(message: bytes) -> bool:
    try:
        message.decode()
    except UnicodeDecodeError:
        return False
    return True
