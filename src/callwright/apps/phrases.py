"""What the built-in voice says of its own accord, and every prompt that a snapshot needs."""

from callwright.apps.phrases_agents import prompts_of_agents
from callwright.apps.phrases_attendants import prompts_of_attendants
from callwright.apps.phrases_queues import prompts_of_queues
from callwright.apps.phrases_schedules import prompts_of_schedules
from callwright.apps.phrases_supervision import prompts_of_supervision
from callwright.apps.voicemail.phrases import prompts_of_voicemail
from callwright.domains.numbers.unassigned import Announcement
from callwright.kernel.prompt import Prompt, Tune
from callwright.routing.snapshot import Snapshot


def prompts_of(snapshot: Snapshot) -> frozenset[Prompt]:
    """What a call under this snapshot may play, but for greetings of mailboxes (`greetings_of` of
    voicemail); rendered before it takes effect."""
    wanted: set[Prompt | None] = {*Tune}
    wanted |= {*prompts_of_voicemail(snapshot), *prompts_of_attendants(snapshot)}
    wanted |= {*prompts_of_supervision(snapshot), *prompts_of_schedules(snapshot)}
    actions = [treatment.action for treatment in snapshot.unassigned]
    wanted |= {action.prompt for action in actions if isinstance(action, Announcement)}
    wanted |= {*prompts_of_queues(snapshot), *prompts_of_agents(snapshot)}
    return frozenset(prompt for prompt in wanted if prompt is not None)
