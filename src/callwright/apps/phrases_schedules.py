"""What whoever switches a schedule by phone is told."""

from callwright.domains.schedules.model import Standing
from callwright.kernel.prompt import Prompt, Say
from callwright.routing.snapshot import Snapshot

_STANDINGS = (Standing.OPEN, Standing.CLOSED)


def is_set(schedule: str, standing: Standing, language: str) -> Prompt:
    name = _spoken(schedule)
    return Say(f"{name} is now {standing}, until you dial this code again.", language)


def follows_hours(schedule: str, standing: Standing, language: str) -> Prompt:
    return Say(f"{_spoken(schedule)} follows its hours again. It is {standing}.", language)


def not_switched(language: str) -> Prompt:
    return Say("That could not be stored. Nothing was changed.", language)


def _spoken(key: str) -> str:
    return key.replace("-", " ").replace("_", " ").replace(".", " ")


def prompts_of_schedules(snapshot: Snapshot) -> frozenset[Prompt]:
    """Nothing where no schedule has a code."""
    language = snapshot.language
    found: set[Prompt] = set()
    for switch in snapshot.schedule_switches.values():
        name = switch.schedule.name or ""
        for standing in _STANDINGS:
            found.add(is_set(name, standing, language))
            found.add(follows_hours(name, standing, language))
        found.add(not_switched(language))
    return frozenset(found)
