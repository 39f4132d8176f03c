"""What is said of queue agents: skills that nobody has, choices that mean nothing."""

from collections.abc import Iterator

from callwright.operations.organisation_file.checks import Finding, Names
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.membership import users_by_group
from callwright.operations.organisation_file.queue_schema import QueueSettings
from callwright.operations.organisation_file.schema import Organisation


def caution_skills(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """Callers would wait for somebody who is not there."""
    members = users_by_group(organisation.groups)
    for key, queue in organisation.call_queues.items():
        wanted = queue.skills
        if wanted is None:
            continue
        agents = [organisation.users[agent].skills for agent in _agents(queue, members)]
        path: Path = ("call_queues", key, "skills", "require")
        for skill, level in wanted.require.items():
            if any(skills.get(skill, 0) >= level for skills in agents):
                continue
            waits = (
                "nobody is ever rung"
                if wanted.relax_after_s is None
                else f"everybody waits {wanted.relax_after_s} s for nothing"
            )
            text = f"no agent of the queue has {skill} {level}: {waits}; give somebody the skill"
            yield Finding((*path, skill), text)


def _agents(queue: QueueSettings, members: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Users only: nobody knows what somebody outside is good at."""
    for agent in queue.agents:
        if isinstance(agent, dict) and "user" in agent:
            yield str(agent["user"])
        elif isinstance(agent, dict) and "group" in agent:
            yield from members[str(agent["group"])]
