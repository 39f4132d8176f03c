"""What the file says of attendants, what is refused of it, and what calls see."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.unit.operations.contoso_file import FILE, mistakes_in

from callwright.domains.attendants.model import (
    DialScope,
    Menu,
    NameSuffix,
    OptionWords,
    SearchBy,
)
from callwright.kernel.ids import AutoAttendantId, GroupId, ResourceAccountId, UserId
from callwright.kernel.target import ToQueue
from callwright.operations.organisation_file import (
    Organisation,
    build_snapshot,
    from_entities,
    to_entities,
)
from callwright.operations.organisation_file.soundness import cautions, mistakes
from callwright.testing.builders import ALICE, BOB, RECEPTION, SUPPORT

Tree = dict[str, Any]


def tree_with(change: Any) -> Tree:
    tree: Tree = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    change(tree)
    return tree


def everything(tree: Tree) -> None:
    reception = tree["auto_attendants"]["reception"]
    reception |= {
        "name": "Contoso reception",
        "speech": True,
        "dial_scope": {"include": ["support-team"], "exclude": ["support-team"]},
        "name_suffix": "department",
    }
    reception["open"]["menu"] |= {"directory": "by-name"}
    reception["open"]["menu"]["keys"]["1"] = {
        "call_queue": "support", "priority": 1, "name": "our helpers", "command": "Help me",
    }  # fmt: skip
    tree["users"]["alice"]["profile"] = {
        "phones": {"home": "+14255550100x5678", "other": "x77", "mobile": "+12065550177"}
    }
    tree["resource_accounts"]["main-line"] |= {
        "delegates": ["alice"], "delegates_ring_s": 15, "web_pages": [PAGE],
    }  # fmt: skip


def test_what_the_file_says_is_what_calls_see() -> None:
    organisation = Organisation.model_validate(tree_with(everything))
    assert list(mistakes(organisation)) == []
    again = from_entities(to_entities(organisation))
    for each in (organisation, again):
        snapshot = build_snapshot(each, revision=1, base=None)
        reception = snapshot.attendants[RECEPTION]
        group = (GroupId("support-team"),)
        assert (reception.name, reception.takes_speech) == ("Contoso reception", True)
        assert reception.dial_scope == DialScope(group, group)
        assert reception.name_suffix is NameSuffix.DEPARTMENT
        menu = reception.open.then
        assert isinstance(menu, Menu)
        assert menu.keys["1"] == ToQueue(SUPPORT, 1)
        assert menu.words == {"1": OptionWords("our helpers", "Help me")}
        assert menu.search is SearchBy.NAME
        assert snapshot.user_by_other_extension == {"5678": ALICE, "77": ALICE}
        assert snapshot.name_by_number["+12065550177"] == "Alice Adams"
        assert "+14255550100" not in snapshot.name_by_number
        account = snapshot.resource_accounts[ResourceAccountId("main-line")]
        assert (account.delegates, account.delegates_ring_s) == ((ALICE,), 15)
        assert account.web_pages == {PAGE}


def test_an_attendant_without_words_is_as_it_was() -> None:
    snapshot = build_snapshot(
        Organisation.model_validate(tree_with(lambda tree: None)), revision=1, base=None
    )
    reception = snapshot.attendants[AutoAttendantId("reception")]
    assert (reception.name, reception.takes_speech) == ("reception", False)
    assert reception.dial_scope == DialScope()


def in_menu(**options: Any) -> Any:
    def change(tree: Tree) -> None:
        tree["auto_attendants"]["reception"]["open"]["menu"]["keys"] |= options

    return change


def in_reception(**settings: Any) -> Any:
    return lambda tree: tree["auto_attendants"]["reception"].update(settings)


def two_of_one_extension(tree: Tree) -> None:
    tree["users"]["alice"]["profile"] = {"phones": {"home": "x102"}}


def web_page(page: str) -> Any:
    def change(tree: Tree) -> None:
        tree["resource_accounts"]["main-line"]["web_pages"] = [page]

    return change


def delegates_of_a_queue(tree: Tree) -> None:
    tree["resource_accounts"]["support-line"]["delegates"] = ["alice"]


PAGE = "http://localhost:8080"
MENU = "auto_attendants.reception.open.menu"


@pytest.mark.parametrize(
    ("change", "place", "text"),
    [
        (
            in_menu(**{"1": {"call_queue": "support", "priority": 6}}),
            f"{MENU}.keys.1.priority",
            "must be a whole number from 1 to 5",
        ),
        (
            in_menu(**{"1": {"user": "bob", "priority": 1}}),
            f"{MENU}.keys.1.priority",
            "only a call queue or an auto attendant has it; leave it out",
        ),
        (
            in_menu(**{"1": {"user": "bob", "command": "x" * 65}}),
            f"{MENU}.keys.1.command",
            "must be 1 to 64 printable characters",
        ),
        (
            in_menu(**{key: {"user": user, "command": "Hello"} for key, user in
                       (("1", "bob"), ("2", "alice"))}),
            f"{MENU}.keys.2.command",
            "give each option a command of its own",
        ),
        (
            in_reception(dial_scope={"include": ["suport-team"]}),
            "auto_attendants.reception.dial_scope.include[0]",
            "there is no group 'suport-team'; did you mean support-team?",
        ),
        (in_reception(name_suffix="title"), "auto_attendants.reception.name_suffix", "office"),
        (two_of_one_extension, "users.alice.profile.phones.home", "102 is also bob's"),
        (
            delegates_of_a_queue,
            "resource_accounts.support-line.delegates",
            "make them agents of the queue",
        ),
        *[
            (
                web_page(page),
                "resource_accounts.main-line.web_pages[0]",
                "write scheme and host alone, such as https://www.contoso.com",
            )
            for page in ("www.contoso.com", "https://www.contoso.com/", "https://*.contoso.com")
        ],
    ],
)  # fmt: skip
def test_what_is_refused_names_the_place_and_the_remedy(
    tmp_path: Path, change: Any, place: str, text: str
) -> None:
    (mistake,) = mistakes_in(tmp_path, yaml.safe_dump(tree_with(change), sort_keys=False))
    assert place in str(mistake)
    assert text in str(mistake)


def cautions_of(change: Any) -> dict[str, str]:
    organisation = Organisation.model_validate(tree_with(change))
    return {".".join(map(str, path)): text for path, text in cautions(organisation)}


@pytest.mark.row(188)
def test_speech_that_nobody_understands_is_told_before_it_is_missed() -> None:
    found = cautions_of(in_reception(speech=True, language="sv-SE"))
    text = found["auto_attendants.reception.speech"]
    assert text.startswith("speech is not understood in sv-SE, so callers press keys only")
    assert "auto_attendants.reception.speech" not in cautions_of(in_reception(speech=True))
    other = cautions_of(in_reception(speech=True, language="de-DE"))
    assert "the built-in model is English" in other["auto_attendants.reception.speech"]


def crowded(tree: Tree) -> None:
    tree["users"] |= {f"user-{number}": {"name": f"User {number}"} for number in range(346)}
    in_reception(speech=True)(tree)
    tree["auto_attendants"]["reception"]["open"]["menu"]["directory"] = "by-name"


def test_names_that_cannot_be_said_are_told() -> None:
    text = cautions_of(crowded)[f"{MENU}.directory"]
    assert text.startswith("351 people are in its scope, and names of 350 can be said")

    def narrow(tree: Tree) -> None:
        crowded(tree)
        in_reception(dial_scope={"exclude": ["support-team"]})(tree)

    assert f"{MENU}.directory" not in cautions_of(narrow)


@pytest.mark.row(164)
def test_a_key_of_an_operator_whom_nobody_named_is_told() -> None:
    found = cautions_of(lambda tree: tree["auto_attendants"]["reception"].pop("operator"))
    assert found[f"{MENU}.keys.0"].startswith("does nothing without an operator")


def test_a_user_who_is_gone_has_no_extension_left() -> None:
    tree = tree_with(everything)
    del tree["users"]["alice"]["profile"]
    tree["users"]["bob"]["profile"] = {"phones": {"home": "x77"}}
    snapshot = build_snapshot(Organisation.model_validate(tree), revision=1, base=None)
    assert snapshot.user_by_other_extension == {"77": UserId(BOB)}
