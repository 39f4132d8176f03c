"""Mail to people: written to the outbox directory, and sent from there where SMTP is configured.

A message that cannot be sent stays in the outbox, so nothing is lost while a mail server is away;
one that cannot be written, as on a full disk, is kept in memory until it can.

The mail of a message is sent at least once. A server that is killed leaves either its file here, or
its row without the mark that it was written, and the next start goes on from there. Exactly once is
not to be had: who is killed after the mail server took a mail, and before the file is gone, sends
it again (RFC 5321 §4.5.3.2.6), once for each such kill and with the same Message-ID.
"""

import asyncio
import contextlib
import smtplib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import structlog

from callwright.apps.services import EmergencyNotice
from callwright.domains.queues.callback import CallbackRequest
from callwright.domains.voicemail.model import Attachment, KeptMessage
from callwright.kernel.addresses import HostPort
from callwright.kernel.clock import Clock
from callwright.kernel.ids import MailboxId, UserId, VoicemailId
from callwright.kernel.limits.mail import MAIL_BATCH_MAX, MAIL_RETRY_S, MAIL_WAITING_MAX
from callwright.kernel.money import Money
from callwright.kernel.plain_text import mended
from callwright.routing.snapshot import Snapshot
from callwright.runtime.alarms import emergency_text
from callwright.runtime.courier import deliver
from callwright.runtime.mailed_sounds import MailedSound, mailed
from callwright.runtime.tasks import Tasks
from callwright.storage.message_files import sync_message
from callwright.storage.sealing import SealError

log = structlog.get_logger("callwright.mail")


@dataclass(frozen=True, slots=True)
class _Letter:
    """A mail on its way to the outbox."""

    mail: EmailMessage
    name: str
    """Of its file; the same mail has the same, whichever life of the server writes it."""
    attachment: MailedSound | None = None
    message: VoicemailId | None = None
    """The message that it tells of."""


class _NoRoom(Exception):
    """The outbox is full."""


