"""What a caller's key, word or silence does in a session (SPEC 6.5, 6.7, 6.9)."""

from callwright.domains.attendants import spoken
from callwright.domains.attendants.model import SearchBy
from callwright.domains.attendants.people import Found, Person, TooMany
from callwright.domains.attendants.rules import (
    END_OF_INPUT,
    Complete,
    Extension,
    Invalid,
    Wait,
    decide_key,
)
from callwright.domains.attendants.session import (
    Announcing,
    Choosing,
    Doubting,
    Greeted,
    Leaving,
    Named,
    Picking,
    Repeat,
    Session,
    Spelling,
    Turn,
    choose,
    end_greeting,
    fail,
    give_up_asking,
    gone,
    next_round,
    offer_menu,
    option_name,
    phrases,
    time_is_up,
    transfer,
)
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
from callwright.kernel.decision import Step
from callwright.kernel.limits.attendants import (
    ATTENDANT_ACTIONS_MAX,
    ATTENDANT_INTERDIGIT_S,
    ATTENDANT_ROUNDS,
    DIRECTORY_KEYS_MAX,
)
from callwright.kernel.prompt import Prompt
from callwright.kernel.target import ToUser

AGAIN = "*"
"""Repeats a list of people; amid a name it forgets what was typed."""
LETTER_KEYS = "23456789"
YES_KEY, NO_KEY = "1", "2"


def advance(session: Session, heard: Input) -> Turn:
    """Returns what follows ``heard``, which came of the session's last effect."""
    match session.phase, heard:
        case Leaving(leave=leave), Refused(because=because):
            return fail(session, leave, because)
        case _, TooLong():
            return time_is_up(session)
        case Leaving(leave=leave), _:
            return gone(session, leave)
        case _ if session.actions >= ATTENDANT_ACTIONS_MAX:
            return time_is_up(session)
        case Greeted(), _:
            return end_greeting(session)
        case Choosing(digits=digits), _:
            return _choosing(session, digits, heard)
        case Announcing(), Quiet():
            return offer_menu(session)
        case Announcing(), _:
            return _choosing(session, "", heard)
        case Spelling(keys=keys), _:
            return _spelling(session, keys, heard)
        case Picking(people=people), _:
            return _picking(session, people, heard)
        case Doubting(phrase=phrase), _:
            return _doubting(session, phrase, heard)
    raise AssertionError(f"{heard} came in {session.phase}")


# -- the menu ------------------------------------------------------------------------------------


def _choosing(session: Session, digits: str, heard: Input) -> Turn:
    if isinstance(heard, Said):
        return _said(session, heard)
    if isinstance(heard, Key):
        digits += heard.key
        if _begins_name(session, digits):
            return _spelled(session, digits)
    elif not digits:
        because = "no key was pressed in this round"
        return next_round(session).because("the round is over", because)
    reading = decide_key(
        session.menu,
        session.people.extensions(),
        digits,
        has_operator=session.attendant.operator is not None,
        timed_out=isinstance(heard, Quiet),
    )
    match reading:
        case Wait(for_s=for_s):
            ask = Ask((), Place.MENU, for_s, begins=False)
            return Turn(session._replace(phase=Choosing(digits)), ask)
        case Complete(key=key, choice=choice, because=because):
            turn = choose(session, choice, option_name(session, key))
            return turn.because(f"the caller chose {key}", because)
        case Extension(extension=extension):
            return _extension(session, extension)
        case Invalid():
            turn = next_round(session, spoken.invalid_key(session.language))
            return turn.because(f"{digits} is refused", "no key and no extension")


def _begins_name(session: Session, digits: str) -> bool:
    """Keys bound in the menu win over letters (SPEC 6.9)."""
    menu = session.menu
    return (
        menu.search is SearchBy.NAME
        and len(digits) == 1
        and digits in LETTER_KEYS
        and digits not in menu.keys
    )


def _extension(session: Session, extension: str) -> Turn:
    person = session.people.by_extension(extension)
    if person is None:
        turn = next_round(session, spoken.invalid_key(session.language))
        return turn.because(f"{extension} is refused", "it is nobody's whom callers may find")
    session = session.acted()._replace(searched_by_voice=False)
    turn = _transfer_to(session, person)
    because = f"it is {person.user}'s"
    return turn.because(f"the caller dialled extension {extension}", because)


def _transfer_to(session: Session, person: Person) -> Turn:
    """Who is found in the directory needs no licence (row 184)."""
    return transfer(session, Leave(ToUser(person.user), Outcome.FOUND), person.spoken)


# -- speech --------------------------------------------------------------------------------------


def _said(session: Session, said: Said) -> Turn:
    if said.phrase is None or said.phrase not in phrases(session):
        turn = next_round(session, spoken.not_understood(session.language))
        return turn.because("the caller is not understood", "none of the phrases was said")
    if said.is_sure:
        return _meant(session, said.phrase)
    question = spoken.did_you_say(said.phrase, session.language)
    ask = _question(session, question)
    step = Step(f"the caller is asked for {said.phrase}", "it was not understood for sure")
    return Turn(session._replace(phase=Doubting(said.phrase)), ask, (step,))


