"""Connections that say nothing: uvicorn waits for the first request of each for ever, and every
one is a file that a phone's connection or a call's sound then lacks."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from callwright.kernel.limits.api import HTTP_CONNECTIONS_MAX, HTTP_HEAD_S


class HurriedConnection(H11Protocol):
    """Closed when the head of a request is not there in time, and at once where there are too many.
    What is answered, listened to or kept open after an answer has times of its own."""

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if len(self.connections) > HTTP_CONNECTIONS_MAX:
            transport.abort()
        else:
            self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if not self._waits_for_head:
            self._rest()
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HTTP_HEAD_S, self._hurry)

    def _rest(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _hurry(self) -> None:
        self._head_timer = None
        if self._waits_for_head:
            self.transport.abort()

    @property
    def _waits_for_head(self) -> bool:
        """A WebSocket has taken its connection over."""
        cycle: RequestResponseCycle | None = self.cycle
        is_ours = self.transport.get_protocol() is self
        return is_ours and (cycle is None or cycle.response_complete)
