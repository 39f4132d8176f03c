"""What the built-in voice says of its own accord, and every prompt that a snapshot needs."""

from collections.abc import Iterable

from callwright.apps.phrases_supervision import prompts_of_supervision
from callwright.domains.attendants.model import Announce, CallFlow, Menu
from callwright.domains.numbers.unassigned import Announcement
from callwright.domains.voicemail.model import Mailbox
from callwright.kernel.prompt import Prompt, Say, Sound, Tune
from callwright.routing.snapshot import Snapshot


def voicemail_greeting(mailbox: Mailbox, language: str) -> Prompt:
    """The mailbox's own greeting, or one with its name."""
    return mailbox.greeting or Say(
        f"{mailbox.name} is not available. Please leave a message after the tone.", language
    )


def mailbox_full(language: str) -> Prompt:
    return Say("This mailbox is full. Goodbye.", language)


def invalid_key(language: str) -> Prompt:
    return Say("Sorry, that is not a valid choice.", language)


def unreachable(language: str) -> Prompt:
    return Say("Sorry, your call cannot be connected.", language)


def not_recorded(language: str) -> Prompt:
    return Say("Sorry, your message could not be recorded. Goodbye.", language)


def greetings_of(snapshot: Snapshot) -> frozenset[Prompt]:
    """Recordings that mailboxes greet with; read when somebody is to hear them. Whatever is said
    by the voice needs no file, and 50,000 people have names."""
    greetings = (mailbox.greeting for mailbox in snapshot.mailboxes.values())
    return frozenset(greeting for greeting in greetings if isinstance(greeting, Sound))


def prompts_of(snapshot: Snapshot) -> frozenset[Prompt]:
    """What a call under this snapshot may play, but for `greetings_of`; rendered before it takes
    effect."""
    language = snapshot.language
    wanted: set[Prompt | None] = {*Tune}
    wanted |= {mailbox_full(language), invalid_key(language), unreachable(language)}
    wanted.add(not_recorded(language))
    wanted |= prompts_of_supervision(snapshot)
    actions = [treatment.action for treatment in snapshot.unassigned]
    wanted |= {action.prompt for action in actions if isinstance(action, Announcement)}
    for queue in snapshot.queues.values():
        wanted |= {queue.greeting, queue.music, queue.overflow.prompt, queue.timeout.prompt}
        if queue.no_agents is not None:
            wanted.add(queue.no_agents.prompt)
    for attendant in snapshot.attendants.values():
        wanted.add(invalid_key(attendant.language))
        wanted.add(unreachable(attendant.language))
        flows = (attendant.open, attendant.closed, *(h.flow for h in attendant.holidays))
        for flow in flows:
            wanted.update(_of_flow(flow))
    return frozenset(prompt for prompt in wanted if prompt is not None)


def _of_flow(flow: CallFlow) -> Iterable[Prompt | None]:
    yield flow.greeting
    if isinstance(flow.then, Menu):
        yield flow.then.prompt
        for option in flow.then.keys.values():
            if isinstance(option, Announce):
                yield option.prompt
