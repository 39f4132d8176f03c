"""Groups in groups: who is in them, against a naive reference, and what cannot be."""

from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.operations.contoso_file import FILE, contoso_text, mistakes_in

from callwright.kernel.limits.rights import GROUP_DEPTH_MAX
from callwright.operations.organisation_file import Organisation
from callwright.operations.organisation_file.checks import Names
from callwright.operations.organisation_file.membership import check_groups, users_by_group
from callwright.operations.organisation_file.schema import GroupSettings

USERS = ("alice", "bob", "carol", "dave", "erin")
GROUPS = ("g0", "g1", "g2", "g3", "g4", "g5")
MEMBERS = st.lists(
    st.sampled_from(USERS) | st.builds(lambda key: {"group": key}, st.sampled_from(GROUPS)),
    max_size=6,
)
ANY = st.dictionaries(st.sampled_from(GROUPS), MEMBERS)


CONTOSO = Organisation.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))
NAMES = Names.declared(CONTOSO)


def with_groups(groups: dict[str, Any]) -> Organisation:
    return CONTOSO.model_copy(update={"groups": settings(groups)})


def settings(groups: dict[str, Any]) -> dict[str, GroupSettings]:
    return {key: GroupSettings(members=members) for key, members in groups.items()}


def below(key: str, groups: dict[str, Any]) -> set[str]:
    """Groups that are reached from one, itself only where they contain it."""
    found: set[str] = set()
    waiting = [key]
    while waiting:
        for member in groups.get(waiting.pop(), ()):
            if isinstance(member, dict) and member["group"] not in found:
                found.add(member["group"])
                waiting.append(member["group"])
    return found


@given(ANY)
def test_a_group_has_the_users_of_all_groups_below_it(groups: dict[str, Any]) -> None:
    if any(key in below(key, groups) for key in groups):
        users_by_group(settings(groups))  # refused by the checks, and ends all the same
        return
    for key, users in users_by_group(settings(groups)).items():
        expected = {
            member
            for inner in {key} | below(key, groups)
            for member in groups.get(inner, ())
            if isinstance(member, str)
        }
        assert len(users) == len(set(users))
        assert set(users) == expected


@given(ANY)
def test_a_circle_is_found_exactly_where_there_is_one(groups: dict[str, Any]) -> None:
    told = [f for f in check_groups(with_groups(groups), NAMES) if f.path[-1] == "members"]
    assert bool(told) is any(key in below(key, groups) for key in groups)


def test_the_users_of_an_inner_group_stand_in_its_place() -> None:
    groups = {"team": ["erin", {"group": "inner"}, "bob"], "inner": ["bob", "alice"]}
    assert users_by_group(settings(groups))["team"] == ("erin", "bob", "alice")


def nested(levels: int) -> str:
    lines = [f"  level-{n}: {{members: [{{group: level-{n + 1}}}]}}\n" for n in range(1, levels)]
    lines.append(f"  level-{levels}: {{members: [alice]}}\n")
    return contoso_text(("groups:\n", "groups:\n" + "".join(lines)))


def test_groups_nest_ten_deep_and_no_deeper(tmp_path: Path) -> None:
    assert mistakes_in(tmp_path, nested(GROUP_DEPTH_MAX)) == ()
    (mistake,) = mistakes_in(tmp_path, nested(GROUP_DEPTH_MAX + 1))
    assert mistake.path == "groups.level-1.members[0].group"
    assert "11th level" in mistake.text


def test_seats_are_counted_over_groups(tmp_path: Path) -> None:
    group = "{members: [alice, bob], licences: [premium]}"
    short = contoso_text(
        ("{members: [alice, bob]}", group), ("licences:\n", "licences:\n  premium: 1\n")
    )
    (mistake,) = mistakes_in(tmp_path, short)
    assert mistake.path == "licences.premium"
    assert "2 seats are held and 1 bought" in mistake.text
    enough = short.replace("premium: 1\n", "premium: 2\n")
    assert mistakes_in(tmp_path, enough) == ()
