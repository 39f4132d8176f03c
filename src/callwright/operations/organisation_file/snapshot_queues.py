"""The snapshot's call queues."""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import JsonValue

from callwright.domains.queues.announcements import AnnouncementRule
from callwright.domains.queues.callback import CallbackRule
from callwright.domains.queues.model import (
    CallQueue,
    ExceptionAction,
    NoAgentsFor,
    RecordingRule,
    RoutingMethod,
)
from callwright.kernel.ids import CallQueueId, ResourceAccountId, UserId
from callwright.kernel.limits.queues import QUEUE_GROUP_AGENTS_MAX, QUEUE_TIMEOUT_S_STEP
from callwright.kernel.prompt import Prompt, Tune
from callwright.kernel.target import Disconnect
from callwright.operations.organisation_file import forms
from callwright.operations.organisation_file.membership import users_by_group
from callwright.operations.organisation_file.queue_checks import channel_group
from callwright.operations.organisation_file.queue_extras_schema import (
    AnnounceSettings,
    CallbackSettings,
    RecordingSettings,
)
from callwright.operations.organisation_file.queue_schema import ExceptionSettings, QueueSettings
from callwright.operations.organisation_file.schema import Organisation
from callwright.operations.organisation_file.snapshot_apps import Wording, prompt, target


def build_queues(organisation: Organisation, wording: Wording) -> Mapping[CallQueueId, CallQueue]:
    return {
        CallQueueId(key): _queue(key, queue, organisation, wording)
        for key, queue in organisation.call_queues.items()
    }


def _queue(
    key: str, queue: QueueSettings, organisation: Organisation, wording: Wording
) -> CallQueue:
    wording = replace(wording, language=queue.language or wording.language)
    overflow = _exception(queue.overflow, wording)
    agents = queue_agents(key, queue, organisation)
    return CallQueue(
        id=CallQueueId(key),
        name=queue.name or key,
        agents=agents,
        routing=RoutingMethod(queue.routing),
        greeting=prompt(queue.greeting, wording),
        music=_music(queue.music, wording),
        alert_s=queue.alert_s,
        presence_based=queue.presence_based,
        max_waiting=queue.max_waiting,
        overflow=ExceptionAction(Disconnect()) if overflow is None else overflow,
        timeout_s=rounded_timeout_s(queue.timeout.after_s),
        timeout=ExceptionAction(target(queue.timeout.to), prompt(queue.timeout.prompt, wording)),
        no_agents=_exception(queue.no_agents, wording),
        no_agents_for=NoAgentsFor(queue.no_agents.applies_to if queue.no_agents else "all-calls"),
        allow_opt_out=queue.opt_out,
        wrap_up_s=queue.wrap_up_s,
        skills=queue.skills.require if queue.skills else {},
        skills_relax_s=queue.skills.relax_after_s if queue.skills else None,
        agent_skills=_agent_skills(queue, agents, organisation),
        language=wording.language,
        service_level_s=queue.service_level_s,
        announcements=_announcements(queue.announce),
        callback=_callback(queue.callback, wording),
        recording=_recording(queue.recording, wording),
        caller_ids=tuple(map(ResourceAccountId, queue.caller_ids)),
        call_out_code=queue.call_out_code,
    )


def _agent_skills(
    queue: QueueSettings, agents: tuple[UserId, ...], organisation: Organisation
) -> Mapping[UserId, Mapping[str, int]]:
    """Of a queue that asks for skills; the others do not care."""
    if queue.skills is None:
        return {}
    users = organisation.users  # which agents outside are none of
    skilled = {agent: users[agent].skills for agent in agents if agent in users}
    return {agent: skills for agent, skills in skilled.items() if skills}


def queue_agents(key: str, queue: QueueSettings, organisation: Organisation) -> tuple[UserId, ...]:
    """Users and group members in the order written, those of its channel last, each once."""
    return _agents(with_channel(key, queue, organisation), organisation)


def with_channel(key: str, queue: QueueSettings, organisation: Organisation) -> QueueSettings:
    """Returns the queue with its channel's group among the agents (SPEC 5.8)."""
    group = channel_group(organisation, key)
    if group is None:
        return queue
    return queue.model_copy(update={"agents": [*queue.agents, {"group": group}]})


def _announcements(settings: AnnounceSettings | None) -> AnnouncementRule | None:
    if settings is None:
        return None
    return AnnouncementRule(settings.every_s, settings.position, settings.expected_wait)


def _callback(settings: CallbackSettings | None, wording: Wording) -> CallbackRule | None:
    if settings is None:
        return None
    offer = prompt(settings.offer, wording)
    assert offer is not None, "the schema asks for one"
    return CallbackRule(
        offer=offer,
        key=settings.key,
        mail_to=settings.mail_to,
        after_wait_s=settings.after_wait_s,
        at_waiting=settings.at_waiting,
        over_ratio=settings.over_ratio,
    )


def _recording(settings: RecordingSettings | None, wording: Wording) -> RecordingRule | None:
    if settings is None:
        return None
    announcement = prompt(settings.announcement, wording)
    assert announcement is not None, "the schema asks for one"
    failure = prompt(settings.failure, wording)
    return RecordingRule(announcement, settings.strict, failure, settings.tell_agents)


def rounded_timeout_s(after_s: int) -> int:
    """Returns the nearest multiple of 15 seconds; 47 is 45 (SPEC 5.2)."""
    step = QUEUE_TIMEOUT_S_STEP
    return (after_s + step // 2) // step * step


def _exception(settings: ExceptionSettings | None, wording: Wording) -> ExceptionAction | None:
    if settings is None:
        return None
    return ExceptionAction(target(settings.to), prompt(settings.prompt, wording))


def _music(form: JsonValue, wording: Wording) -> Prompt:
    chosen = None if form == forms.DEFAULT_MUSIC else prompt(form, wording)
    return Tune.DEFAULT_MUSIC if chosen is None else chosen


def _agents(queue: QueueSettings, organisation: Organisation) -> tuple[UserId, ...]:
    """Users and group members in the order written, each once.

    Of more than 200 group members the first 200 by name take part (SPEC 5.2).
    """
    members = users_by_group(organisation.groups) if _names_groups(queue) else {}
    by_group = dict.fromkeys(user for agent in queue.agents for user in _members(agent, members))
    if len(by_group) > QUEUE_GROUP_AGENTS_MAX:
        users = organisation.users
        by_name = sorted(by_group, key=lambda key: (users[key].name.casefold(), key))
        by_group = dict.fromkeys(by_name[:QUEUE_GROUP_AGENTS_MAX])
    agents: dict[str, None] = {}
    for agent in queue.agents:
        assert isinstance(agent, dict), "the schema takes nothing else"
        if "user" in agent or "external" in agent:
            agents[str(agent.get("user", agent.get("external")))] = None
        else:
            taking_part = (key for key in _members(agent, members) if key in by_group)
            agents |= dict.fromkeys(taking_part)
    return tuple(map(UserId, agents))


def _names_groups(queue: QueueSettings) -> bool:
    return any(isinstance(agent, dict) and "group" in agent for agent in queue.agents)


def _members(agent: JsonValue, members: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    if not isinstance(agent, dict) or "group" not in agent:
        return ()
    return members[str(agent["group"])]
