"""Over the network the administrators of one organisation name no files of another."""

import os
from pathlib import Path

import pytest

from callwright.operations.own_files import foreign_files, private_files

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


def test_no_link_leads_to_a_private_file(tmp_path: Path) -> None:
    data = tmp_path / "data"
    folder = data / "files"
    (data / "voicemail").mkdir(parents=True)
    folder.mkdir()
    (tmp_path / "link").symlink_to(data / "voicemail")
    (folder / "link").symlink_to(data / "voicemail")
    places = {
        str(tmp_path / "link" / "1.wav"): True,
        str(folder / "link" / "1.wav"): True,
        f"/proc/self/root{data}/voicemail/1.wav": True,
        os.path.relpath(data / "voicemail" / "1.wav"): True,
        str(folder / "1.wav"): False,
        str(tmp_path / "1.wav"): False,
    }
    for text, is_private in places.items():
        entities = {("call-queue", "support"): {"music": {"file": text}}}
        found = list(private_files(entities, [*entities], data, folder))
        assert bool(found) is is_private, text
