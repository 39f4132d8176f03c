"""Names on a keypad (SPEC 6.9)."""

import pytest

from callwright.domains.directory.keypad import fits, keypad_words
from callwright.domains.directory.phones import ProfilePhone
from callwright.domains.directory.search import Crowd, said_name, typed_name
from callwright.kernel.e164 import E164
from callwright.testing.builders import user

KEYS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")


def typed(text: str) -> str:
    return text.lower().translate(KEYS)


@pytest.mark.row(177)
@pytest.mark.parametrize(
    "text", ["Amos0Marble", "Marble0Amos", "Mar", "Amos", "Amos0Mar", "Mar0Am", "A0M"]
)
def test_a_name_is_typed_whole_or_in_part_and_in_either_order(text: str) -> None:
    assert fits("Amos Marble", typed(text))


@pytest.mark.parametrize("text", ["Marble0Marble", "Arble", "Amos0Marble0X", "Amosm", "0", ""])
def test_what_begins_no_word_of_the_name_does_not_fit(text: str) -> None:
    assert not fits("Amos Marble", typed(text))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Åsa Öberg", "asa0oberg"),
        ("Jürgen Großmann", "jurgen0grossmann"),
        ("Søren Łukasz", "soren0lukasz"),
        ("Sean O'Neil", "oneil0sean"),
        ("Anna-Lena Meyer", "anna0meyer"),
        ("김민수", "gimminsu"),
        ("さくら", "sakura"),
        ("Иван Петров", "ivan0petrov"),
        ("Γιώργος Παππάς", "giorgos0pappas"),
        ("Ана Љубић", "ana0ljubic"),
    ],
)
def test_every_letter_has_a_key(name: str, text: str) -> None:
    assert fits(name, typed(text))


def test_what_no_letters_spell_is_left_out() -> None:
    assert keypad_words("李 Wei") == (typed("wei"),)
    assert keypad_words("山田") == ()


PEOPLE = [user(f"mary{number:03}", name=f"Mary Marble {number}") for number in range(101)]


@pytest.mark.row(179)
def test_too_many_people_in_scope_or_before_it() -> None:
    six = typed_name(PEOPLE[:6], typed("mar"), lambda user: True)
    assert six == Crowd(6, is_in_scope=True)
    nobody_in_scope = typed_name(PEOPLE, typed("mar"), lambda user: False)
    assert nobody_in_scope == Crowd(101, is_in_scope=False)
    few = typed_name(PEOPLE[:100], typed("mar"), lambda user: user.id < "mary005")
    assert few == tuple(PEOPLE[:5])


def test_a_name_that_is_said_is_the_whole_name() -> None:
    assert said_name(PEOPLE, "mary marble 7", lambda user: True) == (PEOPLE[7],)
    assert said_name(PEOPLE, "Mary", lambda user: True) == ()


@pytest.mark.parametrize(
    ("text", "number", "extension"),
    [
        ("+14255550100", "+14255550100", None),
        ("+14255550100;ext=5678", "+14255550100", "5678"),
        ("+14255550100x5678", "+14255550100", "5678"),
        ("x5678", None, "5678"),
    ],
)
def test_phones_of_profiles(text: str, number: str | None, extension: str | None) -> None:
    expected = ProfilePhone(None if number is None else E164(number), extension)
    assert ProfilePhone.parse_or_none(text) == expected


@pytest.mark.parametrize("text", ["", "5678", "x", "+1425x", "ext=5678", "+14255550100 x5"])
def test_what_is_no_phone_of_a_profile(text: str) -> None:
    assert ProfilePhone.parse_or_none(text) is None
