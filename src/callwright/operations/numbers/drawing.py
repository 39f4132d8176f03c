"""Who has which number after an act, entity by entity, until all of it is written at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from callwright.domains.numbers.assignment import Objection, check_assignment
from callwright.domains.numbers.formats import BadNumber, read_line
from callwright.domains.numbers.licence_loss import Loss
from callwright.domains.numbers.states import HolderKind, Holding, Line
from callwright.kernel.e164 import E164, LineNumber
from callwright.operations.numbers.entries import taken_out
from callwright.operations.numbers.holders import Assignees
from callwright.operations.numbers.view import Draft, NumberProblem, View
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.entities import EntityKey
from callwright.operations.organisation_file.record_schema import NUMBER_BLOCK, NUMBER_TAGS

FIELDS = {Line.PRIMARY: "number", Line.PRIVATE: "private_line", Line.ALTERNATE: "alternate_numbers"}
SECTIONS = {HolderKind.USER: "users", HolderKind.RESOURCE_ACCOUNT: "resource_accounts"}


@dataclass(frozen=True, slots=True)
class Assignment:
    """A wish: this number for that holder."""

    number: str
    """As somebody wrote it, with or without its plus."""
    kind: HolderKind
    holder: str
    line: Line = Line.PRIMARY
    location: str | None = None
    """Key of an emergency address to give with it."""

    @property
    def address(self) -> EntityKey:
        return self.kind.value, self.holder

    @property
    def path(self) -> Path:
        return SECTIONS[self.kind], self.holder, FIELDS[self.line]


@dataclass(frozen=True, slots=True)
class Quarantine:
    """How long a number that was taken back cannot be assigned."""

    days: int | None
    """None: for ever."""

    def until(self, now: datetime) -> datetime | None:
        return None if self.days is None else now + timedelta(days=self.days)

    def record(self, now: datetime) -> JsonValue:
        until = self.until(now)
        return {} if until is None else {"until": until.isoformat()}


def default_quarantine(view: View) -> Quarantine | None:
    """What the organisation does with numbers that are taken back; None: nothing."""
    days = view.organisation.organisation.number_quarantine_days
    return None if days == 0 else Quarantine(days)


class Drawing:
    """Entities as they become, change by change."""

    def __init__(self, view: View, block: Quarantine | None = None) -> None:
        self._view = view
        self._assignees = Assignees(view)
        self._block = block or default_quarantine(view)
        self._upserts: dict[EntityKey, JsonValue] = {}
        self._relied: set[EntityKey] = set()
        self._removals: set[EntityKey] = set()
        self._given: dict[LineNumber, Assignment] = {}
        self._freed: dict[LineNumber, bool] = {}
        """Lines that nobody has any longer, and whether their number leaves the inventory."""

    def draft(self) -> Draft[None]:
        bases = [line for line in self._freed if line not in self._given and self._is_free(line)]
        deleted = {line.base for line in bases if self._freed[line]}
        leaving, gone = taken_out(self._view, sorted(deleted))
        gone += [(kind, n) for n in deleted for kind in (NUMBER_BLOCK, NUMBER_TAGS)]
        upserts = {**self._upserts, **leaving}
        if self._block is not None:
            record = self._block.record(self._view.now)
            upserts |= {(NUMBER_BLOCK, n.base): record for n in bases if n.base not in deleted}
        known = self._view.configuration.entities
        removals = self._removals | {address for address in gone if address in known}
        return Draft(None, upserts, removals, self._relied)

    def assign(self, wish: Assignment) -> list[NumberProblem]:
        try:
            number = read_line(wish.number)
        except BadNumber as error:
            return [NumberProblem(wish.path, str(error), "number-malformed")]
        settings = self._settings(wish.address)
        if settings is None:
            text = f"there is no {wish.kind.value} {wish.holder}; name one that exists"
            return [NumberProblem(wish.path, text, "holder-unknown")]
        problems = self._objections(wish, number)
        if not problems:
            self._give(wish, number, settings)
        return problems

    def remove(self, line: LineNumber) -> list[NumberProblem]:
        holding = self._view.inventory.holder_of(line)
        if holding is None:
            text = f"nobody has {line}; look at `callwright numbers show {line.base}`"
            return [NumberProblem((), text, "number-not-held")]
        if holding.holder_kind not in SECTIONS:
            text = f"{line} belongs to {holding}; change it there"
            return [NumberProblem((), text, "number-not-removable")]
        self.unassign(holding)
        return []

    def unassign(self, holding: Holding) -> None:
        self._take(holding)
        self._freed[holding.number] = False

    def lose(self, holding: Holding, loss: Loss) -> None:
        """A number that leaves the inventory with its holder stays while others share it."""
        self._take(holding)
        self._freed[holding.number] = loss is Loss.DELETED

    def _settings(self, address: EntityKey) -> dict[str, JsonValue] | None:
        drawn = self._upserts.get(address)
        return dict(drawn) if isinstance(drawn, dict) else self._view.settings(*address)

    def _objections(self, wish: Assignment, number: LineNumber) -> list[NumberProblem]:
        earlier = self._given.setdefault(number, wish)
        if earlier is not wish:
            text = f"{number} is also given to {earlier.holder}; list it once"
            return [NumberProblem(wish.path, text, Objection.HELD.value)]
        if wish.location is not None and wish.location not in self._locations():
            text = f"there is no location {wish.location!r}; add it under emergency.locations"
            return [NumberProblem(wish.path, text, "location-unknown")]
        standing = self._view.inventory.standing(number.base, self._view.now)
        to = self._assignees.find(wish.kind, wish.holder, location=wish.location)
        found = check_assignment(number, standing, to, wish.line)
        return [NumberProblem(wish.path, text, objection.value) for objection, text in found]

    def _locations(self) -> Mapping[str, object]:
        emergency = self._view.organisation.emergency
        return {} if emergency is None else emergency.locations

    def _give(self, wish: Assignment, number: LineNumber, settings: dict[str, JsonValue]) -> None:
        if wish.line is Line.ALTERNATE:
            held = settings.get("alternate_numbers")
            lines = [str(line) for line in held] if isinstance(held, list) else []
            settings["alternate_numbers"] = list(dict.fromkeys([*lines, str(number)]))
        else:
            former = settings.get(FIELDS[wish.line])
            if isinstance(former, str) and former != number:
                self._freed[LineNumber(former)] = False
            settings[FIELDS[wish.line]] = str(number)
        if wish.kind is HolderKind.USER and wish.line is Line.PRIMARY:
            settings["voice"] = True
        if wish.location is not None:
            settings["location"] = wish.location
        self._upserts[wish.address] = settings
        self._forget_block(number.base)
        if wish.kind is HolderKind.USER:
            self._relied |= self._assignees.giving_groups

    def _take(self, holding: Holding) -> None:
        address = (holding.holder_kind.value, holding.holder)
        settings = self._settings(address) or {}
        if holding.line is Line.ALTERNATE:
            held = settings.get("alternate_numbers")
            rest = [x for x in held if x != holding.number] if isinstance(held, list) else []
            settings["alternate_numbers"] = list(rest)
        else:
            settings.pop(FIELDS[holding.line], None)
        if not settings.get("alternate_numbers"):
            settings.pop("alternate_numbers", None)
        if holding.holder_kind is HolderKind.USER and holding.line is Line.PRIMARY:
            settings["voice"] = False
        self._upserts[address] = settings

    def _is_free(self, line: LineNumber) -> bool:
        """Whether nobody shares the number by extension any longer."""
        holdings = self._view.inventory.holdings_of(line.base)
        return all(holding.number in self._freed for holding in holdings)

    def _forget_block(self, base: E164) -> None:
        """Whoever is assigned a number relies on nobody blocking it in the same moment; a block
        that is over goes."""
        address = (NUMBER_BLOCK, str(base))
        self._relied.add(address)
        if address in self._view.configuration.entities:
            self._removals.add(address)
