"""What the file says of queue agents: skills, pauses, and who leaves when no agent is there."""

from typing import Annotated

from pydantic import AfterValidator, StrictStr

from callwright.domains.queues.model import NoAgentsFor
from callwright.kernel.limits.agents import (
    PAUSE_REASON_CHARS_MAX,
    PAUSE_REASONS_MAX,
    SKILL_LEVEL_RANGE,
    SKILL_RELAX_S_RANGE,
    SKILLS_MAX,
    WRAP_UP_S_RANGE,
)
from callwright.operations.organisation_file import values
from callwright.operations.organisation_file.refusal import refused
from callwright.operations.organisation_file.section import Section, example

SkillLevels = Annotated[
    dict[values.Key, Annotated[int, values.whole(*SKILL_LEVEL_RANGE)]],
    AfterValidator(values.at_most(SKILLS_MAX, "skills")),
]
WrapUp = Annotated[int, values.whole(*WRAP_UP_S_RANGE)]
NoAgentsForName = Annotated[
    StrictStr, values.one_of("no choice is called", [choice.value for choice in NoAgentsFor])
]


def _check_reason(text: str) -> str:
    most = PAUSE_REASON_CHARS_MAX
    if not 0 < len(text) <= most or not values.is_printable(text):
        raise refused(f"is no reason to show; write 1 to {most} printable characters")
    return text


PauseReasons = Annotated[
    list[Annotated[StrictStr, AfterValidator(_check_reason)]],
    AfterValidator(values.at_most(PAUSE_REASONS_MAX, "reasons")),
]
"""What agents may say of a pause; none: whatever they like, or nothing."""


class SkillsWanted(Section):
    require: SkillLevels = example("require: {french: 5}")
    relax_after_s: Annotated[int, values.whole(*SKILL_RELAX_S_RANGE)] | None = None
