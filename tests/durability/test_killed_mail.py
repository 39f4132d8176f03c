"""`callwright serve` killed while it mails a message: nobody misses it, nobody gets it for ever."""

import asyncio
from contextlib import closing
from email import message_from_bytes

import pytest
from tests.durability.life import utc
from tests.interop.conftest import StartServer, start_server
from tests.interop.phones import play
from tests.interop.process import ServerProcess, until
from tests.unit.api.test_voicemail import wav
from tests.unit.runtime.test_postbox import MailServer

from callwright.apps.services import Message
from callwright.kernel.ids import MailboxId, VoicemailId
from callwright.storage.database import Database
from callwright.storage.voicemail import Voicemails

__all__ = ["start_server"]  # a fixture

KILLS = 1
MESSAGE = VoicemailId("01JKILLED")


@pytest.mark.timeout(120)
def test_a_mail_whose_sender_is_killed_is_sent_once_more_for_each_kill(
    start_server: StartServer,
) -> None:
    server = start_server()
    server.stop()
    leave_a_message(server)

    async def scene() -> None:
        mails = MailServer()
        mails.heard_of.clear()
        async with await asyncio.start_server(mails, "127.0.0.1", 0) as listening:
            options = ["--smtp", f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"]
            for life in range(1, 1 + KILLS):
                await asyncio.to_thread(server.start, options=options)
                await until(lambda sent=life: len(mails.sent) >= sent, f"mail {life}")
                await asyncio.to_thread(server.kill)
            mails.heard_of.set()
            for _ in range(2):
                await asyncio.to_thread(server.start, options=options)
                await until(lambda: not list(server.data.glob("outbox/*.eml")), "an empty outbox")
                await asyncio.to_thread(server.stop)
        ids = [message_from_bytes(mail)["Message-ID"] for mail in mails.sent]
        assert ids == [f"<{MESSAGE}@contoso.test>"] * (KILLS + 1)

    play(scene())


def leave_a_message(server: ServerProcess) -> None:
    """A server that is gone has it on its disk and mailed it to nobody."""
    with closing(Database.open(server.data)) as database:
        store = Voicemails(database, new_id=lambda: MESSAGE)
        path = store.new_path(MailboxId("alice"))
        path.write_bytes(wav(1.0))
        store.add(Message(MailboxId("alice"), "+12065550199", None, utc(), 1.0, path))
