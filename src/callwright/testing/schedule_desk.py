"""Schedules that simulated phones switch."""

from dataclasses import dataclass, field

from callwright.domains.schedules.model import Override, Standing
from callwright.kernel.ids import UserId
from callwright.operations.schedules.kept import SCHEDULE, KeptSchedules, subject_of, subject_text


@dataclass(slots=True)
class SwitchedSchedules:
    """``apps.schedule_services.ScheduleDesk`` in memory."""

    overrides: dict[str, Override] = field(default_factory=dict)
    is_failing: bool = False
    """True: the disk is full."""

    async def switch(self, schedule: str, standing: Standing | None, by: UserId) -> None:
        if self.is_failing:
            raise OSError("the disk is full")
        subject = subject_of(SCHEDULE, schedule)
        if standing is None:
            self.overrides.pop(subject, None)
        else:
            self.overrides[subject] = Override(standing, subject_text(subject), by)

    @property
    def kept(self) -> KeptSchedules:
        """For the snapshot that follows."""
        return KeptSchedules(dict(self.overrides))