def _question(session: Session, question: Prompt) -> Ask:
    words = spoken.words_of(session.language)
    wanted = (words.yes, words.no)
    return Ask((question,), Place.CONFIRMATION, session.menu.round_wait_s, phrases=wanted)


def _doubting(session: Session, phrase: str, heard: Input) -> Turn:
    """Only a yes for sure is one: nobody is transferred on a guess."""
    words = spoken.words_of(session.language)
    match heard:
        case Key(key=key) if key == YES_KEY:
            return _meant(session, phrase)
        case Said(phrase=said, is_sure=True) if said == words.yes:
            return _meant(session, phrase)
        case _:
            turn = next_round(session)
            return turn.because(f"{phrase} is not taken", "the caller did not say yes")


def _meant(session: Session, phrase: str) -> Turn:
    match phrases(session)[phrase]:
        case Repeat():
            turn = offer_menu(session.acted())
            return turn.because("the menu is repeated", f"the caller said {phrase}")
        case Named(name=name):
            searched = session.acted()._replace(searched_by_voice=True)
            turn = _found(searched, searched.people.by_name(name))
            return turn.because(f"people called {name} are looked for", f"the caller said {phrase}")
        case key:
            turn = choose(session, session.menu.keys[key], option_name(session, key))
            return turn.because(f"the caller chose {key}", f"the caller said {phrase}")


# -- the directory -------------------------------------------------------------------------------


def _spelling(session: Session, keys: str, heard: Input) -> Turn:
    match heard:
        case Key(key=key) if key == AGAIN:
            return _spelled(session, "")
        case Key(key=key) if key != END_OF_INPUT and len(keys) < DIRECTORY_KEYS_MAX:
            return _spelled(session, keys + key)
        case Said():
            return _spelled(session, keys)
    if not keys:
        return next_round(session).because("the round is over", "no name was typed")
    searched = session.acted()._replace(searched_by_voice=False)
    turn = _found(searched, searched.people.by_keys(keys))
    return turn.because(f"people are looked for by {keys}", "the caller typed a name")


def _spelled(session: Session, keys: str) -> Turn:
    ask = Ask((), Place.SEARCH, ATTENDANT_INTERDIGIT_S, begins=False)
    return Turn(session._replace(phase=Spelling(keys)), ask)


def _found(session: Session, found: Found) -> Turn:
    match found:
        case TooMany(count=count, is_in_scope=is_in_scope):
            turn = next_round(session, spoken.too_many(session.language))
            whose = "in scope" if is_in_scope else "before the dial scope"
            return turn.because("there are too many names", f"{count} people fit, {whose}")
        case ():
            turn = next_round(session, spoken.nobody_found(session.language))
            return turn.because("nobody is found", "no name in scope fits")
        case (person,):
            turn = _transfer_to(session, person)
            return turn.because(f"{person.user} is found", "nobody else fits")
        case people:
            session = session._replace(rounds_left=ATTENDANT_ROUNDS)
            names = ", ".join(person.user for person in people)
            return _list(session, people).because(f"{names} are found", "the caller chooses")


def _list(session: Session, people: tuple[Person, ...], *before: Prompt) -> Turn:
    listed = spoken.choose_person(people, session.language)
    wanted: tuple[str, ...] = ()
    if session.hears_speech:
        digits = spoken.words_of(session.language).digits
        names = (person.spoken for person in people)
        wanted = (*names, *digits[1 : len(people) + 1])
    ask = Ask((*before, listed), Place.SELECTION, session.menu.round_wait_s, phrases=wanted)
    return Turn(session._replace(phase=Picking(people)), ask)


def _picking(session: Session, people: tuple[Person, ...], heard: Input) -> Turn:
    by_key = {str(number): person for number, person in enumerate(people, start=1)}
    match heard:
        case Key(key=key) if key in by_key:
            return _picked(session, by_key[key])
        case Key(key=key) if key == AGAIN:
            return _list(session.acted(), people)
        case Key(key=key) if key == END_OF_INPUT:
            return offer_menu(session.acted())
        case Said(phrase=phrase, is_sure=True) if phrase is not None:
            digits = spoken.words_of(session.language).digits
            named = [person for person in people if person.spoken == phrase]
            named += [person for key, person in by_key.items() if digits[int(key)] == phrase]
            if len(named) == 1:
                return _picked(session, named[0])
    left = session.rounds_left - 1
    before = () if isinstance(heard, Quiet) else (spoken.invalid_key(session.language),)
    if left <= 0:
        return give_up_asking(session, *before)
    return _list(session._replace(rounds_left=left), people, *before)


def _picked(session: Session, person: Person) -> Turn:
    turn = _transfer_to(session.acted(), person)
    return turn.because(f"the caller chose {person.user}", "one of those who were found")
