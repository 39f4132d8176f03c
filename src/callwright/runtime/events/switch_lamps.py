"""Lamps of keys that switch schedules: lit while what somebody set holds (RFC 4235, ADR 0034).

A key that is set to ``*281`` dials the code and shows the lamp. No call is behind it: a dialog that
is confirmed is what phones light a lamp for.
"""

from datetime import datetime

from callwright.domains.schedules.rules import holding
from callwright.kernel.ids import UserId
from callwright.routing.snapshot import Snapshot
from callwright.sip.events.dialog_document import DialogInfo, DialogState, Identity
from callwright.sip.message import Request
from callwright.sip.screening import Refusal
from callwright.sip.uri import Uri

NOT_ALLOWED = Refusal(403, "The schedule's switch does not list you")


def named_switch(snapshot: Snapshot, request: Request, watcher: UserId) -> UserId | Refusal | None:
    """The code that the Request-URI names, in the place of a user; None: it names none."""
    code = request.parsed_uri.user or ""
    switch = snapshot.schedule_switches.get(code)
    if switch is None:
        return None
    return UserId(code) if watcher in switch.users else NOT_ALLOWED


def switch_shown(snapshot: Snapshot, code: UserId, now: datetime) -> DialogInfo | None:
    """None: there is no such switch."""
    switch = snapshot.schedule_switches.get(code)
    if switch is None:
        return None
    address = str(Uri("sip", code, host=snapshot.domain))
    if holding(switch.schedule, now) is None:
        return DialogInfo(address)
    name = Identity(address, switch.schedule.name)
    lit = DialogState(id=code, state="confirmed", direction="recipient", local=name)
    return DialogInfo(address, (lit,))


def lapses_in_s(snapshot: Snapshot, code: UserId, now: datetime) -> float | None:
    """When what is set ends by itself; None: never, or nothing is."""
    switch = snapshot.schedule_switches.get(code)
    override = None if switch is None else holding(switch.schedule, now)
    if override is None or override.until is None:
        return None
    return (override.until - now).total_seconds()
