"""An organisation in several files: a folder, or a file that includes others."""

from pathlib import Path

import pytest

import callwright
from callwright.kernel.limits.commands import INCLUDED_FILES_MAX
from callwright.operations.circles import no_circles_looked_for
from callwright.operations.organisation_file import (
    OrganisationFileError,
    read_organisation,
    several,
    to_entities,
)

CONTOSO = (Path(callwright.__file__).parent / "examples" / "contoso.yaml").read_text()
WHOLE = to_entities(read_organisation(Path(callwright.__file__).parent / "examples/contoso.yaml"))
HEAD, _, REST = CONTOSO.partition("users:\n")
ALICE, _, OTHERS = REST.partition("  bob:\n")
BOB, _, TAIL = OTHERS.partition("\ngroups:\n")


def mistakes(path: Path) -> list[str]:
    with pytest.raises(OrganisationFileError) as refused:
        read_organisation(path)
    return [str(mistake).replace(f"{path.parent}/", "") for mistake in refused.value.mistakes]


@pytest.fixture
def main(tmp_path: Path) -> Path:
    """Contoso in four files, users spread over two of them, routes in one of its own."""
    people = tmp_path / "people"
    people.mkdir()
    (people / "a.yaml").write_text(f"users:\n{ALICE}")
    (people / "b.yaml").write_text(f"users:\n  bob:\n{BOB}\n")
    main = tmp_path / "main.yaml"
    main.write_text(f"include: [people/*.yaml]\n{HEAD}\ngroups:\n{TAIL}")
    return main


def test_what_is_included_is_as_if_it_stood_there(main: Path) -> None:
    assert to_entities(read_organisation(main)) == WHOLE


def test_a_folder_is_all_its_files(main: Path, tmp_path: Path) -> None:
    folder = tmp_path / "people"
    (folder / "c.yml").write_text(main.read_text().partition("\n")[2])
    assert to_entities(read_organisation(folder)) == WHOLE


def test_each_mistake_names_its_own_file_and_line(main: Path) -> None:
    b = main.parent / "people" / "b.yaml"
    b.write_text(b.read_text().replace('extension: "102"', "extension: 102"))
    main.write_text(main.read_text().replace("members: [alice, bob]", "members: [alice, bobby]"))
    line = main.read_text().partition("bobby")[0].count("\n") + 1
    found = mistakes(main)
    assert found[0].startswith("people/b.yaml:6: users.bob.extension: YAML reads 102 as a number")
    assert found[1].startswith(f"main.yaml:{line}: groups.support-team.members[1]")


def test_an_entry_stands_in_one_file(main: Path) -> None:
    (main.parent / "people" / "c.yaml").write_text("users:\n  alice:\n    name: Alice\n")
    assert mistakes(main) == [
        "people/c.yaml:2: users.alice: is written twice, first in people/a.yaml:2; keep one of them"
    ]


@pytest.mark.parametrize(
    ("include", "because"),
    [
        ("[nobody.yaml]", "include[0]: 'nobody.yaml' is no file beside this one"),
        ("[../main.yaml]", "include[0]: '../main.yaml' is no file beside this one"),
        ("[/etc/passwd]", "include[0]: '/etc/passwd' is no file beside this one"),
        ("people/a.yaml", "include: must be a list"),
    ],
)
def test_what_cannot_be_included_is_told(main: Path, include: str, because: str) -> None:
    main.write_text(main.read_text().replace("[people/*.yaml]", include))
    assert any(because in mistake for mistake in mistakes(main))


def test_files_that_are_included_include_no_others(main: Path) -> None:
    (main.parent / "people" / "c.yaml").write_text("include: [a.yaml]\n")
    (mistake,) = mistakes(main)
    assert mistake.startswith("people/c.yaml:1: include: only the first file includes others")


def test_files_without_end_are_refused(main: Path) -> None:
    for number in range(INCLUDED_FILES_MAX):
        (main.parent / "people" / f"x{number}.yaml").write_text("{}\n")
    assert any(f"{INCLUDED_FILES_MAX} are read" in mistake for mistake in mistakes(main))


def test_an_empty_folder_is_no_organisation(tmp_path: Path) -> None:
    (mistake,) = mistakes(tmp_path)
    assert "holds no .yaml or .yml file" in mistake


def test_all_files_together_have_the_bytes_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one's count, too, and a letter as many as it has."""
    monkeypatch.setattr(f"{several.__name__}.ORGANISATION_FILE_BYTES_MAX", 100)
    main, part = tmp_path / "main.yaml", tmp_path / "part.yaml"
    main.write_text(f"include: [part.yaml] # {'x' * 27}\n", encoding="utf-8")
    assert main.stat().st_size == 51
    for folder_or_file in (main, tmp_path):
        part.write_text(f"# {'ü' * 23}\n", encoding="utf-8")
        assert not any("one too many" in text for text in mistakes(folder_or_file))
        part.write_text(f"# {'ü' * 24}\n", encoding="utf-8")
        assert any("is one too many: all have 100 bytes" in t for t in mistakes(folder_or_file))


def test_all_files_together_have_the_values_of_one(tmp_path: Path) -> None:
    """Aliases make many of a few; each file alone would be taken."""
    many = f"x: &a [{', '.join('1' * 1_000)}]\ny: [{', '.join(['*a'] * 1_000)}]\n"
    (tmp_path / "a.yaml").write_text(many)
    (tmp_path / "b.yaml").write_text(many.replace("x:", "v:").replace("y:", "w:"))
    with no_circles_looked_for():
        assert not several.read_several(tmp_path / "a.yaml").mistakes
        (mistake,) = several.read_several(tmp_path).mistakes
    assert (mistake.file, mistake.text[:15]) == (str(tmp_path / "b.yaml"), "holds more than")
