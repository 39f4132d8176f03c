"""Mail: what is written, to whom, and that nothing is lost while the mail server is away."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import Message as Mail
from itertools import count
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from callwright.apps.services import EmergencyNotice
from callwright.domains.directory.model import Profile
from callwright.domains.voicemail.model import KeptMessage
from callwright.kernel.addresses import HostPort
from callwright.kernel.e164 import E164
from callwright.kernel.ids import CallId, MailboxId, VoicemailId
from callwright.runtime import courier, postbox
from callwright.runtime.clock import LoopClock
from callwright.runtime.postbox import Outbox
from callwright.runtime.tasks import Tasks
from callwright.testing.builders import (
    ALICE,
    BOB,
    contoso_emergency,
    contoso_snapshot,
    usd,
)

CONTOSO = contoso_snapshot()
NOON = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)


def outbox(folder: Path, tasks: Tasks, smtp: HostPort | None = None) -> Outbox:
    numbers: Iterator[int] = count(1)
    clock = LoopClock(asyncio.get_running_loop())
    return Outbox(folder, clock, tasks, new_id=lambda: f"{next(numbers):04}", smtp=smtp)


def left(
    mailbox: MailboxId, caller: str, name: str | None, at: datetime, length_s: float, path: Path
) -> KeptMessage:
    id = VoicemailId(path.stem)
    return KeptMessage(id, mailbox, caller, name, at, length_s, path, is_read=False)


def mails(folder: Path) -> list[Mail]:
    return [message_from_bytes(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]


def waiting(folder: Path) -> int:
    """Of files that go away meanwhile nothing can be read."""
    return len([*folder.glob("*.eml")])


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
        while waiting(folder) != number:  # noqa: ASYNC110 - files tell no event
            await asyncio.sleep(0.005)
    return mails(folder)


def test_who_missed_a_message_is_told_and_who_can_make_room(tmp_path: Path) -> None:
    async def scene(tasks: Tasks) -> None:
        outbox(tmp_path, tasks).recording_failed(CONTOSO, MailboxId("alice"))
        told = await settled(tmp_path, 2)
        assert {mail["To"] for mail in told} == {"alice@contoso.test", "postmaster@contoso.test"}
        assert all("Alice Adams could not be recorded" in mail["Subject"] for mail in told)

    run(scene)


def test_a_mail_that_cannot_be_written_is_kept_until_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postbox, "MAIL_RETRY_S", 0.02)
    sound = tmp_path / "m.wav"
    sound.write_bytes(b"RIFF-like bytes")
    message = left(MailboxId("alice"), "+12065550199", "Zoë", NOON, 12.4, sound)
    folder = tmp_path / "outbox"
    in_the_way = folder / "m.part"

    async def scene(tasks: Tasks) -> None:
        box = outbox(folder, tasks)
        in_the_way.mkdir()
        with capture_logs() as logs:
            box.voicemail_arrived(CONTOSO, message)
            async with asyncio.timeout(5):
                while len(logs) < 2:  # noqa: ASYNC110 - a log tells no event
                    await asyncio.sleep(0.005)
        assert {entry["event"] for entry in logs} == {"mail cannot be written"}
        in_the_way.rmdir()
        (mail,) = await settled(folder, 1)
        parts = [part.get_content_type() for part in mail.walk()]
        assert parts == ["multipart/mixed", "text/plain", "audio/wav"]

    run(scene)


def test_a_mail_waits_for_a_folder_that_is_gone_but_not_for_a_message_that_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postbox, "MAIL_RETRY_S", 0.02)
    sound = tmp_path / "m.wav"
    message = left(MailboxId("alice"), "+12065550199", "Zoë", NOON, 12.4, sound)
    folder = tmp_path / "outbox"

    async def scene(tasks: Tasks) -> None:
        box = outbox(folder, tasks)
        folder.rmdir()
        for there, told in ((False, "mail is dropped"), (True, "mail cannot be written")):
            if there:
                sound.write_bytes(b"RIFF-like bytes")
            with capture_logs() as logs:
                box.voicemail_arrived(CONTOSO, message)
                async with asyncio.timeout(5):
                    while not logs:  # noqa: ASYNC110 - a log tells no event
                        await asyncio.sleep(0.005)
            assert logs[0]["event"] == told
        folder.mkdir()
        (mail,) = await settled(folder, 1)
        assert [part.get_content_type() for part in mail.walk()][-1] == "audio/wav"

    run(scene)


def test_a_mail_that_waits_is_written_when_the_server_ends(tmp_path: Path) -> None:
    in_the_way = tmp_path / "0002.part"

    async def scene(tasks: Tasks) -> None:
        box = outbox(tmp_path, tasks)
        in_the_way.mkdir()
        with capture_logs() as logs:
            box.credits_low(CONTOSO, usd("4.99"))
            async with asyncio.timeout(5):
                while not logs:  # noqa: ASYNC110 - a log tells no event
                    await asyncio.sleep(0.005)
            await asyncio.sleep(0)
        in_the_way.rmdir()

    run(scene)
    (mail,) = mails(tmp_path)
    assert mail["To"] == "postmaster@contoso.test"


def test_a_callers_name_cannot_add_headers(tmp_path: Path) -> None:
    sound = tmp_path / "m.wav"
    sound.write_bytes(b"")
    name = "Eve\r\nBcc: everybody@contoso.test"
    message = left(MailboxId("alice"), "101", name, NOON, 3.0, sound)

    async def scene(tasks: Tasks) -> None:
        outbox(tmp_path / "outbox", tasks).voicemail_arrived(CONTOSO, message)
        (mail,) = await settled(tmp_path / "outbox", 1)
        assert mail["Bcc"] is None
        assert "Eve Bcc: everybody" in mail["Subject"]

    run(scene)


@pytest.mark.parametrize("has_voicemail", [True, False])
def test_an_emergency_is_mailed_to_those_who_must_know(tmp_path: Path, has_voicemail: bool) -> None:
    snapshot = CONTOSO
    if not has_voicemail:
        alice = replace(CONTOSO.users[ALICE], profile=Profile(email="alice@contoso.test"))
        snapshot = contoso_snapshot(users={**CONTOSO.users, ALICE: alice}, mailboxes={})
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
        outbox(tmp_path / "outbox", tasks).emergency_called(snapshot, notice)
        (mail,) = await settled(tmp_path / "outbox", 1)
        assert mail["To"] == "alice@contoso.test"
        assert "911" in mail["Subject"]
        assert "1 Contoso Way" in mail.get_payload()

    run(scene)


@pytest.mark.parametrize(
    "name",
    [
        "Contoso: Group;", "Dr. Who: Clinic", "Foo, Inc.", 'Foo "Bar', "Foo <x@y>", "Contoso (US",
        "Zoë, Söhne: Köln", "=?utf-8?q?x?=",
    ],
)  # fmt: skip
def test_an_organisation_may_have_any_name(tmp_path: Path, name: str) -> None:
    named = replace(CONTOSO, name=name)

    async def scene(tasks: Tasks) -> None:
        outbox(tmp_path / "outbox", tasks).credits_low(named, usd("4.50"))
        (mail,) = await settled(tmp_path / "outbox", 1)
        parsed = message_from_bytes(mail.as_bytes(), policy=policy.default)
        (sender,) = parsed["From"].addresses
        assert sender.addr_spec == "phone@contoso.test"
        assert sender.display_name.endswith("phone system")
        if not name.startswith("=?"):
            assert sender.display_name == f"{name} phone system"

    run(scene)


def test_a_name_that_was_no_utf_8_is_mailed_with_a_sign_in_its_place(tmp_path: Path) -> None:
    sound = tmp_path / "m.wav"
    sound.write_bytes(b"")
    message = left(MailboxId("alice"), "10\udce91", "Jos\udce9", NOON, 3.0, sound)

    async def scene(tasks: Tasks) -> None:
        outbox(tmp_path / "outbox", tasks).voicemail_arrived(CONTOSO, message)
        (mail,) = await settled(tmp_path / "outbox", 1)
        parsed = message_from_bytes(mail.as_bytes(), policy=policy.default)
        assert parsed["Subject"] == "Voicemail from Jos\ufffd"

    run(scene)


class MailServer:
    """As much of SMTP as a sender needs to see; keeps what was sent. ``answers``: what it says to
    the recipients that are named there, with the last answer again and again. It says that it took
    a mail once it is ``heard_of``."""

    def __init__(self, answers: dict[str, list[bytes]] | None = None) -> None:
        self.heard_of = asyncio.Event()
        self.heard_of.set()
        self.sent: list[bytes] = []
        self.came = asyncio.Event()
        self.asked: Counter[str] = Counter()
        self._answers = answers or {}

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            await self._serve(reader, writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                self.sent.append(await reader.readuntil(b"\r\n.\r\n"))
                self.came.set()
                await self.heard_of.wait()
            if verb == b"RCPT":
                writer.write(self._answer(line.decode()))
            else:
                writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                break

    def recipients(self) -> list[str]:
        return [message_from_bytes(mail)["To"] for mail in self.sent]

    def _answer(self, line: str) -> bytes:
        recipient = line[line.index("<") + 1 : line.index(">")]
        self.asked[recipient] += 1
        answers = self._answers.get(recipient, [b"250 ok"])
        return answers[min(self.asked[recipient], len(answers)) - 1] + b"\r\n"


def write_mail(folder: Path, name: str, to: str) -> None:
    folder.mkdir(exist_ok=True)
    text = f"From: phone@contoso.test\nTo: {to}\nSubject: x\n\nhello\n"
    (folder / f"{name}.eml").write_bytes(text.encode())


def test_a_mail_that_is_refused_for_good_is_set_aside_and_the_others_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    for number, to in enumerate(("gone@contoso.test", "", "ä@b.c", "bob@contoso.test")):
        write_mail(folder, f"0{number}", to)

    async def scene(tasks: Tasks) -> None:
        arrivals = MailServer({"gone@contoso.test": [b"550 no such user"]})
        async with await asyncio.start_server(arrivals, "127.0.0.1", 0) as server:
            outbox(folder, tasks, HostPort(*server.sockets[0].getsockname()))
            await settled(folder, 0)
        assert arrivals.recipients() == ["bob@contoso.test"]
        assert sorted(path.name for path in folder.iterdir()) == ["00.bad", "01.bad", "02.bad"]
        assert b"gone@contoso.test" in (folder / "00.bad").read_bytes()

    run(scene)


@pytest.mark.parametrize("answer", [b"450 later", b"421 closing", b"530 sign in first"])
def test_a_mail_that_is_refused_for_now_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    monkeypatch.setattr(postbox, "MAIL_RETRY_S", 0.02)
    folder = tmp_path / "outbox"
    write_mail(folder, "01", "alice@contoso.test")
    write_mail(folder, "02", "bob@contoso.test")

    async def scene(tasks: Tasks) -> None:
        arrivals = MailServer({"alice@contoso.test": [answer, answer, b"250 ok"]})
        async with await asyncio.start_server(arrivals, "127.0.0.1", 0) as server:
            outbox(folder, tasks, HostPort(*server.sockets[0].getsockname()))
            await settled(folder, 0)
        assert sorted(arrivals.recipients()) == ["alice@contoso.test", "bob@contoso.test"]
        assert arrivals.asked["alice@contoso.test"] == 3

    run(scene)


def test_lines_travel_with_cr_and_lf(tmp_path: Path) -> None:
    write_mail(tmp_path / "outbox", "01", "bob@contoso.test")

    async def scene(tasks: Tasks) -> None:
        arrivals = MailServer()
        async with await asyncio.start_server(arrivals, "127.0.0.1", 0) as server:
            outbox(tmp_path / "outbox", tasks, HostPort(*server.sockets[0].getsockname()))
            await settled(tmp_path / "outbox", 0)
        (mail,) = arrivals.sent
        assert mail.count(b"\n") == mail.count(b"\r\n")

    run(scene)


def test_what_was_set_aside_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "MAIL_SET_ASIDE_MAX", 2)
    folder = tmp_path / "outbox"
    for number in range(4):
        write_mail(folder, f"0{number}", "gone@contoso.test")

    async def scene(tasks: Tasks) -> None:
        arrivals = MailServer({"gone@contoso.test": [b"550 no such user"]})
        async with await asyncio.start_server(arrivals, "127.0.0.1", 0) as server:
            outbox(folder, tasks, HostPort(*server.sockets[0].getsockname()))
            await settled(folder, 0)
        assert sorted(path.name for path in folder.iterdir()) == ["02.bad", "03.bad"]

    run(scene)


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
