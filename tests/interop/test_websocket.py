"""SIP over WebSocket (RFC 7118), as browsers speak it; the client is the `websockets` package's."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.interop.authority import Authority
from tests.interop.conftest import StartServer
from tests.interop.phones import play
from tests.interop.process import LOOPBACK, ServerProcess, until
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from callwright.sip.digest import authorization_for

SIP = Subprotocol("sip")
NAME = "pbx.contoso.test"
CONTACT = "<sip:r4nd0m@df7jal23ls0d.invalid;transport=ws>"


class BrowserPhone:
    """What a SIP client in a page sends: its host is nobody's, its Contact is `.invalid`."""

    def __init__(self, socket: ClientConnection, user: str, via: str) -> None:
        self.socket = socket
        self.user = user
        self._via = via
        self._cseq = 0

    async def register(self, *, expires_s: int = 600) -> str:
        answer = await self.ask("REGISTER", f"Contact: {CONTACT};expires={expires_s}\r\n")
        challenge = re.search(r"WWW-Authenticate: (.*)\r\n", answer)
        assert challenge, answer
        proof = authorization_for(
            challenge[1], method="REGISTER", uri="sip:contoso.test", username=self.user,
            password=f"{self.user}-secret", cnonce="0a4f113b",
        )  # fmt: skip
        fields = f"Contact: {CONTACT};expires={expires_s}\r\nAuthorization: {proof}\r\n"
        return await self.ask("REGISTER", fields)

    async def ask(self, method: str, fields: str = "") -> str:
        self._cseq += 1
        address = f"<sip:{self.user}@contoso.test>"
        await self.socket.send(
            f"{method} sip:contoso.test SIP/2.0\r\n"
            f"Via: SIP/2.0/{self._via} df7jal23ls0d.invalid;branch=z9hG4bK{method}{self._cseq}\r\n"
            f"Max-Forwards: 70\r\nFrom: {address};tag=1\r\nTo: {address}\r\n"
            f"Call-ID: 1j9FpLxk3uxt\r\nCSeq: {self._cseq} {method}\r\n{fields}\r\n"
        )
        return await _next(self, "SIP/2.0")

    async def hear(self) -> str:
        message = await asyncio.wait_for(self.socket.recv(), 10)
        return message if isinstance(message, str) else message.decode()


@asynccontextmanager
async def browser_phone(
    server: ServerProcess, user: str, authority: Authority | None = None
) -> AsyncIterator[BrowserPhone]:
    context: ssl.SSLContext | None = None
    scheme = "ws" if authority is None else "wss"
    if authority is not None:
        context = authority.peer().opening
    url = f"{scheme}://{server.places[scheme]}"
    name = None if context is None else NAME
    async with connect(url, subprotocols=[SIP], ssl=context, server_hostname=name) as socket:
        yield BrowserPhone(socket, user, scheme.upper())


@pytest.fixture(params=["ws", "wss"])
def web_server(
    request: pytest.FixtureRequest, start_server: StartServer, tmp_path: Path
) -> tuple[ServerProcess, Authority | None]:
    if request.param == "ws":
        return start_server(None, ["--ws", f"{LOOPBACK}:0"]), None
    authority = Authority(tmp_path / "authority")
    directory = tmp_path / "certificates"
    authority.sign(directory, NAME, LOOPBACK)
    options = ["--wss", f"{LOOPBACK}:0", "--certificates", directory]
    return start_server(None, options), authority


def test_a_browser_registers_is_rung_and_leaves(
    web_server: tuple[ServerProcess, Authority | None],
) -> None:
    server, authority = web_server

    async def scene() -> None:
        async with (
            browser_phone(server, "bob", authority) as bob,
            browser_phone(server, "erin", authority) as erin,
        ):
            answer = await bob.register()
            assert answer.startswith("SIP/2.0 200 OK"), answer
            assert CONTACT in answer
            # Rung over its own connection: nobody could find df7jal23ls0d.invalid.
            offer = (
                "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                "m=audio 30000 RTP/AVP 0\r\n"
            )
            await erin.register()
            invite = asyncio.create_task(_next(bob, "INVITE"))
            call = await _call_bob(erin, offer)
            request = await invite
            assert request.startswith("INVITE sip:r4nd0m@df7jal23ls0d.invalid;transport=ws")
            via = f"SIP/2.0/{'WS' if authority is None else 'WSS'}"
            assert f"Via: {via} {server.places['ws' if authority is None else 'wss']}" in request
            assert ";transport=ws>" in request.partition("Contact: ")[2].partition("\r\n")[0]
            assert call.startswith("SIP/2.0 100")
            left = await bob.register(expires_s=0)
            assert left.startswith("SIP/2.0 200 OK"), left

    play(scene())


