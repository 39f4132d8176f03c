"""Values are compared, hashed and replaced like any frozen dataclass; mypy keeps them frozen."""

from dataclasses import replace

from callwright.kernel.value import value


@value
class Place:
    host: str
    port: int = 5060


def test_equal_values_are_one_key() -> None:
    assert {Place("a"): 1}[Place("a", 5060)] == 1
    assert Place("a") != Place("a", 5061)


def test_a_value_is_replaced_not_changed() -> None:
    place = Place("a")
    assert replace(place, port=1) == Place("a", 1)
    assert place == Place("a")


def test_it_has_its_fields_and_no_others() -> None:
    assert not hasattr(Place("a"), "__dict__")
