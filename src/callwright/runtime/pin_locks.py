"""Wrong PINs of mailboxes: too many in a row shut one for a while."""

from collections import OrderedDict

from callwright.domains.voicemail.rules import pin_lock_s
from callwright.kernel.ids import MailboxId
from callwright.kernel.voicemail_limits import VOICEMAIL_PIN_LOCKS_KEPT_MAX


class PinLocks:
    """Bounded, the oldest are forgotten first. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._failures: OrderedDict[MailboxId, tuple[int, float]] = OrderedDict()
        """How many in a row, and when the last one was."""

    def is_locked(self, mailbox: MailboxId, now_s: float) -> bool:
        count, last_s = self._failures.get(mailbox, (0, 0.0))
        return now_s < last_s + pin_lock_s(count)

    def failed(self, mailbox: MailboxId, now_s: float) -> None:
        count, _ = self._failures.pop(mailbox, (0, 0.0))
        self._failures[mailbox] = (count + 1, now_s)
        while len(self._failures) > VOICEMAIL_PIN_LOCKS_KEPT_MAX:
            self._failures.popitem(last=False)

    def succeeded(self, mailbox: MailboxId) -> None:
        self._failures.pop(mailbox, None)
