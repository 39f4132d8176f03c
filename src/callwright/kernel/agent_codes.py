"""What agents of queues dial to say whether they take calls."""

from enum import Enum


class AgentCode(Enum):
    OPT_IN = "*51"
    """To all queues of the agent."""
    OPT_OUT = "*52"
    """Of all queues that let their agents opt out."""
    PAUSE = "*53"
    """``*531`` for the first reason of the organisation's list, ``*532`` for the second ..."""
    RESUME = "*54"
    """Ends a pause, or wrap-up."""

    @property
    def told(self) -> str:
        """``opts in``: what who dials it does."""
        return _TOLD[self]


_TOLD = {
    AgentCode.OPT_IN: "opts in to all queues",
    AgentCode.OPT_OUT: "opts out of all queues that allow it",
    AgentCode.PAUSE: "pauses",
    AgentCode.RESUME: "resumes",
}
