"""The form of a file: YAML that is none, anchors and aliases, tags, depth."""

import tracemalloc
from pathlib import Path

import pytest
from tests.unit.operations.contoso_file import (
    FILE,
    contoso_text,
    line_of,
    mistakes_in,
    read_text,
)

from callwright.operations.organisation_file import (
    OrganisationFileError,
    read_organisation,
    read_organisation_text,
)
from callwright.operations.organisation_file.composing import compose


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"", 1, "the file is empty; begin with organisation:"),
        (b"# nothing\n", 1, "the file is empty"),
        (b"- users\n", 1, "not a mapping of keys"),
        (b"hello\n", 1, "not a mapping of keys"),
        (b"organisation:\n  name: Caf\xe9\n", 2, "not UTF-8; save the file as UTF-8"),
        (b"organisation:\n\tname: x\n", 2, "indentation (spaces, no tabs)"),
        (b"organisation:\n  name: x\n bad: y\n", 3, "this is not YAML"),
        (b"organisation: {name: x\nusers: {}\n", 2, "line 1"),
        (b"organisation:\n  name: 'x\nusers: {}\n", 3, "quoted scalar, line 2"),
        (b"organisation:\n  name: *x\n", 2, "text that begins with * into quotes"),
        (b"---\nusers: {}\n---\nusers: {}\n", 3, "without a second ---"),
        (b"organisation:\n  name: a\x07b\n", 2, "the character U+0007; remove it"),
        (b"organisation:\n  name: a\x00b\n", 2, "the character U+0000; remove it"),
        (b"[" * 100_000, 1, "nesting depth"),
    ],
)
def test_a_file_that_is_not_such_a_file_is_one_mistake(
    content: bytes, line: int, words: str, tmp_path: Path
) -> None:
    file = tmp_path / "org.yaml"
    file.write_bytes(content)

    with pytest.raises(OrganisationFileError) as error:
        read_organisation(file)

    (mistake,) = error.value.mistakes
    assert (mistake.line, mistake.path) == (line, "")
    assert words in mistake.text


def test_anchors_in_anchors_are_kept_once(tmp_path: Path) -> None:
    """A small file must not fill the memory of the server that is asked what it would change."""
    file = tmp_path / "org.yaml"
    anchors = "".join(f"&a{n} [" for n in range(900))
    file.write_text(f"users: {anchors}{'1,' * 10_000}{']' * 900}\n")
    tracemalloc.start()
    try:
        with pytest.raises(OrganisationFileError, match="nested too deeply"):
            read_organisation(file)
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most_bytes < 50_000_000


def test_an_anchored_part_ends_where_the_file_may_end() -> None:
    """Before it is looked at, and whether it is used or not."""
    text = "users: &a [" + "x, " * 1_000 + "x]\n"
    composed = compose("org.yaml", text, nodes_max=200)
    assert ["values" in each.text for each in composed.mistakes] == [True]
    assert composed.nodes_left >= 0


def test_a_long_mapping_ends_where_the_file_may_end() -> None:
    """And not where the mapping does: what follows is not even looked at."""
    text = "".join(f"k{n}: text\n" for n in range(300)) + "- not YAML"
    (mistake,) = compose("org.yaml", text, nodes_max=200).mistakes
    assert "values" in mistake.text


def test_an_anchor_is_read_as_often_as_it_is_meant() -> None:
    text = "a: &x {b: &y [1, &z two], c: *z}\nd: [*y, *x, *z]\n"
    composed = compose("org.yaml", text, nodes_max=100)
    assert composed.mistakes == []
    y = [1, "two"]
    assert composed.tree == {"a": {"b": y, "c": "two"}, "d": [y, {"b": y, "c": "two"}, "two"]}


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("!!map x", "has the tag !!map; leave tags out"),
        ("!!seq x", "has the tag !!seq; leave tags out"),
        (":".join(["1"] + ["59"] * 200) + ".5", "is no float; correct it"),
    ],
)
def test_a_scalar_that_is_none_is_a_mistake(written: str, words: str) -> None:
    composed = compose("org.yaml", f"a: {written}\n", nodes_max=100)
    (mistake,) = composed.mistakes
    assert (mistake.path, words in mistake.text) == ("a", True), mistake


