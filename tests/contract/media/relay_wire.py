"""A wire between a phone and the engine that a test may cut, copy and forge on."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from callwright.media.remote import RemoteMedia

if TYPE_CHECKING:
    from tests.contract.media.call_stage import CallStage
    from tests.contract.media.sound_phone import Phone

Handling = Callable[[bytes], list[bytes]]


def as_it_is(datagram: bytes) -> list[bytes]:
    return [datagram]


class RelayWire:
    """RTP of one phone. What the phone says passes `to_engine`, what it is told `to_phone`."""

    def __init__(self, stage: "CallStage", phone: "Phone") -> None:
        self._stage = stage
        self._phone = phone
        self.to_engine: Handling = as_it_is
        self.to_phone: Handling = as_it_is
        self.from_phone: list[bytes] = []
        """All that the phone said."""
        self.from_engine: list[bytes] = []

    async def open(self) -> None:
        """Puts itself between the two; `Phone.agree` must follow."""
        phone = self._phone
        self._at_phone = await self._stage.udp_end()
        self._at_engine = await self._stage.udp_end()
        phone.own_remote = _at(phone.own_remote, self._at_phone.port)
        phone.remote = _at(phone.remote, self._at_engine.port)
        self._at_phone.on_datagram = self._phone_said
        self._at_engine.on_datagram = self._engine_said

    def send_to_engine(self, datagram: bytes) -> None:
        """From the address where the phone is for the engine."""
        self._at_engine.send(datagram, self._phone.engine_port)

    def _phone_said(self, datagram: bytes) -> None:
        self.from_phone.append(datagram)
        for each in self.to_engine(datagram):
            self.send_to_engine(each)

    def _engine_said(self, datagram: bytes) -> None:
        self.from_engine.append(datagram)
        for each in self.to_phone(datagram):
            self._at_phone.send(each, self._phone.own_port)


def _at(remote: RemoteMedia, port: int) -> RemoteMedia:
    return replace(remote, rtp_port=port, rtcp_port=port, rtcp_mux=True)
