"""Call queues (SPEC 5)."""

from collections.abc import Iterator
from typing import Any

from callwright.operations.importers.teams.queue_services import (
    exception_prompt,
    services_of,
    with_mailbox_wishes,
)
from callwright.operations.importers.teams.reading import Exported, Thing, list_of, text_of, word_of
from callwright.operations.importers.teams.targets import Targets

_ROUTING = ("Attendant", "Serial", "RoundRobin", "LongestIdle")
_METHODS = {
    "attendant": "attendant",
    "serial": "serial",
    "roundrobin": "round-robin",
    "longestidle": "longest-idle",
}
_ACTIONS = ("Disconnect", "Forward", "Voicemail", "SharedVoicemail")
_FOR = ("AllCalls", "NewCalls")


def call_queues(exported: Exported, targets: Targets) -> dict[str, Any]:
    return {
        targets.keys.queues[text_of(each, "Identity")]: dict(_queue(each, targets))
        for each in exported.of("CsCallQueue")
    }


def _queue(queue: Thing, targets: Targets) -> Iterator[tuple[str, Any]]:
    label = f"call queue {text_of(queue, 'Name')}"
    key = targets.keys.queues[text_of(queue, "Identity")]
    if text_of(queue, "Name") not in ("", key):
        yield "name", text_of(queue, "Name")
    if text_of(queue, "LanguageId"):
        yield "language", text_of(queue, "LanguageId")
    greeting = targets.spoken(
        queue, "WelcomeTextToSpeechPrompt", "WelcomeMusicFileName", f"{label}, greeting"
    )
    if greeting:
        yield "greeting", greeting
    if queue.get("UseDefaultMusicOnHold") is False:
        targets.ledger.lose(label, "its music is in no cmdlet; write music: {file: PATH}")
    method = word_of(queue, "RoutingMethod", _ROUTING).lower()
    yield "routing", _METHODS.get(method, "attendant")
    yield "agents", list(_agents(queue, label, targets))
    if queue.get("PresenceBasedRouting") is False:
        yield "presence_based", False
    if queue.get("AllowOptOut") is False:
        yield "opt_out", False
    if isinstance(queue.get("ServiceLevelThresholdResponseTimeInSecond"), int):
        yield "service_level_s", queue["ServiceLevelThresholdResponseTimeInSecond"]
    for name, ours in (("AgentAlertTime", "alert_s"), ("OverflowThreshold", "max_waiting")):
        if isinstance(queue.get(name), int):
            yield ours, queue[name]
    for name, ours in (("Overflow", "overflow"), ("Timeout", "timeout"), ("NoAgent", "no_agents")):
        end = _end(queue, name, f"{label}, {ours}", key, targets)
        if ours == "timeout" and isinstance(queue.get("TimeoutThreshold"), int):
            end = {"after_s": queue["TimeoutThreshold"], **(end or {})}
        if ours == "no_agents" and end and word_of(queue, "NoAgentApplyTo", _FOR) == "NewCalls":
            end |= {"applies_to": "new-calls"}
        if end:
            yield ours, end
    authorised = [
        targets.keys.users[str(each)]
        for each in list_of(queue, "AuthorizedUsers")
        if str(each) in targets.keys.users
    ]
    if authorised:
        yield "authorised", authorised
    yield from services_of(queue, label, targets)


def _agents(queue: Thing, label: str, targets: Targets) -> Iterator[dict[str, str]]:
    """Users, and those of its groups, whom Teams lists among the agents."""
    named = [str(each) for each in list_of(queue, "Users")]
    named += [
        text_of(each, "ObjectId") for each in list_of(queue, "Agents") if isinstance(each, dict)
    ]
    for identity in dict.fromkeys(named):
        if identity in targets.keys.users:
            yield {"user": targets.keys.users[identity]}
        else:
            targets.ledger.lose(label, f"its agent {identity} is not among the users")
    groups = len(list_of(queue, "DistributionLists"))
    if groups:
        why = f"{groups} groups became their members of today; make groups if they shall follow"
        targets.ledger.lose(label, why)


def _end(queue: Thing, name: str, label: str, key: str, targets: Targets) -> dict[str, Any] | None:
    """None: what the file takes by itself."""
    action = word_of(queue, f"{name}Action", _ACTIONS).lower()
    if action in ("", "queue"):
        return None
    if action.startswith("disconnect"):
        said = exception_prompt(queue, name, "disconnect", label, targets)
        return {"to": "disconnect"} | ({"prompt": said} if said else {})
    target = queue.get(f"{name}ActionTarget")
    entity = target if isinstance(target, dict) else {"Id": target}
    if action == "sharedvoicemail":
        entity = {**entity, "Type": "SharedVoicemail"}
    elif action == "voicemail":
        entity = {**entity, "Type": "Mailbox"}
    found = targets.of(entity, label, mailbox=key)
    if found is None:
        return {"to": "disconnect"}
    said = exception_prompt(queue, name, found, label, targets)
    to = with_mailbox_wishes(queue, name, found, targets)
    return {"to": to} | ({"prompt": said} if said else {})