def test_aliases_that_unfold_without_end_are_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "callwright.operations.organisation_file.composing.ORGANISATION_NODES_MAX", 50_000
    )
    levels = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 30)]

    (mistake,) = mistakes_in(tmp_path, "\n".join(levels))

    assert "more than 50,000 values" in mistake.text


def test_an_alias_inside_of_what_it_names_is_a_mistake(tmp_path: Path) -> None:
    text = contoso_text(("  dave:\n", "  dave: &dave\n    sip: *dave\n"))

    assert [m.path for m in mistakes_in(tmp_path, text)] == ["users.dave.sip", "users.dave.sip"]


def test_an_alias_is_what_it_names(tmp_path: Path) -> None:
    text = contoso_text(
        ("    licences: [phone-system, comm", "    licences: &paying [phone-system, comm"),
        ("    licences: [phone-system, communications-credits]\n", "    licences: *paying\n"),
    )

    assert read_text(tmp_path, text) == read_organisation(FILE)


def test_a_key_can_be_an_alias_and_is_named_where_it_stands(tmp_path: Path) -> None:
    text = contoso_text(
        ("  dave:\n", "  dave:\n    location: &where hq\n"), ("  hq:", "  *where :")
    )
    assert read_text(tmp_path, text).emergency == read_organisation(FILE).emergency

    wrong = contoso_text(("  dave:\n", "  dave: &dave\n"), ("  erin:\n", "  ? *dave\n  : \n"))
    found = {mistake.path: mistake.line for mistake in mistakes_in(tmp_path, wrong)}
    assert found["users"] == line_of(wrong, "  dave: &dave")


def test_what_stands_in_a_part_that_is_left_out_can_still_be_named(tmp_path: Path) -> None:
    text = contoso_text(
        ("  dave:\n", "  bob: {location: &where hq}\n  dave:\n    location: *where\n"),
    )

    assert [mistake.path for mistake in mistakes_in(tmp_path, text)] == ["users.bob"]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("&one {name: A}\n  other: &one {name: B}", "&one is written twice (first, line 46)"),
        ("&one {name: &one A}", "&one is written twice; give each a name of its own"),
        ("{name: *two}\n  other: &two {name: B}", "text that begins with * into quotes"),
        ("&one [*two, &two B]", "text that begins with * into quotes"),
    ],
)
def test_an_anchor_is_unique_and_stands_before_its_aliases(
    written: str, words: str, tmp_path: Path
) -> None:
    text = contoso_text(("  dave:\n", f"  somebody: {written}\n  dave:\n"))

    (mistake,) = mistakes_in(tmp_path, text)

    assert words in mistake.text


def test_what_is_nested_too_deeply_is_named_and_passed_over(tmp_path: Path) -> None:
    deep = "[" * 60 + "]" * 60
    text = contoso_text(("name: Dave Davis", f"name: Dave Davis\n    skills: {deep}"))

    assert any("nested too deeply" in mistake.text for mistake in mistakes_in(tmp_path, text))


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("extension: !!int ''", "'' is no int; correct it"),
        ("!!str [a]: b", "has a key that is a list or mapping"),
    ],
)
def test_tags_that_lie_are_mistakes(written: str, words: str, tmp_path: Path) -> None:
    text = contoso_text(("  dave:\n", f"  dave:\n    {written}\n"))

    assert any(words in mistake.text for mistake in mistakes_in(tmp_path, text))


def test_half_a_character_is_a_mistake() -> None:
    with pytest.raises(OrganisationFileError, match="half a character"):
        read_organisation_text("organisation: \ud800\n", name="org.yaml", base=None)
