"""Voicemail whole, over real SIP: sealed on disk, written out, mailed, heard, lamps right."""

import asyncio
import os
import sys
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from tests.interop.conftest import StartServer
from tests.interop.phones import (
    OUTSIDE,
    carrier,
    line,
    phone,
    play,
    until_beep,
    until_sound,
    until_true,
)
from tests.interop.process import Organisation, ServerProcess, until
from tests.unit.runtime.test_postbox import MailServer

from callwright.testing.agent_call import AgentCall

RECOGNISER = "import sys, wave; print('said for', wave.open(sys.argv[1]).getframerate(), 'Hz')"


def set_up(organisation: Organisation) -> None:
    organisation["users"]["alice"]["voicemail"]["attachment"] = "mp3"
    organisation["policies"] = {"voicemail": {"default": {"pin_at_own_phone": False}}}


def lamp_of(body: bytes) -> bytes:
    return next(line for line in body.splitlines() if line.startswith(b"Voice-Message"))


@pytest.mark.row(240)
@pytest.mark.row(241)
@pytest.mark.row(243)
def test_a_message_is_sealed_written_out_mailed_heard_and_deleted(
    start_server: StartServer, tmp_path: Path
) -> None:
    """Also fusionpbx/fusionpbx#1193 and #2035 (the lamp after a restart) and mikopbx/Core#390 (it
    goes off when the mailbox is cleared, by whichever process)."""
    key, program = tmp_path / "voicemail.key", tmp_path / "recogniser.py"
    key.write_text(os.urandom(32).hex())
    key.chmod(0o600)
    program.write_text(RECOGNISER)

    async def scene() -> None:
        mail_server = MailServer()
        async with await asyncio.start_server(mail_server, "127.0.0.1", 0) as mail:
            port = mail.sockets[0].getsockname()[1]
            options = [
                "--voicemail-key", key, "--smtp", f"127.0.0.1:{port}",
                "--transcriber", f"{sys.executable} {program} {{file}}",
            ]  # fmt: skip
            server = await asyncio.to_thread(start_server, set_up, options)
            await leave_and_read_mail(server, mail_server)
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.start, options=options)
            await hear_and_delete(server)

    play(scene())


async def leave_and_read_mail(server: ServerProcess, mail_server: MailServer) -> None:
    async with carrier(server) as outside:
        call = await (await outside.dial("+14255550101")).answered()
        await until_sound(call, none_of=call)
        call.press("#")
        await until_beep(call)
        await asyncio.sleep(1.2)  # what the message says: a tone, for so long
        call.hang_up()
        (message,) = await until(lambda: server.messages("alice"), "the message")
    await mail_server.came.wait()
    (sent,) = mail_server.sent
    mail = message_from_bytes(sent, policy=policy.default)
    text, sound = mail.iter_parts()
    assert mail["Subject"] == f"Voicemail from {OUTSIDE}"
    assert "said for 8000 Hz" in text.get_content()
    assert sound.get_content_type() == "audio/mpeg"
    path = Path(message["path"])
    assert path.name.endswith(".wav.sealed")
    assert b"RIFF" not in await asyncio.to_thread(path.read_bytes)


async def hear_and_delete(server: ServerProcess) -> None:
    async with phone(server, "alice") as alice:
        told = await alice.receives("NOTIFY")
        assert lamp_of(told.body) == b"Voice-Message: 1/0 (0/0)"
        call = await (await alice.dial(f"sip:*98@{server.sip}")).answered()
        await until_sound(call, none_of=call)
        call.press("1")  # to the messages
        await asyncio.sleep(0.2)
        call.press("1")  # past the heading, into the message
        await until_tone(call, 1_700)
        call.press("2")  # save
        told = await alice.receives("NOTIFY")
        assert lamp_of(told.body) == b"Voice-Message: 0/1 (0/0)"
        call.hang_up()
        (message,) = server.messages("alice")
        deleted = server.run("voicemail", "delete", "alice", message["id"], "--yes")
        assert deleted.code == 0, deleted.stderr
        told = await alice.receives("NOTIFY")
        assert lamp_of(told.body) == b"Voice-Message: 0/0 (0/0)"
        assert not await asyncio.to_thread(Path(message["path"]).exists)


async def until_tone(call: AgentCall, tone_hz: int) -> None:
    """The carrier's own tone, as the message holds it."""
    await until_true(lambda: line(call).share(tone_hz) > 0.5, "the message", within_s=10)
