"""Codes that switch a schedule from a phone: night mode (ADR 0034)."""

from callwright.kernel.decision import Decision
from callwright.kernel.reason import Reason
from callwright.routing.request import Destination, FromUser, Origin, SwitchSchedule
from callwright.routing.snapshot import Snapshot
from callwright.routing.trail import Trail


def find_switch(
    snapshot: Snapshot, origin: Origin, digits: str, trail: Trail
) -> Decision[Destination] | None:
    """``*281``: a phone switches a schedule, if its user may. None: it is no such code, or a rule
    or a transfer dials."""
    switch = snapshot.schedule_switches.get(digits)
    if switch is None or not isinstance(origin, FromUser):
        return None
    name = switch.schedule.name
    if origin.user not in switch.users:
        because = f"the switch of schedule {name} does not list {origin.user}"
        return trail.refuse(Reason.SCHEDULE_SWITCH_FORBIDDEN, because)
    trail.note(f"{origin.user} switches schedule {name}", f"{digits} is its code")
    return trail.decide(SwitchSchedule(digits, origin.user))
