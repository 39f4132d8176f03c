"""Where numbers are administered in tests: an organisation in memory, and a clock one sets."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import yaml
from pydantic import JsonValue
from tests.unit.operations.memory_repository import MemoryRepository

from callwright.domains.numbers.formats import read_line
from callwright.domains.numbers.states import HolderKind, Line, Standing
from callwright.kernel.e164 import E164
from callwright.operations.actor import Actor
from callwright.operations.administration import Administration, Applied
from callwright.operations.configuration import is_record
from callwright.operations.numbers.assigning import assign, remove
from callwright.operations.numbers.desk import Act, NumberDesk
from callwright.operations.numbers.drawing import Assignment, Quarantine
from callwright.operations.numbers.view import NumberProblem, NumbersRefused
from callwright.operations.organisation_file.entities import from_entities, to_entities
from callwright.operations.organisation_file.schema import Organisation
from callwright.operations.plan import plan

BY = Actor("local", "tester")
ACT = Act(BY)
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

FABRIKAM = """
organisation:
  name: Fabrikam
  domain: fabrikam.test
  country: US
  timezone: America/Los_Angeles
  language: en-US
licences:
  phone-system: 10
  calling-plan-domestic: 5
  phone-system-with-calling-plan: 5
  communications-credits: 5
users:
  ann: {name: Ann, licences: [phone-system, calling-plan-domestic], location: hq}
  ben: {name: Ben, licences: [phone-system]}
  cid: {name: Cid, licences: [phone-system], country: DE}
  dot: {name: Dot}
groups:
  sales: {members: [ben, dot]}
numbers:
  - {range: "+14255550101..+14255550119", kind: user, source: direct-routing, tags: [Redmond]}
  - {range: "+14255550150..+14255550159", kind: service, source: direct-routing}
  - {range: "+12065550100..+12065550109", kind: user, source: calling-plan}
  - {range: "+12065550150..+12065550154", kind: service, source: calling-plan}
  - {range: "+13605550100..+13605550104", kind: user, source: operator-connect}
  - {number: "+33142278186", kind: user, source: direct-routing}
resource_accounts:
  main-line: {name: Main, answers: {auto_attendant: reception}}
  unlicensed: {name: Spare, licences: [], answers: {auto_attendant: reception}}
auto_attendants:
  reception: {open: {greeting: {say: Welcome.}, then: {user: ann}}}
credits: {currency: USD, opening_balance: "50.00"}
pstn:
  direct_routing:
    sbcs:
      sbc1: {address: "127.0.0.1:5080"}
emergency:
  numbers: ["911"]
  route: {sbcs: [sbc1]}
  locations:
    hq: {address: "1 Contoso Way, Redmond, WA 98052, US", elin: "+14255550119"}
"""


class Office:
    """A desk over an organisation in memory; time passes only by ``wait``."""

    def __init__(self, more: Mapping[str, Any] | None = None, *, file: str = FABRIKAM) -> None:
        tree: dict[str, Any] = yaml.safe_load(file)
        for section, entries in (more or {}).items():
            if isinstance(entries, dict):
                tree.setdefault(section, {}).update(entries)
            else:
                tree.setdefault(section, []).extend(entries)
        self.repository = MemoryRepository()
        self.administration = Administration(self.repository)
        self.administration.replace(Organisation.model_validate(tree), by=BY)
        ids = count(1)
        self.desk = NumberDesk(self.administration, lambda: self.now, lambda: f"id-{next(ids):04}")

    @property
    def now(self) -> datetime:
        return self.repository.now

    def wait(self, **span: float) -> None:
        self.repository.now += timedelta(**span)

    def assign(
        self,
        number: str,
        holder: str,
        *,
        line: Line = Line.PRIMARY,
        location: str | None = None,
        dry_run: bool = False,
    ) -> Applied:
        kind = HolderKind.USER if holder in self.users else HolderKind.RESOURCE_ACCOUNT
        wish = Assignment(number, kind, holder, line, location)
        return assign(self.desk, [wish], Act(BY, dry_run=dry_run))

    def remove(self, *numbers: str, block: Quarantine | None = None) -> Applied:
        return remove(self.desk, [read_line(number) for number in numbers], ACT, block=block)

    @property
    def users(self) -> Mapping[str, Any]:
        return self.desk.view().organisation.users

    def settings(self, kind: str, key: str) -> dict[str, JsonValue]:
        found = self.desk.view().settings(kind, key)
        assert found is not None
        return found

    def standing(self, number: str) -> Standing:
        found = self.desk.view().inventory.standing(E164(number), self.now)
        assert found is not None, f"{number} is not in the inventory"
        return found

    def holds(self, number: str) -> bool:
        """Whether the inventory has the number."""
        return self.desk.view().inventory.entry_of(E164(number)) is not None

    def file_is_whole(self) -> bool:
        """A file of what is stored would change nothing when it is applied."""
        configuration = self.desk.view().configuration
        own = {a: value for a, value in configuration.entities.items() if not is_record(a)}
        return plan(own, to_entities(from_entities(own))) == ()


def codes(refused: NumbersRefused) -> list[str]:
    return [problem.code for problem in refused.problems if isinstance(problem, NumberProblem)]


def texts(refused: NumbersRefused) -> Sequence[str]:
    return [str(problem) for problem in refused.problems]
