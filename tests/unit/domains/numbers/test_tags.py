"""Tags are short, few, and the same in any case (row 37)."""

import pytest

from callwright.domains.numbers.tags import BadTag, has_tag, with_tags, without_tags


def test_the_51st_tag_is_refused() -> None:
    fifty = with_tags((), [f"tag {number}" for number in range(50)])
    assert len(fifty) == 50
    assert with_tags(fifty, ["TAG 7"]) == fifty
    with pytest.raises(BadTag, match="at most 50"):
        with_tags(fifty, ["one more"])


def test_a_tag_has_at_most_50_characters() -> None:
    assert with_tags((), ["a" * 50]) == ("a" * 50,)
    for bad in ("a" * 51, "", "  ", "two\nlines"):
        with pytest.raises(BadTag):
            with_tags((), [bad])


def test_tags_are_found_and_removed_in_any_case() -> None:
    tags = with_tags((), ["Reception ", "München"])
    assert tags == ("Reception", "München")
    assert has_tag(tags, "reception")
    assert has_tag(tags, "MÜNCHEN")
    assert not has_tag(tags, "recep")
    assert without_tags(tags, ["RECEPTION"]) == ("München",)