class Outbox:
    """Implements ``surroundings.Postbox``.

    Its methods return at once; they raise ValueError for what cannot be written as a mail.
    """

    def __init__(
        self,
        directory: Path,
        clock: Clock,
        tasks: Tasks,
        *,
        new_id: Callable[[], str],
        smtp: HostPort | None,
        read_sound: Callable[[Path], bytes] = Path.read_bytes,
        note_mailed: Callable[[VoicemailId], Coroutine[object, object, None]] | None = None,
    ) -> None:
        """``read_sound``: the WAV file of a message, sealed or not. ``note_mailed`` is told of each
        message whose mail is on the disk, or that gets none."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory = directory
        self._clock = clock
        self._tasks = tasks
        self._new_id = new_id
        self._smtp = smtp
        self._read_sound = read_sound
        self._note_mailed = note_mailed
        self._unwritten = 0
        self._waits = asyncio.Event()
        if smtp is not None:
            self._waits.set()  # a stopped node may have left mail
            tasks.spawn(self._send_all(smtp), "mail")

    def voicemail_arrived(self, snapshot: Snapshot, message: KeptMessage) -> None:
        mailbox = snapshot.mailboxes.get(message.mailbox)
        if mailbox is None or mailbox.email is None:
            if self._note_mailed is not None:
                self._tasks.spawn(self._note_mailed(message.id), "no mail")
            return
        local = message.received_at.astimezone(snapshot.zone)
        caller = message.caller_name or message.caller
        text = (
            f"{caller} ({message.caller}) left a message of {message.duration_s:.0f} seconds for "
            f"{mailbox.name} on {local:%A %Y-%m-%d at %H:%M} ({snapshot.zone.key}).\n"
        )
        has_sound = mailbox.attachment is not Attachment.NONE and not message.is_protected
        if message.is_protected:
            text += "The message is protected: it can be heard by phone only.\n"
        elif message.transcript is not None:
            text += f"\n{message.transcript}\n"
        subject = f"Voicemail from {caller}"
        mail = self._mail(snapshot, mailbox.email, subject, text, id=message.id)
        sound = MailedSound(message.path, mailbox.attachment) if has_sound else None
        self._spawn(_Letter(mail, message.id, sound, message.id))

    def emergency_called(self, snapshot: Snapshot, notice: EmergencyNotice) -> None:
        text = emergency_text(notice)
        for user in notice.notify:
            address = _address_of(snapshot, user)
            if address is not None:
                self._post(self._mail(snapshot, address, text, f"{text}.\n"))

    def credits_low(self, snapshot: Snapshot, balance: Money) -> None:
        text = f"Communications credits are low: {balance} {balance.currency} left.\n"
        self._post(self._mail(snapshot, f"postmaster@{snapshot.domain}", text.strip(), text))

    def recording_failed(self, snapshot: Snapshot, mailbox: MailboxId) -> None:
        """To the owner, who missed it, and to who can make room."""
        owner = snapshot.mailboxes.get(mailbox)
        name = mailbox if owner is None else owner.name
        subject = f"A message for {name} could not be recorded"
        text = f"{subject}, or not to its end: the disk is full, or refuses to be written.\n"
        addresses = [f"postmaster@{snapshot.domain}"]
        if owner is not None and owner.email is not None:
            addresses.append(owner.email)
        for address in addresses:
            self._post(self._mail(snapshot, address, subject, text))

    def callback_failed(self, snapshot: Snapshot, request: CallbackRequest, why: str) -> None:
        """To the queue's group, which may call by hand (SPEC 5.6)."""
        queue = snapshot.queues.get(request.queue)
        rule = None if queue is None else queue.callback
        to = f"postmaster@{snapshot.domain}" if rule is None else rule.mail_to
        subject = f"Not called back: {request.name or request.number} of queue {request.queue}"
        local = request.joined_at.astimezone(snapshot.zone)
        text = (
            f"{request.name or 'A caller'} ({request.number}) has waited in queue {request.queue} "
            f"since {local:%A %Y-%m-%d at %H:%M} ({snapshot.zone.key}) and asked to be called "
            f"back, and was not: {why}.\nThe call: {request.call}\n"
        )
        self._post(self._mail(snapshot, to, subject, text))

    def _mail(
        self, snapshot: Snapshot, to: str, subject: str, text: str, *, id: str = ""
    ) -> EmailMessage:
        """``id``: of what has a name already."""
        mail = EmailMessage()
        mail["From"] = Address(f"{snapshot.name} phone system", "phone", snapshot.domain)
        mail["To"] = Address(addr_spec=to)
        mail["Subject"] = " ".join(mended(subject).split())
        mail["Date"] = format_datetime(self._clock.utc())
        mail["Message-ID"] = f"<{id or self._new_id()}@{snapshot.domain}>"
        mail.set_content(mended(text))
        return mail

    def _post(self, mail: EmailMessage) -> None:
        self._spawn(_Letter(mail, self._new_id()))

    def _spawn(self, letter: _Letter) -> None:
        self._tasks.spawn(self._write(letter), "write mail")

    async def _write(self, letter: _Letter) -> None:
        """Tries until it succeeds; at most MAIL_WAITING_MAX are tried at a time."""
        if self._unwritten >= MAIL_WAITING_MAX:
            _drop(letter, "too many cannot be written")
            return
        self._unwritten += 1
        try:
            while not await self._is_over(letter):
                try:
                    await asyncio.sleep(MAIL_RETRY_S)
                except asyncio.CancelledError:  # the server ends: the last chance
                    with contextlib.suppress(OSError, _NoRoom):
                        self._write_file(letter)
                    raise
        except _NoRoom:
            _drop(letter, "the outbox is full")
            return
        finally:
            self._unwritten -= 1
        if letter.message is not None and self._note_mailed is not None:
            await self._note_mailed(letter.message)  # before it is sent: else it may be sent again
        self._waits.set()

    async def _is_over(self, letter: _Letter) -> bool:
        """False: it is to be tried again."""
        try:
            await asyncio.to_thread(self._write_file, letter)
        except OSError as error:
            log.error("mail cannot be written", to=letter.mail["To"], because=str(error))
            return False
        return True

    def _write_file(self, letter: _Letter) -> None:
        """Writes nothing where there is no use: the message to be attached may be deleted, and a
        former life of the server may have written the mail. Raises OSError and _NoRoom."""
        path = self._directory / f"{letter.name}.eml"
        if path.exists():
            return
        if sum(1 for _ in self._directory.glob("*.eml")) >= MAIL_WAITING_MAX:
            raise _NoRoom
        if self._is_complete(letter):
            unfinished = path.with_suffix(".part")
            unfinished.write_bytes(letter.mail.as_bytes())
            unfinished.rename(path)
            sync_message(path)

    def _is_complete(self, letter: _Letter) -> bool:
        """Attaches the sound; False: the message is gone."""
        mail, attachment = letter.mail, letter.attachment
        if attachment is None or mail.is_multipart():  # tried before
            return True
        try:
            content, *kind = mailed(self._read_sound(attachment.path), attachment)
        except FileNotFoundError as error:
            log.warning("mail is dropped", to=mail["To"], because=str(error))
            return False
        except (SealError, ValueError) as error:
            log.error("mail goes without its sound", to=mail["To"], because=str(error))
        else:
            mail.add_attachment(content, *kind, filename=attachment.name)
        return True

    async def _send_all(self, smtp: HostPort) -> None:
        not_before_s: dict[Path, float] = {}
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(MAIL_RETRY_S):
                    await self._waits.wait()
            self._waits.clear()
            now_s = self._clock.monotonic()
            not_before_s = {path: at for path, at in not_before_s.items() if at > now_s}
            waiting = [path for path in await self._lying_there() if path not in not_before_s]
            try:
                for first in range(0, len(waiting), MAIL_BATCH_MAX):
                    batch = waiting[first : first + MAIL_BATCH_MAX]
                    for path in await asyncio.to_thread(deliver, smtp, batch):
                        not_before_s[path] = now_s + MAIL_RETRY_S
            except (OSError, smtplib.SMTPException) as error:
                log.warning("mail waits", count=len(waiting), because=str(error))
                await asyncio.sleep(MAIL_RETRY_S)
                self._waits.set()

    async def _lying_there(self) -> list[Path]:
        """Oldest first."""
        return await asyncio.to_thread(lambda: sorted(self._directory.glob("*.eml")))


def _drop(letter: _Letter, why: str) -> None:
    log.error("mail is dropped", to=letter.mail["To"], because=why)


def _address_of(snapshot: Snapshot, user: UserId) -> str | None:
    """Where the user's messages go, else the user's own mail: who has no voicemail is told, too."""
    mailbox = snapshot.mailboxes.get(MailboxId(user))
    if mailbox is not None and mailbox.email is not None:
        return mailbox.email
    known = snapshot.users.get(user)
    return None if known is None else known.profile.email
