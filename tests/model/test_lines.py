"""Who rings on which number, against a reference that walks through everything (SPEC 3.2-3.10)."""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.domains.directory.model import User
from callwright.domains.numbers.model import (
    NumberKind,
    NumberRange,
    NumberSource,
    ResourceAccount,
)
from callwright.domains.numbers.rules import Inventory
from callwright.domains.numbers.unassigned import Announcement, UnassignedTreatment
from callwright.kernel.e164 import E164
from callwright.kernel.ids import ResourceAccountId, UserId
from callwright.kernel.prompt import Say
from callwright.kernel.target import ToAttendant
from callwright.routing.request import (
    CallRequest,
    Destination,
    FromSbc,
    FromUser,
    LiveState,
    PlaceOutbound,
    PlayAnnouncement,
    Refuse,
    RingUser,
    StartAttendant,
)
from callwright.routing.route import route_call
from callwright.routing.snapshot import Snapshot
from callwright.testing.builders import RECEPTION, SBC1, contoso_snapshot, usd, user

NOON = datetime(2026, 10, 14, 19, 0, tzinfo=UTC)
NUMBERS = tuple(E164(f"+1425555010{digit}") for digit in range(6))
OUTSIDE = E164("+12065550109")
EXTENSIONS = (None, "1", "2")
COVERED: tuple[re.Pattern[str] | range, ...] = (
    re.compile(r"^\+1425555010[0-2]$"),
    re.compile("0109$"),
    range(14255550103, 14255550106),
)
CALLER = UserId("zoe")


@dataclass
class Assigned:
    """One line of somebody; ``is_private`` lines have no extension."""

    number: E164
    extension: str | None
    holder: str
    is_private: bool = False


@dataclass
class Scene:
    lines: list[Assigned] = field(default_factory=list)
    skipping: set[E164] = field(default_factory=set)
    treatments: list[UnassignedTreatment] = field(default_factory=list)


def who(scene: Scene, number: E164, extension: str | None) -> Assigned | None:
    """The line, else the number alone, whoever comes first in the list."""
    for wanted in (extension, None):
        for line in scene.lines:
            if (line.number, line.extension) == (number, wanted) and not line.is_private:
                return line
    return next((ln for ln in scene.lines if ln.is_private and ln.number == number), None)


def treated(scene: Scene, number: E164) -> UnassignedTreatment | None:
    covering = [t for t in scene.treatments if t.covers(number)]
    return min(covering, key=lambda t: t.priority, default=None)


def expected(
    scene: Scene, number: E164, extension: str | None, *, is_inside: bool
) -> tuple[str, object]:
    line = who(scene, number, extension)
    if line is not None and is_inside and number in scene.skipping:
        return "leaves", number
    if line is not None and line.holder == "main":
        return "attendant", RECEPTION
    if line is not None:
        return "private" if line.is_private else "rings", line.holder
    treatment = treated(scene, number)
    if treatment is not None:
        return "hears", treatment.name
    return ("leaves", number) if is_inside and number == OUTSIDE else ("refused", None)


def outcome(value: Destination) -> tuple[str, object]:
    match value:
        case RingUser(user=rung, is_private_line=is_private):
            return "private" if is_private else "rings", rung
        case StartAttendant(attendant=attendant):
            return "attendant", attendant
        case PlayAnnouncement(treatment=treatment):
            return "hears", treatment
        case PlaceOutbound(number=number):
            return "leaves", number
        case Refuse():
            return "refused", None
        case other:
            raise AssertionError(f"{other} was not asked for")


def snapshot_of(scene: Scene) -> Snapshot:
    licensed = frozenset({"phone-system", "communications-credits"})
    users: dict[UserId, User] = {CALLER: user(CALLER, licences=licensed)}
    accounts: dict[ResourceAccountId, ResourceAccount] = {}
    for line in scene.lines:
        if line.holder == "main":
            key = ResourceAccountId(f"main{len(accounts)}")
            answers = ToAttendant(RECEPTION)
            accounts[key] = ResourceAccount(
                key, key, line.number, answers, extension=line.extension
            )
            continue
        name = UserId(line.holder)
        person = users.setdefault(name, user(name, licences=licensed))
        if line.is_private:
            person = replace(person, private_line=line.number)
        elif person.number is None:
            person = replace(person, number=line.number, number_extension=line.extension)
        elif line.extension is None:
            person = replace(person, alternate_numbers=(*person.alternate_numbers, line.number))
        users[name] = person
    ranges = [
        NumberRange(n, n, NumberKind.USER, NumberSource.DIRECT_ROUTING, n in scene.skipping)
        for n in NUMBERS
    ]
    return contoso_snapshot(
        users=users,
        resource_accounts=accounts,
        inventory=Inventory(ranges),
        unassigned=tuple(scene.treatments),
        mailboxes={},
        queues={},
        groups={},
    )


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """What the checks of the organisation file let pass: each line has one holder."""
    free = [(n, e) for n in NUMBERS for e in EXTENSIONS]
    scene = Scene(skipping=set(draw(st.lists(st.sampled_from(NUMBERS), max_size=2))))
    for holder in draw(st.lists(st.sampled_from(["ann", "ben", "cat", "main"]), max_size=8)):
        number, extension = draw(st.sampled_from(free))
        owned = [line for line in scene.lines if line.holder == holder]
        is_private = holder != "main" and draw(st.booleans())
        if is_private and (extension is not None or any(line.is_private for line in owned)):
            continue
        if holder != "main" and extension is not None and any(not ln.is_private for ln in owned):
            continue  # further lines are alternate numbers, which have no extension
        free.remove((number, extension))
        scene.lines.append(Assigned(number, extension, holder, is_private))
    for priority in draw(st.lists(st.integers(1, 99), max_size=3, unique=True)):
        covered = draw(st.sampled_from(COVERED))
        announcement = Announcement(Say("Sorry."))
        scene.treatments.append(
            UnassignedTreatment(f"t{priority}", priority, covered, announcement)
        )
    return scene


@pytest.mark.timeout(600)
@given(
    scene=scenes(),
    number=st.sampled_from([*NUMBERS, OUTSIDE]),
    extension=st.sampled_from(EXTENSIONS),
    is_inside=st.booleans(),
)
def test_everybody_finds_the_same_holder(
    scene: Scene, number: E164, extension: str | None, is_inside: bool
) -> None:
    dialled = number if extension is None else f"{number};ext={extension}"
    origin = FromUser(CALLER) if is_inside else FromSbc(SBC1, "+12065550123")
    live = LiveState(available=usd("50.00"))

    decision = route_call(snapshot_of(scene), CallRequest(origin, dialled), now=NOON, live=live)

    assert outcome(decision.value) == expected(scene, number, extension, is_inside=is_inside)
    assert decision.steps, "every decision says why"
