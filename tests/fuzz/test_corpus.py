"""Every input that fuzzing kept still holds, and so do the ones it starts from."""

from pathlib import Path

import pytest
from tests.fuzz.targets import SEPARATOR, TARGETS, recorded_steps

CORPUS = Path(__file__).with_name("corpus")
MESSAGES = sorted(Path(__file__).parents[1].glob("torture/messages/*.sip"))
FILES_MAX = 40
FILE_BYTES_MAX = 4_096


@pytest.mark.parametrize("name", TARGETS)
def test_what_was_kept(name: str) -> None:
    files = sorted((CORPUS / name).glob("*"))
    assert 0 < len(files) <= FILES_MAX
    for file in files:
        assert file.stat().st_size <= FILE_BYTES_MAX
        TARGETS[name](file.read_bytes())


@pytest.mark.parametrize("name", ["parser", "stream", "sdp", "endpoint"])
def test_the_torture_messages(name: str) -> None:
    assert len(MESSAGES) == 61
    for path in MESSAGES:
        data = path.read_bytes()
        TARGETS[name](b"\x05" + data if name == "endpoint" else data)


def test_the_messages_of_a_call_come_again_in_every_order() -> None:
    steps = recorded_steps()
    assert len(steps) > 20
    for step in steps:
        TARGETS["endpoint"](step)
    for distance in (1, 3, 7):
        TARGETS["endpoint"](SEPARATOR.join(steps[::distance]))
        TARGETS["endpoint"](SEPARATOR.join(steps[::-distance]))
