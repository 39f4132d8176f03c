"""What the organisation file may say of numbers, and what it may not (SPEC 3.1, 3.5)."""

from pathlib import Path

import pytest
from tests.unit.operations.contoso_file import contoso_text

from callwright.operations.organisation_file import OrganisationFileError, read_organisation
from callwright.operations.organisation_file.schema import Organisation
from callwright.operations.organisation_file.soundness import cautions

ENTRY = '- {number: "+18005550100", kind: toll-free, source: direct-routing'


def read(tmp_path: Path, more: str, *, entry: str = ENTRY) -> Organisation:
    text = contoso_text()
    assert ENTRY in text
    path = tmp_path / "contoso.yaml"
    path.write_text(text.replace(ENTRY, f"{entry}{more}"), encoding="utf-8")
    return read_organisation(path)


def mistakes(tmp_path: Path, more: str, *, entry: str = ENTRY) -> str:
    with pytest.raises(OrganisationFileError) as refused:
        read(tmp_path, more, entry=entry)
    return str(refused.value)


def test_an_entry_says_where_and_what_for_its_numbers_are(tmp_path: Path) -> None:
    more = ", country: US, city: Redmond, location: hq, tags: [Front desk, DE 7], ported: true"
    entry = read(tmp_path, more).numbers[-1]
    assert (entry.country, entry.city, entry.location) == ("US", "Redmond", "hq")
    assert (entry.tags, entry.ported) == (["Front desk", "DE 7"], True)


def test_stated_capabilities_come_before_the_kind(tmp_path: Path) -> None:
    both = ", capabilities: [user-assignment, voice-application-assignment]"
    read(tmp_path, both)
    text = mistakes(tmp_path, ", capabilities: [conference-assignment]")
    assert "resource_accounts.free-line.number" in text
    assert "use a number of kind service or toll-free" in text


@pytest.mark.parametrize(
    ("more", "remedy"),
    [
        (", location: hk", "write one of hq"),
        (", tags: [" + ", ".join(f"t{n}" for n in range(51)) + "]", "write at most 50"),
        (f", tags: [{'x' * 51}]", "write 1 to 50 printable characters"),
        (", tags: [Sales, SALES]", "leave one out"),
        (", capabilities: [flying]", "write one of user-assignment"),
        (", capabilities: []", "write at least one"),
        (", country: Utopia", "write an ISO 3166 code"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_remedy(tmp_path: Path, more: str, remedy: str) -> None:
    assert remedy in mistakes(tmp_path, more)


def test_a_calling_plan_decides_for_what_its_numbers_are(tmp_path: Path) -> None:
    entry = '- {number: "+18005550100", kind: toll-free, source: calling-plan'
    text = mistakes(tmp_path, ", capabilities: [conference-assignment]", entry=entry)
    assert "leave them out" in text


@pytest.mark.row(6)
def test_a_person_has_numbers_of_his_country_only(tmp_path: Path) -> None:
    text = contoso_text()
    numbers = '- {number: "+33142278186", kind: user, source: direct-routing}\n  '
    alice = '"+14255550101"\n    extension: "101"'
    assert alice in text
    path = tmp_path / "contoso.yaml"
    for country, fits in (("FR", True), ("DE", False)):
        hers = f'"+33142278186"\n    country: {country}\n    extension: "101"'
        path.write_text(text.replace(ENTRY, numbers + ENTRY).replace(alice, hers), encoding="utf-8")
        if fits:
            read_organisation(path)
        else:
            with pytest.raises(
                OrganisationFileError, match=r"users\.alice\.number.*no number of DE"
            ):
                read_organisation(path)


def test_a_plans_number_without_an_address_is_worth_a_look(tmp_path: Path) -> None:
    plan = '- {range: "+14255550101..+14255550119", kind: user, source: calling-plan'
    own = plan.replace("calling-plan", "direct-routing")
    for more, warned in ((own, False), (plan, True), (f"{plan}, location: hq", False)):
        bob = '    extension: "102"'
        text = contoso_text((own, more), (bob, f"    location: hq\n{bob}"))
        path = tmp_path / "contoso.yaml"
        path.write_text(text, encoding="utf-8")
        found = [f for f in cautions(read_organisation(path)) if f.path[-1] == "location"]
        assert [f.path for f in found] == (
            [("users", key, "location") for key in ("alice", "carol", "erin")] if warned else []
        )
        assert all("which US requires" in f.text for f in found)
