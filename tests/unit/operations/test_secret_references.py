"""Passwords and PINs that a file only refers to."""

from pathlib import Path

import pytest

import callwright
from callwright.operations.merge_export import merge_export
from callwright.operations.organisation_file import (
    OrganisationFileError,
    read_organisation,
    read_organisation_text,
    to_entities,
)
from callwright.operations.organisation_file.secret_references import SecretPlaces

CONTOSO = (Path(callwright.__file__).parent / "examples" / "contoso.yaml").read_text()
FROM_ENV = "{password: {from_env: BOB_SIP}}"
TEXT = CONTOSO.replace("{password: bob-secret}", FROM_ENV).replace(
    'pin: "2468"', "pin: {from_file: secrets/alice}"
)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "alice").write_text("2468\n")
    monkeypatch.setenv("BOB_SIP", "bob-secret")
    file = tmp_path / "contoso.yaml"
    file.write_text(TEXT)
    return file


def test_references_are_looked_up_where_the_file_is_read(file: Path) -> None:
    as_text = read_organisation_text(CONTOSO, name="contoso", base=None)
    assert to_entities(read_organisation(file)) == to_entities(as_text)


def test_what_leads_nowhere_is_told_at_its_place(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BOB_SIP")
    (file.parent / "secrets" / "alice").unlink()
    with pytest.raises(OrganisationFileError) as refused:
        read_organisation(file)
    texts = {mistake.path: mistake.text for mistake in refused.value.mistakes}
    bob = "the environment has no 'BOB_SIP'; set it where the file is read"
    assert texts["users.bob.sip.password"] == bob
    assert "cannot be read: No such file" in texts["users.alice.voicemail.pin"]
    assert len(texts) == 2


def test_a_secret_that_does_not_fit_is_not_shown(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOB_SIP", "bell\a-secret")
    with pytest.raises(OrganisationFileError) as refused:
        read_organisation(file)
    assert "bell" not in str(refused.value)


def test_text_from_elsewhere_looks_nothing_up(file: Path) -> None:
    with pytest.raises(OrganisationFileError):
        read_organisation_text(file.read_text(), name="the request", base=None)


def test_merging_keeps_a_reference_that_leads_to_what_is_stored(file: Path) -> None:
    secrets = SecretPlaces({"BOB_SIP": "bob-secret"}, file.parent)
    stored = dict(to_entities(read_organisation(file)))
    stored["user", "bob"] = dict(stored["user", "bob"]) | {"name": "Bob Braun"}  # type: ignore[arg-type]

    def merged() -> str:
        return merge_export(TEXT, stored, name="contoso", base=None, secrets=secrets)

    assert FROM_ENV in merged()
    assert "name: Bob Braun" in merged()
    stored["user", "bob"] = dict(stored["user", "bob"]) | {"sip": {"password": "new-secret"}}  # type: ignore[arg-type]
    assert "sip: {password: new-secret}" in merged()
