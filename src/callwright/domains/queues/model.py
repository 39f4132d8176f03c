"""Settings of a call queue (SPEC 5.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from callwright.domains.queues.announcements import AnnouncementRule
from callwright.domains.queues.callback import CallbackRule
from callwright.kernel.ids import CallQueueId, ResourceAccountId, UserId
from callwright.kernel.limits.queues import (
    QUEUE_ALERT_S_DEFAULT,
    QUEUE_TIMEOUT_S_DEFAULT,
    QUEUE_WAITING_DEFAULT,
)
from callwright.kernel.prompt import Prompt, Tune
from callwright.kernel.target import Disconnect, Target


class RoutingMethod(Enum):
    ATTENDANT = "attendant"
    """All at once, the first to answer wins."""
    SERIAL = "serial"
    ROUND_ROBIN = "round-robin"
    LONGEST_IDLE = "longest-idle"


class NoAgentsFor(Enum):
    """Which callers leave when no agent is there (SPEC 5.5)."""

    ALL = "all-calls"
    NEW = "new-calls"
    """Who waits already goes on waiting."""


@dataclass(frozen=True, slots=True)
class ExceptionAction:
    """Where a call goes that the queue does not serve, and what it hears first."""

    to: Target
    prompt: Prompt | None = None


@dataclass(frozen=True, slots=True)
class RecordingRule:
    """Talks of callers and agents are recorded."""

    announcement: Prompt
    """The caller hears it behind the greeting, before any agent rings."""
    is_strict: bool = False
    """True: without a recording there is no talk (row 160)."""
    failure: Prompt | None = None
    """Heard where a strict recording fails; None: what the built-in voice says."""
    tells_agents: bool = True
    """The agent, and nobody else, hears at the beginning of a talk that it is recorded."""


@dataclass(frozen=True, slots=True)
class CallQueue:
    id: CallQueueId
    name: str
    """What agents see and hear; the key where the queue has no other."""
    agents: tuple[UserId, ...]
    """Groups resolved, duplicates dropped, in the order written. An agent outside is named by the
    number, which no user is."""
    routing: RoutingMethod = RoutingMethod.ATTENDANT
    greeting: Prompt | None = None
    music: Prompt = Tune.DEFAULT_MUSIC
    alert_s: int = QUEUE_ALERT_S_DEFAULT
    presence_based: bool = True
    """Agents in a call are not rung (row 129)."""
    max_waiting: int = QUEUE_WAITING_DEFAULT
    overflow: ExceptionAction = ExceptionAction(Disconnect())
    timeout_s: int = QUEUE_TIMEOUT_S_DEFAULT
    timeout: ExceptionAction = ExceptionAction(Disconnect())
    no_agents: ExceptionAction | None = None
    """None: callers wait although nobody is signed in (SPEC 5.2, text default)."""
    no_agents_for: NoAgentsFor = NoAgentsFor.ALL
    allow_opt_out: bool = True
    """False: who opted out is in again (row 132)."""
    wrap_up_s: int = 0
    """How long an agent is left alone after a call of this queue."""
    skills: Mapping[str, int] = field(default_factory=dict)
    """What agents must be able to do, and at which level at least."""
    skills_relax_s: int | None = None
    """After so much waiting any agent will do; None: never."""
    agent_skills: Mapping[UserId, Mapping[str, int]] = field(default_factory=dict)
    """Levels 1 to 10 of the agents who have any."""
    language: str = "en-US"
    """Of what the built-in voice says of its own accord."""
    service_level_s: int | None = None
    """Within which calls should be answered; None: nobody counts."""
    announcements: AnnouncementRule | None = None
    callback: CallbackRule | None = None
    recording: RecordingRule | None = None
    caller_ids: tuple[ResourceAccountId, ...] = ()
    """Whose numbers the agents may show when they call out (SPEC 5.7); the first unless chosen."""
    call_out_code: str | None = None
    """Dialled before a number to call on behalf of the queue, ``*81``."""


def is_outside(agent: UserId) -> bool:
    """Whether the agent is a public number, and no user."""
    return agent.startswith("+")
