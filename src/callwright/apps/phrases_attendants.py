"""What attendants may play: their prompts, and what they say of their own accord.

Names of people are spoken when somebody is found; 50,000 of them are not rendered beforehand.
"""

from collections.abc import Iterator

from callwright.domains.attendants import spoken
from callwright.domains.attendants.model import (
    Announce,
    AutoAttendant,
    Broken,
    CallFlow,
    Menu,
    Operator,
)
from callwright.domains.attendants.people import People
from callwright.kernel.prompt import Prompt
from callwright.routing.people import SearchedPeople
from callwright.routing.snapshot import Snapshot


def prompts_of_attendants(snapshot: Snapshot) -> Iterator[Prompt]:
    languages = {snapshot.language, *(a.language for a in snapshot.attendants.values())}
    for language in languages:
        yield spoken.invalid_key(language)
        yield spoken.unreachable(language)
        yield spoken.nobody_found(language)
        yield spoken.too_many(language)
        yield spoken.not_understood(language)
        yield spoken.transferring(None, language)
        yield spoken.transferring_to_operator(language)
    for attendant in snapshot.attendants.values():
        people = SearchedPeople(snapshot, attendant)
        for flow in (attendant.open, attendant.closed, *(h.flow for h in attendant.holidays)):
            yield from _of_flow(attendant, flow, people)


def _of_flow(attendant: AutoAttendant, flow: CallFlow, people: People) -> Iterator[Prompt]:
    if flow.greeting is not None:
        yield flow.greeting
    menu = flow.then
    if not isinstance(menu, Menu):
        return
    if menu.prompt is not None:
        yield menu.prompt
    for key, choice in menu.keys.items():
        words = menu.words.get(key)
        match choice:
            case Announce(prompt=prompt):
                yield prompt
            case Operator() | Broken():
                pass
            case target:
                name = None if words is None else words.name
                name = name or people.name_of(target)
                yield spoken.transferring(name, attendant.language)
