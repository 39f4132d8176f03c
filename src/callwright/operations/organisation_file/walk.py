"""Every place of the file that refers to a user, group, queue, attendant or mailbox."""

from collections.abc import Iterator

from pydantic import JsonValue

from callwright.operations.organisation_file.attendant_schema import (
    AttendantSettings,
    FlowSettings,
    HolidaySettings,
)
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.queue_schema import (
    ExceptionSettings,
    QueueSettings,
    TimeoutSettings,
)
from callwright.operations.organisation_file.schema import (
    Organisation,
    UserSettings,
)


def referring_forms(organisation: Organisation) -> Iterator[tuple[Path, dict[str, str]]]:
    """Yields each target, agent and menu option that is a mapping, with its path."""
    for path, form in _forms(organisation):
        if isinstance(form, dict):
            yield path, {kind: str(key) for kind, key in form.items()}


def _forms(organisation: Organisation) -> Iterator[tuple[Path, JsonValue]]:
    for key, user in organisation.users.items():
        if user.answering is not None or user.voicemail is not None:  # few of 50,000
            yield from _user_forms(("users", key, "answering"), user)
    for key, account in organisation.resource_accounts.items():
        yield ("resource_accounts", key, "answers"), account.answers
    for key, treatment in organisation.unassigned_numbers.items():
        yield ("unassigned_numbers", key, "to"), treatment.to
    for key, group in organisation.groups.items():
        yield ("groups", key, "ring", "then"), group.ring.then
    for key, queue in organisation.call_queues.items():
        yield from _queue_forms(("call_queues", key), queue)
    for key, schedule in organisation.schedules.items():
        for index, form in enumerate(schedule.switch.by if schedule.switch else ()):
            yield ("schedules", key, "switch", "by", index), form
    for key, attendant in organisation.auto_attendants.items():
        yield from _attendant_forms(("auto_attendants", key), attendant)
    if organisation.emergency is not None:
        for index, person in enumerate(organisation.emergency.notify):
            yield ("emergency", "notify", index), person


def _user_forms(path: Path, user: UserSettings) -> Iterator[tuple[Path, JsonValue]]:
    answering = user.answering
    if answering is not None and answering.forward is not None:
        yield (*path, "forward", "to"), answering.forward.to
    if answering is not None and answering.unanswered is not None:
        yield (*path, "unanswered", "to"), answering.unanswered.to
    if user.voicemail is not None and user.voicemail.transfer_to is not None:
        yield (*path[:-1], "voicemail", "transfer_to"), user.voicemail.transfer_to


def _queue_forms(path: Path, queue: QueueSettings) -> Iterator[tuple[Path, JsonValue]]:
    for index, agent in enumerate(queue.agents):
        yield (*path, "agents", index), agent
    exceptions: tuple[tuple[str, ExceptionSettings | TimeoutSettings | None], ...] = (
        ("overflow", queue.overflow),
        ("timeout", queue.timeout),
        ("no_agents", queue.no_agents),
    )
    for name, exception in exceptions:
        if exception is not None:
            yield (*path, name, "to"), exception.to


def _attendant_forms(path: Path, attendant: AttendantSettings) -> Iterator[tuple[Path, JsonValue]]:
    yield (*path, "operator"), attendant.operator
    yield from _flow_forms((*path, "open"), attendant.open)
    yield from _flow_forms((*path, "closed"), attendant.closed)
    for index, holiday in enumerate(attendant.holidays):
        yield from _flow_forms((*path, "holidays", index), holiday)


def _flow_forms(
    path: Path, flow: FlowSettings | HolidaySettings
) -> Iterator[tuple[Path, JsonValue]]:
    yield (*path, "then"), flow.then
    if flow.menu is not None:
        for key, option in flow.menu.keys.items():
            yield (*path, "menu", "keys", key), option
