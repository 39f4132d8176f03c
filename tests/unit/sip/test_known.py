"""What was read is remembered, and what is remembered has a bound."""

import pytest

from callwright.sip.known import Known


def _known(read: list[str]) -> Known[int]:
    def number(text: str) -> int:
        read.append(text)
        return int(text)

    return Known(number, entries_max=2, characters_max=3)


def test_a_text_is_read_once() -> None:
    read: list[str] = []
    known = _known(read)
    assert [known["12"], known["12"]] == [12, 12]
    assert read == ["12"]


def test_a_long_text_is_read_each_time() -> None:
    read: list[str] = []
    known = _known(read)
    assert [known["1234"], known["1234"]] == [1234, 1234]
    assert read == ["1234", "1234"]


def test_when_it_is_full_it_begins_anew() -> None:
    read: list[str] = []
    known = _known(read)
    assert [known[text] for text in ("1", "2", "3", "1")] == [1, 2, 3, 1]
    assert read == ["1", "2", "3", "1"]
    assert len(known) == 2


def test_a_fault_is_raised_each_time_and_not_remembered() -> None:
    read: list[str] = []
    known = _known(read)
    for _ in range(2):
        with pytest.raises(ValueError, match="invalid literal"):
            known["x"]
    assert (read, len(known)) == (["x", "x"], 0)
