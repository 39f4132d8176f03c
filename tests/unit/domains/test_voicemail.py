"""How mailboxes answer, which PIN is taken, what is masked (pure)."""

import re
from dataclasses import fields
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from callwright.domains.voicemail.model import (
    NOTHING_CHOSEN,
    AnswerRule,
    Choice,
    Holdings,
    Mailbox,
    OutOfOffice,
    VoicemailPolicy,
)
from callwright.domains.voicemail.owner_translations import OWNER_WORDS, owner_words
from callwright.domains.voicemail.owner_words import OwnerWords
from callwright.domains.voicemail.profanity import masked
from callwright.domains.voicemail.rules import (
    effective_rule,
    is_full,
    is_out_of_office,
    languages_of,
    pin_lock_s,
    pin_objection,
    plan_answer,
)
from callwright.kernel.ids import MailboxId, UserId
from callwright.kernel.prompt import Say
from callwright.kernel.target import ToUser

PACIFIC = ZoneInfo("America/Los_Angeles")
NOON = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
PLAIN = Mailbox(MailboxId("alice"), "Alice", email=None, pin=None)
POLICY = VoicemailPolicy()


def test_the_choice_of_an_owner_comes_before_the_file_as_long_as_the_policy_lets_him() -> None:
    chosen = Choice(rule=AnswerRule.PROMPT)
    assert effective_rule(PLAIN, POLICY, chosen) is AnswerRule.PROMPT
    strict = VoicemailPolicy(edit_answer_rules=False)
    assert effective_rule(PLAIN, strict, chosen) is AnswerRule.VOICEMAIL
    away = Choice(out_of_office=True)
    assert is_out_of_office(PLAIN, POLICY, away, zone=PACIFIC, now=NOON)
    assert not is_out_of_office(PLAIN, strict, away, zone=PACIFIC, now=NOON)


def test_a_chosen_rule_that_leads_nowhere_does_not_count() -> None:
    chosen = Choice(rule=AnswerRule.VOICEMAIL_OR_TRANSFER)
    assert effective_rule(PLAIN, POLICY, chosen) is AnswerRule.VOICEMAIL
    leading = Mailbox(
        MailboxId("alice"), "Alice", email=None, pin=None, transfer_to=ToUser(UserId("bob"))
    )
    assert effective_rule(leading, POLICY, chosen) is AnswerRule.VOICEMAIL_OR_TRANSFER


@pytest.mark.parametrize(
    ("file", "choice", "expected"),
    [
        (OutOfOffice(), NOTHING_CHOSEN, False),
        (OutOfOffice(is_on=True), NOTHING_CHOSEN, True),
        (OutOfOffice(is_on=True, until=date(2026, 7, 2)), NOTHING_CHOSEN, True),
        (OutOfOffice(is_on=True, until=date(2026, 7, 1)), NOTHING_CHOSEN, False),
        (OutOfOffice(is_on=True), Choice(out_of_office=False), False),
        (OutOfOffice(), Choice(out_of_office=True), True),
        (OutOfOffice(), Choice(out_of_office=True, until=date(2026, 7, 1)), False),
    ],
)
def test_out_of_office_ends_when_its_day_begins_where_the_organisation_is(
    file: OutOfOffice, choice: Choice, expected: bool
) -> None:
    mailbox = Mailbox(MailboxId("alice"), "Alice", email=None, pin=None, out_of_office=file)
    assert is_out_of_office(mailbox, POLICY, choice, zone=PACIFIC, now=NOON) is expected


def test_the_mailboxs_language_comes_before_the_policys_two() -> None:
    two = VoicemailPolicy(languages=("en-US", "fr-FR"))
    german = Mailbox(MailboxId("a"), "A", email=None, pin=None, language="de-DE")
    assert languages_of(german, two, "it-IT") == ("de-DE",)
    assert languages_of(PLAIN, two, "it-IT") == ("en-US", "fr-FR")
    assert languages_of(PLAIN, POLICY, "it-IT") == ("it-IT",)


@pytest.mark.parametrize("tag", OWNER_WORDS)
def test_every_language_has_every_sentence_of_the_menu_with_the_same_places_and_keys(
    tag: str,
) -> None:
    for name in (field.name for field in fields(OwnerWords)):
        english, other = getattr(OWNER_WORDS["en"], name), getattr(OWNER_WORDS[tag], name)
        if isinstance(english, tuple):
            assert len(other) == 7
            continue
        assert set(re.findall(r"{\w+}", other)) == set(re.findall(r"{\w+}", english)), name
        assert re.findall(r"\d+", other) == re.findall(r"\d+", english), name


def test_what_is_not_translated_is_said_by_an_english_voice() -> None:
    assert owner_words("nl-BE") == (OWNER_WORDS["nl"], "nl-BE")
    assert owner_words("pl-PL") == (OWNER_WORDS["en"], "en-US")
    plan = plan_answer(PLAIN, POLICY, NOTHING_CHOSEN, language="pl-PL", zone=PACIFIC, now=NOON)
    (greeting,) = plan.greeting
    assert isinstance(greeting, Say)
    assert greeting.language == "en-US"


def test_a_mailbox_is_full_by_messages_or_by_minutes() -> None:
    assert is_full(POLICY, Holdings(600, 400, 0.0))
    assert not is_full(POLICY, Holdings(600, 399, 1e9))
    assert is_full(VoicemailPolicy(minutes_max=2), Holdings(1, 0, 120.0))
    assert not is_full(VoicemailPolicy(minutes_max=2), Holdings(1, 0, 119.0))


@pytest.mark.parametrize(
    "pin", ["", "123", "1" * 13, "12a4", "٣٤٥٦", "1234", "9876", "7777", "0101"]
)
def test_a_pin_that_anybody_guesses_is_not_taken(pin: str) -> None:
    assert pin_objection(pin, {"number": "+14255550101"}) is not None


@pytest.mark.parametrize("pin", ["2468", "739152", "8020"])
def test_any_other_pin_is_taken(pin: str) -> None:
    assert pin_objection(pin, {"number": "+14255550101"}) is None


def test_a_lock_begins_with_the_fifth_failure_and_doubles_up_to_a_day() -> None:
    assert [pin_lock_s(count) for count in (0, 4, 5, 6)] == [0.0, 0.0, 900.0, 1800.0]
    assert pin_lock_s(100) == 86_400.0


@pytest.mark.row(241)
@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("This is a damn shame.", "This is a **** shame."),
        ("FUCKING phones", "******* phones"),
        ("Scunthorpe, Dickens and a classic cocktail", None),
        ("the widget is broken", "the ****** is broken"),
    ],
)
def test_profanity_is_masked_and_words_that_only_contain_it_are_not(
    said: str, shown: str | None
) -> None:
    assert masked(said, {"widget"}) == (said if shown is None else shown)
