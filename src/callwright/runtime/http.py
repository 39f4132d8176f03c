"""The HTTP listener: uvicorn on the node's own loop, with a socket that is bound beforehand."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from callwright.kernel.addresses import HostPort
from callwright.runtime.http_connections import HurriedConnection

GRACE_S = 3
"""How long a client that does not finish can hold up the end of the process."""


class HttpListener:
    """Binds at once, so that a taken port is known before anything else starts."""

    def __init__(self, bind: HostPort) -> None:
        """Raises OSError when the address is taken or not ours."""
        family = socket.AF_INET6 if ":" in bind.host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind(bind)
        except OSError:
            self._socket.close()
            raise
        host, port = self._socket.getsockname()[:2]
        self.address = HostPort(host, port)
        self._server: _Server | None = None
        self._started = asyncio.Event()

    async def accepts(self) -> None:
        """Returns when requests are answered."""
        await self._started.wait()

    async def serve(self, app: FastAPI) -> None:
        """Runs until ``stop``."""
        config = uvicorn.Config(
            app,
            http=HurriedConnection,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACE_S,
        )
        self._server = _Server(config, self._started)
        await self._server.serve(sockets=[self._socket])

    def stop(self) -> None:
        if self._server is not None:
            self._server.should_exit = True

    def close(self) -> None:
        self._socket.close()


class _Server(uvicorn.Server):
    """Signals are the process's affair, not HTTP's."""

    def __init__(self, config: uvicorn.Config, started: asyncio.Event) -> None:
        super().__init__(config)
        self._has_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._has_started.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
