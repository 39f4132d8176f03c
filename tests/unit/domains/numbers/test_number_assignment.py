"""Who may have which number: each rule of SPEC 1.5 and 3.1-3.8 on its own."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.domains.numbers.stock import NOW, OWN, PLAN, inventory, number

from callwright.domains.numbers.assignment import Assignee, Objection, check_assignment
from callwright.domains.numbers.licence_loss import Entitlement, Loss, loss_of
from callwright.domains.numbers.model import NumberSource
from callwright.domains.numbers.states import Block, HolderKind, Holding, Line
from callwright.kernel.e164 import E164, LineNumber

ALICE = Assignee(HolderKind.USER, "alice", "US", is_licensed=True, has_calling_plan=True)
MAIN = Assignee(HolderKind.RESOURCE_ACCOUNT, "main-line", "US", is_licensed=True)


def objections(
    text: str, to: Assignee, line: Line = Line.PRIMARY, *holdings: Holding
) -> set[Objection]:
    wanted: LineNumber = number(text)
    standing = inventory(*holdings).standing(wanted.base, NOW)
    return {refusal.objection for refusal in check_assignment(wanted, standing, to, line)}


@pytest.mark.parametrize(
    ("text", "to"),
    [
        ("+14255550101", ALICE),
        ("+14255550101;ext=1001", ALICE),
        ("+12065550100", replace(ALICE, location="hq")),
        ("+33142278186", replace(ALICE, country="FR")),
        ("+14255550150", MAIN),
        ("+18005550100", MAIN),
        ("+12065550150", MAIN),
        ("+14255550150;ext=7", MAIN),
    ],
)
def test_a_fitting_number_may_be_assigned(text: str, to: Assignee) -> None:
    assert objections(text, to) == set()


@pytest.mark.parametrize(
    ("text", "to", "objection"),
    [
        ("+14255550199", ALICE, Objection.NOT_OURS),
        ("+12065550150", ALICE, Objection.WRONG_CLASS),
        ("+12065550100", MAIN, Objection.WRONG_CLASS),
        ("+18005550100", ALICE, Objection.WRONG_CLASS),
        ("+33142278186", replace(ALICE, country="DE"), Objection.WRONG_COUNTRY),
        ("+14255550101", replace(ALICE, is_licensed=False), Objection.LICENCE_MISSING),
        (
            "+12065550100",
            replace(ALICE, has_calling_plan=False, location="hq"),
            Objection.LICENCE_MISSING,
        ),
        ("+12065550100", ALICE, Objection.ADDRESS_MISSING),
        ("+14255550150", replace(MAIN, is_licensed=False), Objection.LICENCE_MISSING),
    ],
)
def test_what_does_not_fit_is_refused(text: str, to: Assignee, objection: Objection) -> None:
    assert objection in objections(text, to)


def test_only_direct_routing_numbers_have_extensions() -> None:
    at_home = replace(ALICE, location="hq")
    assert objections("+12065550100;ext=1", at_home) == {Objection.EXTENSION_NOT_POSSIBLE}


def test_a_number_has_one_holder_and_each_extension_its_own() -> None:
    bobs = Holding(number("+14255550101"), HolderKind.USER, "bob")
    extension = Holding(number("+14255550102;ext=1"), HolderKind.USER, "bob")
    assert objections("+14255550101", ALICE, Line.PRIMARY, bobs) == {Objection.HELD}
    assert objections("+14255550101;ext=1", ALICE, Line.PRIMARY, bobs) == set()
    assert objections("+14255550102;ext=1", ALICE, Line.PRIMARY, extension) == {Objection.HELD}
    assert objections("+14255550102;ext=2", ALICE, Line.PRIMARY, extension) == set()


def test_ones_own_number_may_be_assigned_again_but_not_as_another_line() -> None:
    own = Holding(number("+14255550101"), HolderKind.USER, "alice")
    assert objections("+14255550101", ALICE, Line.PRIMARY, own) == set()
    with_number = replace(ALICE, primary_source=OWN)
    assert objections("+14255550101", with_number, Line.PRIVATE, own) == {Objection.HELD}


def test_a_blocked_number_waits() -> None:
    base = E164("+14255550101")
    numbers = inventory(blocks={base: Block(NOW + timedelta(days=30))})
    for days, blocked in ((0, True), (29, True), (30, False)):
        standing = numbers.standing(base, NOW + timedelta(days=days))
        found = check_assignment(number(base), standing, ALICE, Line.PRIMARY)
        assert ({r.objection for r in found} == {Objection.BLOCKED}) is blocked


def test_a_private_line_needs_a_primary_number_of_the_same_source() -> None:
    assert objections("+14255550102", ALICE, Line.PRIVATE) == {Objection.PRIVATE_LINE_SOURCE}
    other = replace(ALICE, primary_source=PLAN)
    assert objections("+14255550102", other, Line.PRIVATE) == {Objection.PRIVATE_LINE_SOURCE}
    fitting = replace(ALICE, primary_source=OWN)
    assert objections("+14255550102", fitting, Line.PRIVATE) == set()


@pytest.mark.row(27)
def test_a_second_private_line_is_refused() -> None:
    has_one = replace(ALICE, primary_source=OWN, private=number("+14255550103"))
    assert objections("+14255550102", has_one, Line.PRIVATE) == {Objection.PRIVATE_LINE_EXISTS}
    assert objections("+14255550103", has_one, Line.PRIVATE) == set()


def test_lines_besides_the_first_are_for_people() -> None:
    for line in (Line.PRIVATE, Line.ALTERNATE):
        assert objections("+14255550150", MAIN, line) == {Objection.LINE_NOT_POSSIBLE}


def test_alternate_lines_are_bounded() -> None:
    twenty = replace(ALICE, alternates=tuple(number(f"+142555502{n:02}") for n in range(20)))
    assert objections("+14255550102", twenty, Line.ALTERNATE) == {Objection.TOO_MANY_LINES}
    nineteen = replace(ALICE, alternates=twenty.alternates[1:])
    assert objections("+14255550102", nineteen, Line.ALTERNATE) == set()


FULL, NOTHING = Entitlement(True, True), Entitlement(False, False)
NO_PLAN, NO_PHONE = Entitlement(True, False), Entitlement(False, True)


@pytest.mark.parametrize(
    ("source", "before", "after", "loss"),
    [
        (NumberSource.CALLING_PLAN, FULL, NO_PLAN, Loss.UNASSIGNED),
        (NumberSource.CALLING_PLAN, FULL, NO_PHONE, Loss.UNASSIGNED),
        (NumberSource.CALLING_PLAN, FULL, FULL, None),
        (NumberSource.CALLING_PLAN, NO_PLAN, NO_PLAN, None),
        (NumberSource.OPERATOR_CONNECT, FULL, NO_PHONE, Loss.UNASSIGNED),
        (NumberSource.OPERATOR_CONNECT, FULL, NO_PLAN, None),
        (NumberSource.DIRECT_ROUTING, FULL, NO_PHONE, Loss.DELETED),
        (NumberSource.DIRECT_ROUTING, FULL, NO_PLAN, None),
        (NumberSource.DIRECT_ROUTING, NOTHING, NOTHING, None),
    ],
)
def test_a_lost_licence_takes_the_number_as_its_source_has_it(
    source: NumberSource, before: Entitlement, after: Entitlement, loss: Loss | None
) -> None:
    assert loss_of(source, before, after) is loss
