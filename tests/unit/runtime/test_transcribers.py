"""Commands and HTTP endpoints that write messages out, also such that never answer."""

import asyncio
import sys
from contextlib import closing, suppress

import pytest
from tests.unit.api.test_voicemail import wav

from callwright.apps.voicemail.services import TranscriptionFailed
from callwright.runtime.transcribers import CommandTranscriber, HttpTranscriber, transcriber_of


def test_an_endpoint_that_never_comes_to_an_end_is_left() -> None:
    async def main() -> None:
        is_left = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
            with closing(writer), suppress(OSError):
                while True:
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(0.02)
            is_left.set()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        transcriber = HttpTranscriber(f"http://127.0.0.1:{port}/")
        async with server, asyncio.timeout(5):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await transcriber.transcribe(wav(0.1), "en-US")
            await is_left.wait()

    asyncio.run(main())


def test_a_command_that_hangs_or_floods_is_ended() -> None:
    async def main() -> None:
        hanging = CommandTranscriber(
            [sys.executable, "-c", "import time; time.sleep(60)", "{file}"]
        )
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await hanging.transcribe(wav(0.1), "en-US")
        flood = CommandTranscriber([sys.executable, "-c", "print('x' * 10**6)", "{file}"])
        with pytest.raises(TranscriptionFailed, match="more than any"):
            await flood.transcribe(wav(0.1), "en-US")
        absent = CommandTranscriber(["/no/such/program", "{file}"])
        with pytest.raises(TranscriptionFailed, match="No such file"):
            await absent.transcribe(wav(0.1), "en-US")

    asyncio.run(main())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"Content-Type: text/plain\r\n\r\nhello there", "hello there"),
        (b'Content-Type: application/json\r\n\r\n{"text": "hello"}', "hello"),
        (b'Content-Type: application/json\r\n\r\n{"words": []}', None),
    ],
)
def test_an_http_endpoint_writes_a_message_out(answer: bytes, expected: str | None) -> None:
    async def main() -> None:
        asked: list[bytes] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with closing(writer):
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                asked.append(head + await reader.readexactly(length))
                writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + answer)
                await writer.drain()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        transcriber = HttpTranscriber(f"http://127.0.0.1:{port}/transcribe")
        try:
            if expected is None:
                with pytest.raises(TranscriptionFailed, match="without a text"):
                    await transcriber.transcribe(wav(0.1), "de-DE")
            else:
                assert await transcriber.transcribe(wav(0.1), "de-DE") == expected
        finally:
            server.close()
            await server.wait_closed()
        assert asked[0].endswith(wav(0.1))
        assert b"accept-language: de-de" in asked[0].lower()

    asyncio.run(main())


def test_a_transcriber_is_a_url_or_a_command_with_a_file() -> None:
    assert isinstance(transcriber_of("http://127.0.0.1:9000/asr"), HttpTranscriber)
    assert isinstance(transcriber_of("whisper-cli -f {file}"), CommandTranscriber)
    with pytest.raises(ValueError, match="names no file"):
        transcriber_of("whisper-cli")
