"""Over the network the administrators of one organisation name no files of another."""

from pathlib import Path

import pytest

from callwright.operations.own_files import foreign_files

FOLDER = Path("/var/callwright/organisations/fabrikam.test/files")
ENTITIES = {
    ("call-queue", "support"): {
        "greeting": {"file": f"{FOLDER}/welcome.wav"},
        "music": {"file": "/var/callwright/voicemail/alice/1.wav"},
        "overflow": {"menu": [{"say": "x"}, {"file": f"{FOLDER}/../../../voicemail/bob/1.wav"}]},
    },
    ("stir", "sign"): {"key": "/etc/callwright/stir.key", "certificate_url": "https://x.test/c"},
    ("auto-attendant", "reception"): {"menu": {"keys": {"1": {"user": "bob"}}, "key": "7"}},
    ("user", "alice"): {"sip": {"password": {"from_file": "relative.txt"}}},
    ("user", "bob"): {"voicemail": {"greeting": {"say": "/etc/passwd"}}},
}


def found(*touched: tuple[str, str]) -> set[tuple[str | int, ...]]:
    return {problem.path for problem in foreign_files(ENTITIES, touched, FOLDER)}


def test_what_lies_elsewhere_is_found_wherever_it_is_named() -> None:
    assert found(*ENTITIES) == {
        ("call-queue", "support", "music", "file"),
        ("call-queue", "support", "overflow", "menu", 1, "file"),
        ("stir", "sign", "key"),
        ("user", "alice", "sip", "password", "from_file"),
    }


@pytest.mark.parametrize("touched", [("user", "bob"), ("auto-attendant", "reception")])
def test_words_and_keys_of_phones_are_no_files(touched: tuple[str, str]) -> None:
    assert not found(touched)


def test_only_what_an_edit_touches_is_looked_at() -> None:
    assert not found(("user", "bob"), ("user", "gone"))
    (problem,) = foreign_files(ENTITIES, [("stir", "sign")], FOLDER)
    assert (
        problem.text
        == f"'/etc/callwright/stir.key' is no file of this organisation; write one in {FOLDER}"
    )
