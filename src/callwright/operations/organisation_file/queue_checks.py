"""What must be true of call queues together, beyond what each says by itself (SPEC 5.2, 5.6)."""

from collections.abc import Iterator, Sequence

from callwright.kernel.agent_codes import AgentCode
from callwright.kernel.limits.queues import QUEUE_EXTERNAL_AGENTS_MAX
from callwright.kernel.supervision import SUPERVISION_CODE
from callwright.operations.organisation_file.checks import Finding, Names, twice, unknown
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.queue_schema import QueueSettings
from callwright.operations.organisation_file.schema import Organisation


def check_queue_extras(organisation: Organisation, names: Names) -> Iterator[Finding]:
    for key, queue in organisation.call_queues.items():
        path: Path = ("call_queues", key)
        yield from _check_times(path, queue)
        outside = sum(isinstance(agent, dict) and "external" in agent for agent in queue.agents)
        if outside > QUEUE_EXTERNAL_AGENTS_MAX:
            text = f"names {outside} numbers, {QUEUE_EXTERNAL_AGENTS_MAX} may be; leave some out"
            yield Finding((*path, "agents"), text)
        for index, account in enumerate(queue.caller_ids):
            if account not in names.resource_accounts:
                known = names.resource_accounts
                text = unknown("resource account", account, known, "resource_accounts")
                yield Finding((*path, "caller_ids", index), text)
        if queue.call_out_code is not None and not queue.caller_ids:
            text = "has no number to show; name a resource account in caller_ids"
            yield Finding((*path, "call_out_code"), text)
    yield from _check_names(organisation)
    codes: list[tuple[Path, str]] = [
        (("call_queues", key, "call_out_code"), queue.call_out_code)
        for key, queue in organisation.call_queues.items()
        if queue.call_out_code is not None
    ]
    yield from twice(codes, "give each queue a code of its own")
    yield from _check_codes(codes, organisation)
    yield from _check_channels(organisation, names)


def _check_names(organisation: Organisation) -> Iterator[Finding]:
    """SPEC 5.2: agents tell queues apart by what their phones show."""
    shown: list[tuple[Path, str]] = [
        (
            ("call_queues", key) if queue.name is None else ("call_queues", key, "name"),
            queue.name or key,
        )
        for key, queue in organisation.call_queues.items()
    ]
    yield from twice(shown, "give each queue a name of its own")


def _check_codes(
    codes: Sequence[tuple[Path, str]], organisation: Organisation
) -> Iterator[Finding]:
    """What follows a queue's code is a number: nobody could dial the other code any more."""
    taken = [SUPERVISION_CODE, *(code.value for code in AgentCode), organisation.voicemail.dial]
    for path, code in codes:
        for other in taken:
            is_same = code == organisation.voicemail.dial  # which is told where schedules are
            if not is_same and (code.startswith(other) or other.startswith(code)):
                text = f"{code} and the code {other} cannot be told apart; choose another one"
                yield Finding(path, text)
                break


def _check_times(path: Path, queue: QueueSettings) -> Iterator[Finding]:
    limit_s = queue.timeout.after_s
    if queue.service_level_s is not None and queue.service_level_s >= limit_s:
        text = f"{queue.service_level_s} is no shorter than timeout.after_s; write less: {limit_s}"
        yield Finding((*path, "service_level_s"), text)
    offered_s = None if queue.callback is None else queue.callback.after_wait_s
    if offered_s is not None and offered_s >= limit_s:
        text = f"nobody waits so long: timeout.after_s is {limit_s}; write less"
        yield Finding((*path, "callback", "after_wait_s"), text)


def _check_channels(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """Row 161: a second queue takes a channel over only where it says so."""
    holders: dict[str, str] = {}
    for key, queue in organisation.call_queues.items():
        if queue.channel is None:
            continue
        path: Path = ("call_queues", key, "channel")
        if queue.shared_history is not None:
            text = "is not for the queue of a channel; leave it out, or name the group under agents"
            yield Finding(("call_queues", key, "shared_history"), text)
        group = queue.channel.group
        known = organisation.groups.get(group)
        if known is None and group not in names.groups:
            yield Finding((*path, "group"), unknown("group", group, names.groups, "groups"))
        elif known is not None and not known.channel:
            text = f"{group} is no channel; write channel: true there, or name it under agents"
            yield Finding((*path, "group"), text)
        if queue.channel.overwrite:
            continue
        if group in holders:
            text = (
                f"{group} has the queue {holders[group]} already; choose another channel, or write "
                "overwrite: true to take it over"
            )
            yield Finding((*path, "group"), text)
        holders[group] = key
    takers: list[tuple[Path, str]] = [
        (("call_queues", key, "channel", "overwrite"), queue.channel.group)
        for key, queue in organisation.call_queues.items()
        if queue.channel is not None and queue.channel.overwrite
    ]
    yield from twice(takers, "one queue can take a channel over")


def channel_group(organisation: Organisation, key: str) -> str | None:
    """Returns the group that works as the queue's channel; None: the queue has none, or another
    queue took it over."""
    mine = organisation.call_queues[key].channel
    if mine is None or mine.overwrite:
        return None if mine is None else mine.group
    others = (queue.channel for name, queue in organisation.call_queues.items() if name != key)
    is_taken = any(c is not None and c.overwrite and c.group == mine.group for c in others)
    return None if is_taken else mine.group
