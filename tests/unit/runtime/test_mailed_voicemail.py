"""How a message is mailed: which sound is attached, and what stays out of mail."""

import wave
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from tests.unit.runtime.test_postbox import CONTOSO, NOON, left, outbox, run, settled

from callwright.domains.voicemail.model import Attachment
from callwright.kernel.ids import MailboxId
from callwright.runtime.tasks import Tasks


@pytest.mark.row(240)
def test_a_voicemail_is_mailed_with_its_sound(tmp_path: Path) -> None:
    sound = tmp_path / "m.wav"
    sound.write_bytes(b"RIFF-like bytes")
    message = left(MailboxId("alice"), "+12065550199", "Zoë", NOON, 12.4, sound)

    async def scene(tasks: Tasks) -> None:
        outbox(tmp_path / "outbox", tasks).voicemail_arrived(CONTOSO, message)
        (mail,) = await settled(tmp_path / "outbox", 1)
        assert mail["To"] == "alice@contoso.test"
        text, attachment = mail.get_payload()
        assert (
            "Wednesday 2026-07-01 at 12:00 (America/Los_Angeles)"
            in text.get_payload(decode=True).decode()
        )
        assert attachment.get_content_type() == "audio/wav"
        assert attachment.get_payload(decode=True) == b"RIFF-like bytes"

    run(scene)


def test_a_mailbox_without_an_address_gets_no_mail(tmp_path: Path) -> None:
    message = left(MailboxId("bob"), "101", None, NOON, 3.0, tmp_path / "m.wav")

    async def scene(tasks: Tasks) -> None:
        outbox(tmp_path / "outbox", tasks).voicemail_arrived(CONTOSO, message)
        assert len(tasks) == 0

    run(scene)


@pytest.mark.row(240)
@pytest.mark.parametrize(
    ("kind", "media_type", "begins"),
    [
        (Attachment.WAV, "audio/wav", b"RIFF"),
        (Attachment.MP3, "audio/mpeg", b"ID3"),
        (Attachment.OPUS, "audio/ogg", b"OggS"),
        (Attachment.NONE, None, b""),
    ],
)
def test_the_sound_is_attached_as_the_mailbox_wants_it(
    tmp_path: Path, kind: Attachment, media_type: str | None, begins: bytes
) -> None:
    sound = tmp_path / "m.wav"
    with wave.open(str(sound), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(bytes(16_000))
    mailbox = replace(CONTOSO.mailboxes[MailboxId("alice")], attachment=kind)
    organisation = replace(CONTOSO, mailboxes={mailbox.id: mailbox})
    message = replace(
        left(mailbox.id, "+12065550199", "Zoë", NOON, 1.0, sound), transcript="Call me, please."
    )

    async def scene(tasks: Tasks) -> None:
        outbox(tmp_path / "outbox", tasks).voicemail_arrived(organisation, message)
        (mail,) = await settled(tmp_path / "outbox", 1)
        parsed = message_from_bytes(mail.as_bytes(), policy=policy.default)
        body = parsed.get_body()
        assert body is not None
        assert "Call me, please." in body.get_content()
        attached = list(parsed.iter_attachments())
        assert [part.get_content_type() for part in attached] == [media_type] * bool(media_type)
        assert all(part.get_content().startswith(begins) for part in attached)

    run(scene)


def test_a_message_whose_sound_cannot_be_converted_is_mailed_without_it(tmp_path: Path) -> None:
    sound = tmp_path / "m.wav"
    sound.write_bytes(b"RIFF, and the disk was full")
    mailbox = replace(CONTOSO.mailboxes[MailboxId("alice")], attachment=Attachment.MP3)
    organisation = replace(CONTOSO, mailboxes={mailbox.id: mailbox})
    message = left(mailbox.id, "+12065550199", "Zoë", NOON, 1.0, sound)

    async def scene(tasks: Tasks) -> None:
        outbox(tmp_path / "outbox", tasks).voicemail_arrived(organisation, message)
        (mail,) = await settled(tmp_path / "outbox", 1)
        assert not mail.is_multipart()
        assert b"left a message" in mail.as_bytes()

    run(scene)


def test_a_protected_message_is_mailed_without_what_it_says(tmp_path: Path) -> None:
    sound = tmp_path / "m.wav"
    sound.write_bytes(b"RIFF")
    message = replace(
        left(MailboxId("alice"), "+12065550199", "Zoë", NOON, 1.0, sound),
        is_protected=True,
        transcript="The code is 1234.",
    )

    async def scene(tasks: Tasks) -> None:
        outbox(tmp_path / "outbox", tasks).voicemail_arrived(CONTOSO, message)
        (mail,) = await settled(tmp_path / "outbox", 1)
        assert not mail.is_multipart()
        text = mail.as_bytes()
        assert b"by phone only" in text
        assert b"1234." not in text

    run(scene)
