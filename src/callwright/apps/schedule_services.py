"""What switching a schedule by phone needs of higher rooms."""

from typing import Protocol

from callwright.domains.schedules.model import Standing
from callwright.kernel.ids import UserId


class ScheduleDesk(Protocol):
    async def switch(self, schedule: str, standing: Standing | None, by: UserId) -> None:
        """Sets it until it is lifted, or lifts what was set (None). Durable when this returns;
        raises OSError where it cannot be."""
        ...


class NoScheduleDesk:
    """Where nothing is stored."""

    async def switch(self, schedule: str, standing: Standing | None, by: UserId) -> None:
        raise OSError("schedules are not stored here")
