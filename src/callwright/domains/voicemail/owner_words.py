"""What owners of mailboxes hear: the menu's sentences, whose translations are beside this."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnerWords:
    """Of one language; keys are written as digits, a star and a hash as words."""

    enter_pin: str
    wrong_pin: str
    locked: str
    no_pin: str
    no_mailbox: str
    none: str
    """No message at all."""
    one: str
    """One message altogether: ``{new}`` and ``{old}``."""
    many: str
    none_in: str
    """As the three above, of a shared ``{mailbox}``."""
    one_in: str
    many_in: str
    main_menu: str
    shared_hint: str
    shared_menu: str
    message_menu: str
    new_message: str
    heading: str
    """``{caller}``, ``{weekday}``, the ``{day}`` of the month, ``{time}`` of 24 hours."""
    weekdays: tuple[str, ...]
    """Monday first."""
    no_more: str
    saved: str
    deleted: str
    gone: str
    no_way_back: str
    forward_to: str
    nobody_there: str
    protected: str
    comment: str
    forwarded: str
    not_forwarded: str
    full_there: str
    greeting_menu: str
    speak_greeting: str
    keep_greeting: str
    removed: str
    not_allowed: str
    in_office: str
    out_of_office: str
    new_pin: str
    same_pin: str
    different_pins: str
    bad_pin: str
    pin_changed: str
    goodbye: str
    takes_messages: str
    """The five rules, as `AnswerRule` has them."""
    turns_away: str
    greets_only: str
    greets_and_leads_on: str
    takes_messages_or_leads_on: str
