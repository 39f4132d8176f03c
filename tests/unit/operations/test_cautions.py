"""What an organisation may have and likely does not mean (row 282)."""

from typing import Any

import pytest
import yaml
from tests.unit.operations.contoso_file import FILE

from callwright.operations.organisation_file import Organisation
from callwright.operations.organisation_file.soundness import cautions, mistakes


def cautions_of(change: Any) -> dict[str, str]:
    """Texts by place, of the demo file after ``change``."""
    file = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    change(file)
    organisation = Organisation.model_validate(file)
    assert list(mistakes(organisation)) == []
    return {".".join(map(str, path)): text for path, text in cautions(organisation)}


GLOBAL = "pstn.direct_routing.policies.default"


def policies_of(file: dict[str, Any]) -> Any:
    return file["pstn"]["direct_routing"]["policies"]


@pytest.mark.row(282)
def test_a_routing_policy_of_everybody_is_warned_of_with_who_is_captured() -> None:
    text = cautions_of(lambda file: None)[GLOBAL]
    assert "5 users have no other one" in text
    assert "the calling plans of erin would not be used" in text
    assert "write everybody: true if that is meant" in text


@pytest.mark.row(282)
@pytest.mark.parametrize(
    "change",
    [
        lambda file: policies_of(file)["default"].update(everybody=True),
        lambda file: policies_of(file)["default"].update(usages=[]),
        lambda file: file["groups"].update(
            everybody={
                "members": list(file["users"]),
                "policies": {"routing": {"name": "default", "rank": 1}},
            }
        ),
    ],
    ids=["meant", "leads nowhere", "everybody is given one"],
)
def test_it_is_not_where_it_is_meant_or_captures_nobody(change: Any) -> None:
    assert GLOBAL not in cautions_of(change)


def test_a_policy_that_nobody_has() -> None:
    found = cautions_of(lambda file: policies_of(file).update(sales={"usages": ["national"]}))
    assert "nobody is given sales" in found["pstn.direct_routing.policies.sales"]


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file["users"]["bob"].update(enabled=False),
        lambda file: file["users"]["bob"].update(voice=False),
        lambda file: file["users"]["bob"].update(licences=[]),
    ],
    ids=["disabled", "without voice", "without licence"],
)
def test_an_agent_who_will_not_ring(change: Any) -> None:
    found = cautions_of(change)
    assert found["call_queues.sales.agents.1"].startswith("bob will not ring")
    assert "call_queues.sales.agents.0" not in found


RECEPTION = "auto_attendants.reception"


@pytest.mark.parametrize(
    ("place", "change"),
    [
        (
            f"{RECEPTION}.open.menu.keys.4",
            lambda file, to: file["auto_attendants"]["reception"]["open"]["menu"]["keys"].update(
                {"4": to}
            ),
        ),
        (
            f"{RECEPTION}.closed.then",
            lambda file, to: file["auto_attendants"]["reception"]["closed"].update(then=to),
        ),
        (
            f"{RECEPTION}.holidays.0.then",
            lambda file, to: file["auto_attendants"]["reception"]["holidays"][0].update(then=to),
        ),
        (
            f"{RECEPTION}.operator",
            lambda file, to: file["auto_attendants"]["reception"].update(operator=to),
        ),
        (
            "resource_accounts.main-line.delegates.0",
            lambda file, to: file["resource_accounts"]["main-line"].update(delegates=[to["user"]]),
        ),
    ],
    ids=["key", "closed", "holiday", "operator", "delegate"],
)
def test_whom_callers_of_an_attendant_do_not_reach(place: str, change: Any) -> None:
    found = cautions_of(lambda file: change(file, {"user": "dave"}))
    assert found.keys() - {GLOBAL} == {place}
    assert found[place].startswith("dave is not reached by callers: disabled, without voice or")
    assert place not in cautions_of(lambda file: change(file, {"user": "bob"}))


def test_a_group_of_which_callers_reach_nobody() -> None:
    def change(file: dict[str, Any]) -> None:
        file["groups"] |= {"night": {"members": ["dave"]}, "day": {"members": ["dave", "bob"]}}
        keys = file["auto_attendants"]["reception"]["open"]["menu"]["keys"]
        keys |= {"4": {"group": "night"}, "5": {"group": "day"}}

    found = cautions_of(change)
    assert found.keys() - {GLOBAL} == {f"{RECEPTION}.open.menu.keys.4"}


def test_an_account_without_licence() -> None:
    found = cautions_of(lambda file: file["resource_accounts"]["main-line"].update(licences=[]))
    assert "calls to it are refused" in found["resource_accounts.main-line.licences"]


def test_a_calling_plan_whose_carrier_nobody_names() -> None:
    def change(file: dict[str, Any]) -> None:
        file["numbers"][1]["source"] = "calling-plan"

    assert "write pstn.calling_plan" in cautions_of(change)["numbers.1.source"]
