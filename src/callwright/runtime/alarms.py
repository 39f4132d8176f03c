"""Who is told that something happened which they must know (``apps.services.Alarms``)."""

import asyncio

import structlog

from callwright.apps.services import EmergencyNotice
from callwright.domains.queues.callback import CallbackRequest
from callwright.kernel.ids import MailboxId, SbcId, UserId
from callwright.kernel.money import Money
from callwright.kernel.plain_text import mended
from callwright.routing.snapshot import Snapshot
from callwright.runtime.emergency_callbacks import EmergencyCallbacks
from callwright.runtime.reach import PhoneReach
from callwright.runtime.surroundings import Postbox
from callwright.runtime.tasks import Tasks
from callwright.runtime.telling import telling
from callwright.sip.endpoint import Endpoint
from callwright.sip.message import Response
from callwright.sip.registrar import Binding
from callwright.sip.uri import Uri

log = structlog.get_logger("callwright.alarms")


class NodeAlarms:
    """Logs, mails, and shows emergencies on the phones of those who must know.

    Nothing here raises into the call that there is news of, nor holds it up.
    """

    def __init__(
        self,
        tasks: Tasks,
        endpoint: Endpoint,
        reach: PhoneReach,
        postbox: Postbox,
        callbacks: EmergencyCallbacks,
    ) -> None:
        self._tasks = tasks
        self._endpoint = endpoint
        self._reach = reach
        self._postbox = postbox
        self._callbacks = callbacks

    def emergency_called(self, snapshot: Snapshot, notice: EmergencyNotice) -> None:
        """Returns at once; whoever must know is told after the call's INVITE has left."""
        if notice.callback is not None and notice.user is not None:
            self._callbacks.note(notice.callback, notice.user)
        with telling("an emergency call"):
            self._tasks.spawn(self._tell_of_emergency(snapshot, notice), "emergency notice")

    def gateway_failed(self, sbc: SbcId, status: int) -> None:
        with telling("a gateway"):
            log.warning("gateway passed over", sbc=sbc, status=status)

    def gateway_is_busy(self, sbc: SbcId, sessions: int, limit: int) -> None:
        with telling("a gateway"):
            log.warning("gateway near its limit", sbc=sbc, sessions=sessions, limit=limit)

    def credits_low(self, snapshot: Snapshot, balance: Money) -> None:
        with telling("low credits"):
            log.warning("credits are low", balance=str(balance), currency=balance.currency)
        with telling("low credits"):
            self._postbox.credits_low(snapshot, balance)

    def recording_failed(self, snapshot: Snapshot, mailbox: MailboxId, path: str) -> None:
        with telling("a recording that failed"):
            log.error("recording failed", mailbox=mailbox, path=path, remedy="free the disk")
        with telling("a recording that failed"):
            self._postbox.recording_failed(snapshot, mailbox)

    def callback_failed(self, snapshot: Snapshot, request: CallbackRequest, why: str) -> None:
        with telling("a callback that failed"):
            log.warning("callback failed", queue=request.queue, call=request.call, because=why)
        with telling("a callback that failed"):
            self._postbox.callback_failed(snapshot, request, why)

    async def _tell_of_emergency(self, snapshot: Snapshot, notice: EmergencyNotice) -> None:
        text = emergency_text(notice)
        with telling(text):
            log.warning(
                "emergency call",
                call=notice.call,
                caller=notice.caller,
                dialled=notice.dial_string,
                location=None if notice.location is None else notice.location.address,
            )
        for user in notice.notify:
            for binding in self._reach.bindings(user):
                with telling(text):
                    self._show(snapshot, user, binding, text)
            await asyncio.sleep(0)  # others want to call meanwhile
        with telling(text):
            self._postbox.emergency_called(snapshot, notice)

    def _show(self, snapshot: Snapshot, user: UserId, binding: Binding, text: str) -> None:
        """A text on one phone of the user (RFC 3428)."""
        to = Uri("sip", user, host=snapshot.domain)
        self._endpoint.request(
            method="MESSAGE",
            flow=binding.flow,
            uri=str(binding.contact),
            from_=f'"Emergency" <{Uri("sip", "emergency", host=snapshot.domain)}>',
            to=f"<{to}>",
            headers=(("Priority", "emergency"),),
            body=text.encode(),
            content_type="text/plain;charset=UTF-8",
            route=binding.path,
            on_response=_ignore,
        )


def emergency_text(notice: EmergencyNotice) -> str:
    """``Emergency call to 911 by alice at 1 Contoso Way, …`` for phones and mail."""
    who = notice.user or notice.caller
    where = "an unknown place" if notice.location is None else notice.location.address
    at = notice.at.strftime("%Y-%m-%d %H:%M:%S UTC")
    text = f"Emergency call to {notice.dial_string} by {who} ({notice.caller}) at {where}, {at}"
    return mended(text)


def _ignore(response: Response) -> None:
    """A phone that cannot show a text says no; mail and log have it."""
