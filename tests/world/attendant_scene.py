"""Callers of Contoso's attendant, whose file a test changes."""

from collections.abc import Callable
from typing import Any

from tests.world.contoso_scene import File, contoso

from callwright.calls.record import CallRecord
from callwright.calls.visits import AttendantVisit
from callwright.routing.snapshot import Snapshot
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World

MENU = "Your choice, please."
PROMPT = f"say: {MENU}"
CALLER = "+12065550123"
SPEAKING = {"speech": True}
"""Settings of an attendant to whom callers may speak."""
_KEYS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")


def typed(name: str) -> str:
    """``Amos0Mar#`` as keys."""
    return name.lower().translate(_KEYS)


def attendant_file(
    menu: dict[str, Any], change: Callable[[File], object] = lambda file: None, **settings: Any
) -> Snapshot:
    """The reception has this menu, with a prompt; ``settings`` are the attendant's own, None
    leaves one out."""

    def changed(file: File) -> None:
        reception = file["auto_attendants"]["reception"]
        reception["open"] = {"menu": {"prompt": {"say": MENU}, **menu}}
        for name, value in settings.items():
            if value is None:
                reception.pop(name, None)
            else:
                reception[name] = value
        change(file)

    return contoso(changed)


def person(name: str, **settings: Any) -> dict[str, Any]:
    """A user who has a phone and no licence."""
    key = name.split()[0].lower()
    return {"name": name, "sip": {"password": f"{key}-secret-of-20-letters"}, **settings}


async def caller_at_menu(world: World, number: str = "4255550150") -> PhoneCall:
    """Has heard the menu to its end."""
    call = world.carrier("sbc1").call(number, calling="2065550123")
    call.hush()
    await call.answered(within_s=1)
    await call.until_hears(PROMPT)
    await call.until_hears(within_s=30)
    return call


def visits_of(record: CallRecord) -> list[AttendantVisit]:
    """By their place in the chain."""
    found = [visit for visit in record.visits if isinstance(visit, AttendantVisit)]
    return sorted(found, key=lambda visit: visit.chain_index)
