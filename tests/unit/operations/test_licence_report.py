"""What was bought, who holds it, and what is wasted."""

from datetime import date
from typing import Any

import yaml
from tests.unit.operations.contoso_file import FILE

from callwright.domains.licences.model import Standing
from callwright.operations.licence_report import LicenceReport, report_licences
from callwright.operations.organisation_file import Organisation

TODAY = date(2026, 11, 26)


def report(change: Any = lambda file: None) -> LicenceReport:
    file = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    change(file)
    return report_licences(Organisation.model_validate(file), TODAY)


def waste_of(change: Any) -> list[tuple[str, str, str]]:
    return [(row.holder, row.sku, row.text.partition(";")[0]) for row in report(change).waste]


def test_seats_bought_held_and_unused() -> None:
    rows = [(r.sku, r.bought, r.held, r.unused, r.standing) for r in report().usage]
    assert rows == [
        ("phone-system", 10, 4, 6, Standing.VALID),
        ("calling-plan-domestic", 2, 1, 1, Standing.VALID),
        ("communications-credits", 10, 2, 8, Standing.VALID),
        ("resource-account", 26, 4, 22, Standing.VALID),
    ]
    assert report().waste == ()


def test_a_seat_held_directly_and_by_group_is_one_and_is_told() -> None:
    def change(file: dict[str, Any]) -> None:
        file["groups"]["support-team"]["licences"] = ["phone-system"]

    assert report(change).usage[0].held == 4
    assert waste_of(change) == [
        (f"users.{user}", "phone-system", "held directly and by group support-team, in one seat")
        for user in ("alice", "bob")
    ]


def test_what_a_bundle_contains_is_told() -> None:
    def change(file: dict[str, Any]) -> None:
        file["users"]["alice"]["licences"] += ["phone-system-with-calling-plan"]

    assert waste_of(change) == [
        ("users.alice", "phone-system", "phone-system-with-calling-plan contains it")
    ]


def test_licences_of_those_who_have_no_use_for_them() -> None:
    def change(file: dict[str, Any]) -> None:
        users = file["users"]
        users["alice"]["enabled"] = False
        del users["bob"]["number"]
        users["carol"]["voice"] = False

    assert waste_of(change) == [
        ("users.alice", "phone-system", "the account is disabled"),
        ("users.alice", "communications-credits", "the account is disabled"),
        ("users.bob", "phone-system", "no number and no shared one"),
        ("users.carol", "phone-system", "voice is off"),
    ]


def test_what_ends_soon_says_when() -> None:
    def change(file: dict[str, Any]) -> None:
        file["licences"]["phone-system"] = {"seats": 10, "expires": "2026-12-10"}

    assert report(change).usage[0].standing is Standing.ENDING
    assert report(change).as_json()["usage"][0] == {  # type: ignore[index]
        "sku": "phone-system", "bought": 10, "held": 4, "unused": 6,
        "standing": "ending", "expires": "2026-12-10",
    }  # fmt: skip
