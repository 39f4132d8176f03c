"""Mail: what is written, to whom, and that nothing is lost while the mail server is away."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message as Mail
from itertools import count
from pathlib import Path

import pytest

from callwright.apps.services import EmergencyNotice, Message
from callwright.kernel.addresses import HostPort
from callwright.kernel.e164 import E164
from callwright.kernel.ids import CallId, MailboxId
from callwright.runtime import postbox
from callwright.runtime.clock import LoopClock
from callwright.runtime.postbox import Outbox
from callwright.runtime.tasks import Tasks
from callwright.testing.builders import ALICE, BOB, contoso_emergency, contoso_snapshot, usd

CONTOSO = contoso_snapshot()
NOON = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)


def outbox(folder: Path, tasks: Tasks, smtp: HostPort | None = None) -> Outbox:
    numbers: Iterator[int] = count(1)
    clock = LoopClock(asyncio.get_running_loop())
    return Outbox(folder, clock, tasks, new_id=lambda: f"{next(numbers):04}", smtp=smtp)


def mails(folder: Path) -> list[Mail]:
    return [message_from_bytes(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]


def run(scene: Callable[[Tasks], Awaitable[None]]) -> None:
    async def main() -> None:
        def fail(name: str, error: BaseException) -> None:
            raise AssertionError(name) from error

        tasks = Tasks(fail)
        try:
            await scene(tasks)
        finally:
            await tasks.close()

    asyncio.run(main())


async def settled(folder: Path, number: int) -> list[Mail]:
    async with asyncio.timeout(5):
        while len(found := mails(folder)) != number:  # noqa: ASYNC110 - files tell no event
            await asyncio.sleep(0.005)
    return found


@pytest.mark.row(240)
def test_a_voicemail_is_mailed_with_its_sound(tmp_path: Path) -> None:
    sound = tmp_path / "m.wav"
    sound.write_bytes(b"RIFF-like bytes")
    message = Message(MailboxId("alice"), "+12065550199", "Zoë", NOON, 12.4, sound)

    async def scene(tasks: Tasks) -> None:
        outbox(tmp_path / "outbox", tasks).voicemail_arrived(CONTOSO, message)
        (mail,) = await settled(tmp_path / "outbox", 1)
        assert mail["To"] == "alice@contoso.test"
        text, attachment = mail.get_payload()
        assert "Wednesday 2026-07-01 at 12:00 (America/Los_Angeles)" in text.get_payload(decode=True).decode()
        assert attachment.get_content_type() == "audio/wav"
        assert attachment.get_payload(decode=True) == b"RIFF-like bytes"

    run(scene)


def test_a_mailbox_without_an_address_gets_no_mail(tmp_path: Path) -> None:
    message = Message(MailboxId("bob"), "101", None, NOON, 3.0, tmp_path / "m.wav")

    async def scene(tasks: Tasks) -> None:
        outbox(tmp_path / "outbox", tasks).voicemail_arrived(CONTOSO, message)
        assert len(tasks) == 0

    run(scene)


def test_a_callers_name_cannot_add_headers(tmp_path: Path) -> None:
    sound = tmp_path / "m.wav"
    sound.write_bytes(b"")
    name = "Eve\r\nBcc: everybody@contoso.test"
    message = Message(MailboxId("alice"), "101", name, NOON, 3.0, sound)

    async def scene(tasks: Tasks) -> None:
        outbox(tmp_path / "outbox", tasks).voicemail_arrived(CONTOSO, message)
        (mail,) = await settled(tmp_path / "outbox", 1)
        assert mail["Bcc"] is None
        assert "Eve Bcc: everybody" in mail["Subject"]

    run(scene)


def test_an_emergency_is_mailed_to_those_who_must_know(tmp_path: Path) -> None:
    emergency = contoso_emergency()
    notice = EmergencyNotice(
        call=CallId("call_1"),
        caller="+14255550102",
        dial_string="911",
        location=emergency.locations[0],
        at=NOON,
        notify=(ALICE,),
        callback=E164("+14255550119"),
        user=BOB,
    )

    async def scene(tasks: Tasks) -> None:
        outbox(tmp_path / "outbox", tasks).emergency_called(CONTOSO, notice)
        (mail,) = await settled(tmp_path / "outbox", 1)
        assert mail["To"] == "alice@contoso.test"
        assert "911" in mail["Subject"]
        assert "1 Contoso Way" in mail.get_payload()

    run(scene)


class MailServer:
    """As much of SMTP as a sender needs to see; keeps what was sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.came = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        while line := await reader.readline():
            if line.upper().startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                self.sent.append(await reader.readuntil(b"\r\n.\r\n"))
                self.came.set()
            writer.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")
            if line.upper().startswith(b"QUIT"):
                break
        writer.close()


def test_mail_waits_for_a_mail_server_and_is_sent_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postbox, "MAIL_RETRY_S", 0.02)
    folder = tmp_path / "outbox"

    async def scene(tasks: Tasks) -> None:
        arrivals = MailServer()
        server = await asyncio.start_server(arrivals, "127.0.0.1", 0)
        address = HostPort(*server.sockets[0].getsockname())
        server.close()
        await server.wait_closed()
        box = outbox(folder, tasks, address)
        box.credits_low(CONTOSO, usd("4.50"))
        await settled(folder, 1)
        server = await asyncio.start_server(arrivals, *address)
        async with asyncio.timeout(5):
            await arrivals.came.wait()
        await settled(folder, 0)
        (mail,) = arrivals.sent
        assert b"4.50 USD" in mail
        server.close()

    run(scene)