def test_a_closed_page_is_no_phone_any_longer(start_server: StartServer) -> None:
    server = start_server(None, ["--ws", f"{LOOPBACK}:0"])

    async def scene() -> None:
        async with browser_phone(server, "bob") as bob:
            await bob.register()
        async with browser_phone(server, "bob") as bob:
            answer = await bob.register()
            # Only the new page's: the same Contact over the closed one is gone.
            assert answer.count("Contact: ") == 1
        await until(lambda: server.metric("callwright_sip_transactions") == 0, "an idle server", 40)

    play(scene())


def test_only_sip_from_known_pages_is_spoken(start_server: StartServer) -> None:
    options = ["--ws", f"{LOOPBACK}:0", "--origin", "https://phone.contoso.test"]
    server = start_server(None, options)
    url = f"ws://{server.places['ws']}"

    async def scene() -> None:
        with pytest.raises(InvalidStatus) as refused:
            async with connect(url, origin="https://phone.contoso.test"):  # type: ignore[arg-type]
                pass
        assert refused.value.response.status_code == 400
        with pytest.raises(InvalidStatus) as refused:
            async with connect(url, subprotocols=[SIP], origin="https://evil.test"):  # type: ignore[arg-type]
                pass
        assert refused.value.response.status_code == 403
        async with connect(
            url,
            subprotocols=[SIP],
            origin="https://phone.contoso.test",  # type: ignore[arg-type]
        ) as socket:
            phone = BrowserPhone(socket, "bob", "WS")
            assert (await phone.register()).startswith("SIP/2.0 200 OK")

    play(scene())


def test_pieces_bytes_and_pings_are_understood(start_server: StartServer) -> None:
    server = start_server(None, ["--ws", f"{LOOPBACK}:0"])
    options = (
        "OPTIONS sip:contoso.test SIP/2.0\r\nVia: SIP/2.0/WS a.invalid;branch=z9hG4bK{n}\r\n"
        "From: <sip:a@b>;tag=1\r\nTo: <sip:b@c>\r\nCall-ID: {n}\r\nCSeq: 1 OPTIONS\r\n\r\n"
    )

    async def scene() -> None:
        async with connect(f"ws://{server.places['ws']}", subprotocols=[SIP]) as socket:
            phone = BrowserPhone(socket, "bob", "WS")
            await socket.send(options.format(n=1).encode())
            assert (await phone.hear()).startswith("SIP/2.0 200 OK")
            text = options.format(n=2)
            await socket.send([text[:20], text[20:50], text[50:]])
            assert (await phone.hear()).startswith("SIP/2.0 200 OK")
            await asyncio.wait_for(await socket.ping(), 5)
            await socket.send("\r\n\r\n")
            assert await phone.hear() == "\r\n"
            await socket.send("no SIP at all")
            await socket.send(options.format(n=3))
            assert (await phone.hear()).startswith("SIP/2.0 200 OK")
            await socket.send(b"x" * 70_000)
            with pytest.raises(ConnectionClosed):
                await phone.hear()
        status, _ = server.ask("/healthz")
        assert status == 200

    play(scene())


def _body(offer: str, proof: str = "") -> str:
    return (
        f"Contact: {CONTACT}\r\n{proof}Content-Type: application/sdp\r\n"
        f"Content-Length: {len(offer)}\r\n\r\n{offer}"
    )


async def _next(phone: BrowserPhone, method: str) -> str:
    while not (message := await phone.hear()).startswith(f"{method} "):
        pass
    return message


async def _call_bob(phone: BrowserPhone, offer: str) -> str:
    """Returns what was said once the call was let in."""

    def invite(number: int, proof: str) -> str:
        return (
            "INVITE sip:102@contoso.test SIP/2.0\r\n"
            f"Via: SIP/2.0/{phone._via} df7jal23ls0d.invalid;branch=z9hG4bKbob{number}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{phone.user}@contoso.test>;tag=2\r\n"
            f"To: <sip:102@contoso.test>\r\nCall-ID: bob\r\nCSeq: {number} INVITE\r\n"
            + _body(offer, proof)
        )

    # The lamp may be told in between.
    await phone.socket.send(invite(1, ""))
    challenge = re.search(r"WWW-Authenticate: (.*)\r\n", await _next(phone, "SIP/2.0"))
    assert challenge
    proof = authorization_for(
        challenge[1], method="INVITE", uri="sip:102@contoso.test", username=phone.user,
        password=f"{phone.user}-secret", cnonce="0a4f113c",
    )  # fmt: skip
    await phone.socket.send(invite(2, f"Authorization: {proof}\r\n"))
    return await _next(phone, "SIP/2.0")
