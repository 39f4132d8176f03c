"""What phones switch is stored as any change is, with the user as its author."""

import asyncio

import pytest
from tests.unit.operations.memory_repository import MemoryRepository
from tests.unit.runtime.test_webhooks import Watch

from callwright.domains.schedules.model import Standing
from callwright.kernel.ids import UserId
from callwright.operations.actor import SYSTEM
from callwright.operations.administration import Administration
from callwright.operations.configuration import Edit
from callwright.operations.schedules.kept import override_of
from callwright.runtime.schedule_desk import StoredScheduleDesk
from callwright.storage.faults import DatabaseError

ALICE = UserId("alice")


class FullDisk(MemoryRepository):
    def revision(self) -> int:
        raise DatabaseError("the disk is full")


def made(repository: MemoryRepository) -> tuple[StoredScheduleDesk, Administration]:
    administration = Administration(repository)
    return StoredScheduleDesk(lambda: administration, Watch()), administration


def test_it_is_stored_with_who_dialled_and_taken_back() -> None:
    desk, administration = made(MemoryRepository())
    profile = {
        "name": "Contoso",
        "domain": "contoso.test",
        "country": "US",
        "timezone": "UTC",
        "language": "en-US",
    }
    edit = Edit(
        {
            ("organisation", "organisation"): profile,
            ("schedule", "office"): {"hours": {"mon": ["09:00-17:00"]}},
        }
    )
    administration.change(edit, by=SYSTEM)
    asyncio.run(desk.switch("office", Standing.OPEN, ALICE))
    override = override_of(administration.current().entities, "schedule/office")
    assert override is not None
    assert (override.standing, override.by, override.until) == (Standing.OPEN, "alice", None)
    asyncio.run(desk.switch("office", None, ALICE))
    assert override_of(administration.current().entities, "schedule/office") is None
    with pytest.raises(OSError, match="SubjectUnknown"):
        asyncio.run(desk.switch("gone", None, ALICE))


def test_what_is_not_stored_is_no_promise() -> None:
    desk, _ = made(FullDisk())
    with pytest.raises(OSError, match="the disk is full"):
        asyncio.run(desk.switch("office", Standing.CLOSED, ALICE))
