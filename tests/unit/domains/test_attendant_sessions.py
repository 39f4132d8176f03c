"""What a session does that a caller in a world cannot bring about at will (SPEC 6)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import pytest

from callwright.domains.attendants import spoken
from callwright.domains.attendants.interpreter import advance
from callwright.domains.attendants.model import Announce, CallFlow, Menu, OptionWords, SearchBy
from callwright.domains.attendants.people import Found, Person
from callwright.domains.attendants.session import Turn, begin
from callwright.domains.attendants.spoken import SPEECH_LANGUAGES, words_of
from callwright.domains.attendants.turns import (
    Ask,
    Input,
    Key,
    Leave,
    Outcome,
    Place,
    Quiet,
    Refused,
    Said,
    TooLong,
)
from callwright.kernel.limits.attendants import ATTENDANT_ACTIONS_MAX, DIRECTORY_KEYS_MAX
from callwright.kernel.prompt import Prompt, Say
from callwright.kernel.target import Target, ToUser
from callwright.operations.organisation_file.registers import LANGUAGES
from callwright.testing.builders import ALICE, BOB, reception, reception_menu

GREETING, CHOICE = Say("Hello."), Say("Your choice.")


@dataclass(frozen=True)
class Colleagues:
    """Two people of one name, and Bob."""

    people: tuple[Person, ...] = (Person(ALICE, "Ali Smith"), Person(BOB, "Ali Smith"))

    def extensions(self) -> Collection[str]:
        return {"201"}

    def by_extension(self, extension: str) -> Person | None:
        return None

    def by_keys(self, keys: str) -> Found:
        return self.people

    def by_name(self, name: str) -> Found:
        return self.people if name == "Ali Smith" else ()

    def spoken_names(self) -> Sequence[str]:
        return ["Ali Smith"]

    def name_of(self, target: Target) -> str | None:
        return "Bob Brown" if target == ToUser(BOB) else None


def started(menu: Menu | None = None, **fields: object) -> Turn:
    flow = CallFlow(GREETING, menu or Menu(CHOICE, {"1": ToUser(BOB)}))
    attendant = reception(**{"open": flow, "takes_speech": True, **fields})
    return begin(attendant, flow, Colleagues())


def after(turn: Turn, *heard: Input) -> Turn:
    for each in heard:
        turn = advance(turn.session, each)
    return turn


def asked(turn: Turn) -> Ask:
    assert isinstance(turn.effect, Ask)
    return turn.effect


def said(turn: Turn) -> list[str]:
    prompts: tuple[Prompt, ...] = asked(turn).prompts
    return [prompt.text for prompt in prompts if isinstance(prompt, Say)]


def left(turn: Turn) -> Leave:
    assert isinstance(turn.effect, Leave)
    return turn.effect


UNSURE = Said("Bob Brown", is_sure=False)


def test_who_was_not_understood_for_sure_is_asked_and_a_yes_leads_on() -> None:
    doubt = after(started(), UNSURE)
    assert said(doubt) == ["Did you say Bob Brown? For yes, press 1. For no, press 2."]
    assert asked(doubt).phrases == ("Yes", "No")
    assert asked(doubt).place is Place.CONFIRMATION
    for yes in (Said("Yes"), Key("1")):
        assert said(after(doubt, yes)) == ["Transferring your call to Bob Brown."]
        assert left(after(doubt, yes, Quiet())).target == ToUser(BOB)


@pytest.mark.parametrize(
    "answer", [Said("No"), Key("2"), Said("Yes", is_sure=False), Said(None), Quiet(), Key("9")]
)
def test_nobody_is_transferred_on_a_guess(answer: Input) -> None:
    assert said(after(started(), UNSURE, answer)) == ["Your choice."]


def test_doubts_are_rounds_and_end_with_the_operator() -> None:
    turn = after(started(), *[UNSURE, Said("No")] * 3)
    assert said(turn) == ["Transferring your call to the operator."]
    assert left(after(turn, Quiet())) == Leave(ToUser(ALICE), Outcome.FAILOVER)


def test_words_that_are_always_understood() -> None:
    menu = replace(reception_menu(), words={"3": OptionWords(command="Address")})
    wanted = asked(started(menu)).phrases
    for word in ("Address", "Operator", "Repeat", "Main menu", "Zero", "One", "Bob Brown"):
        assert word in wanted
    assert "Four" not in wanted


@pytest.mark.row(164)
def test_without_an_operator_nobody_may_ask_for_one() -> None:
    wanted = asked(started(reception_menu(), operator=None)).phrases
    assert "Operator" not in wanted
    assert "Zero" not in wanted


@pytest.mark.parametrize("word", ["Repeat", "Main menu"])
def test_the_menu_is_heard_again_without_a_lost_round(word: str) -> None:
    turn = after(started(), *[Said(word)] * 5)
    assert said(turn) == ["Your choice."]


def test_a_name_that_two_people_have_is_never_guessed() -> None:
    menu = Menu(CHOICE, {}, search=SearchBy.NAME)
    turn = after(started(menu), Said("Ali Smith"))
    picking = after(turn, Said("Ali Smith"))
    assert said(picking)[0] == "Sorry, that is not a valid choice."
    assert said(after(picking, Said("Two"))) == ["Transferring your call to Ali Smith."]
    assert left(after(picking, Key("2"), Quiet())).target == ToUser(BOB)


def test_a_machine_that_presses_keys_for_ever_comes_to_the_operator() -> None:
    """Each announcement is a line in the record, which must not grow for half an hour."""
    turn = started(Menu(CHOICE, {"1": Announce(Say("Our address."))}))
    steps = 0
    for _ in range(2 * ATTENDANT_ACTIONS_MAX):
        if isinstance(turn.effect, Leave):
            break
        turn = advance(turn.session, Key("1"))
        steps += len(turn.steps)
    assert left(turn) == Leave(ToUser(ALICE), Outcome.TOO_LONG)
    assert steps <= 2 * ATTENDANT_ACTIONS_MAX


def test_a_name_without_end_is_looked_for_at_last() -> None:
    menu = Menu(CHOICE, {}, search=SearchBy.NAME)
    turn = after(started(menu), *[Key("2")] * DIRECTORY_KEYS_MAX)
    assert asked(turn).place is Place.SEARCH
    assert asked(after(turn, Key("2"))).place is Place.SELECTION


@pytest.mark.row(188)
@pytest.mark.parametrize("language", LANGUAGES)
def test_speech_is_taken_where_the_language_is_understood(language: str) -> None:
    phrases = asked(started(language=language)).phrases
    assert bool(phrases) is (language in SPEECH_LANGUAGES)


def test_speech_is_off_where_nobody_understands_the_language_here() -> None:
    flow = CallFlow(None, Menu(CHOICE, {"1": ToUser(BOB)}))
    attendant = reception(open=flow, takes_speech=True)
    assert not asked(begin(attendant, flow, Colleagues(), understands=False)).phrases


@pytest.mark.parametrize("language", sorted(SPEECH_LANGUAGES))
def test_each_language_of_speech_has_words_of_its_own(language: str) -> None:
    words = words_of(language)
    every = (words.yes, words.no, words.repeat, words.operator, words.main_menu, *words.digits)
    assert len(words.digits) == 10
    assert len({word.casefold() for word in every}) == len(every)
    assert language.startswith("en") is (words.yes == "Yes")


def test_time_is_up_leads_to_the_operator_or_ends_the_call() -> None:
    assert left(after(started(), TooLong())) == Leave(ToUser(ALICE), Outcome.TOO_LONG)
    alone = after(started(operator=None), TooLong())
    assert left(alone) == Leave(None, Outcome.TOO_LONG)


def test_who_is_leaving_already_leaves_when_time_is_up() -> None:
    leaving = after(started(), Key("1"), TooLong())
    assert left(leaving).target == ToUser(BOB)


def test_a_refusal_is_told_and_only_once_goes_to_the_operator() -> None:
    refused = after(started(), Key("1"), Quiet(), Refused("gone"))
    assert said(refused) == [
        "Sorry, your call cannot be connected.",
        "Transferring your call to the operator.",
    ]
    again = after(refused, Quiet(), Refused("gone, too"))
    assert said(again) == ["Sorry, your call cannot be connected."]
    assert left(after(again, Quiet())) == Leave(None, Outcome.TRANSFER_FAILED)


def test_actions_count_what_meant_something() -> None:
    turn = after(started(reception_menu()), Key("7"), Key("3"), Quiet(), Key("2"), Quiet())
    assert turn.session.actions == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_is_said_is_said_in_the_attendants_language(language: str) -> None:
    prompts = (
        spoken.invalid_key(language),
        spoken.not_understood(language),
        spoken.unreachable(language),
        spoken.nobody_found(language),
        spoken.too_many(language),
        spoken.transferring(None, language),
        spoken.transferring("Zoë {0}", language),
        spoken.transferring_to_operator(language),
        spoken.choose_person(Colleagues().people, language),
        spoken.did_you_say("Zoë", language),
    )
    assert len({prompt.text for prompt in prompts}) == len(prompts)
    assert {prompt.language for prompt in prompts} == {language}
    assert "Zoë {0}" in prompts[6].text
    assert prompts[8].text.count("Ali Smith") == 2
    assert all(key in prompts[8].text for key in "12")
    assert all(part in prompts[9].text for part in ("Zoë", "1", "2"))
    is_english = prompts[0].text == "Sorry, that is not a valid choice."
    assert is_english is language.startswith("en")
