"""One caller in one attendant: what is heard, what the caller does, and where it ends (SPEC 6).

`begin` and `advance` decide everything; they know neither a clock nor a call. Whoever drives them
does what the effect says and brings back what came of it. Calls and `explain` drive the same
session, so that they cannot tell different stories.
"""

from collections.abc import Mapping
from typing import NamedTuple

from callwright.domains.attendants import spoken
from callwright.domains.attendants.model import (
    Announce,
    AutoAttendant,
    Broken,
    CallFlow,
    Choice,
    Menu,
    Operator,
    SearchBy,
)
from callwright.domains.attendants.people import People, Person
from callwright.domains.attendants.turns import (
    Ask,
    Effect,
    Leave,
    Outcome,
    Place,
)
from callwright.kernel.decision import Step
from callwright.kernel.limits.attendants import ATTENDANT_ROUNDS
from callwright.kernel.prompt import Prompt
from callwright.kernel.target import Disconnect
from callwright.kernel.value import value


@value
class Greeted:
    """Hears the greeting of a flow that has no menu."""


@value
class Choosing:
    digits: str = ""
    """Pressed so far, and not yet decided."""


@value
class Announcing:
    """Hears an announcement, which leads back to the menu."""


@value
class Spelling:
    keys: str


@value
class Picking:
    people: tuple[Person, ...]


@value
class Doubting:
    """Is asked whether the phrase was meant."""

    phrase: str


@value
class Leaving:
    leave: Leave
    is_gone: bool = False
    """False: the caller still hears where it goes."""


Phase = Greeted | Choosing | Announcing | Spelling | Picking | Doubting | Leaving


class Session(NamedTuple):
    attendant: AutoAttendant
    flow: CallFlow
    people: People
    hears_speech: bool
    phase: Phase
    rounds_left: int = ATTENDANT_ROUNDS
    actions: int = 0
    """Keys that meant something, and phrases that were understood."""
    searched_by_voice: bool | None = None
    """How somebody was looked for in the directory last; None: nobody was."""

    @property
    def menu(self) -> Menu:
        assert isinstance(self.flow.then, Menu), "only a menu is chosen from"
        return self.flow.then

    @property
    def language(self) -> str:
        return self.attendant.language

    def acted(self) -> "Session":
        return self._replace(actions=self.actions + 1)


@value
class Turn:
    session: Session
    effect: Effect
    steps: tuple[Step, ...] = ()

    def because(self, what: str, why: str) -> "Turn":
        """The same with a step before the others."""
        return Turn(self.session, self.effect, (Step(what, why), *self.steps))


def begin(
    attendant: AutoAttendant, flow: CallFlow, people: People, *, understands: bool = True
) -> Turn:
    """Starts with the greeting of ``flow``. ``understands``: somebody does, who speaks the
    attendant's language; without that callers press keys only (row 188)."""
    hears_speech = (
        attendant.takes_speech and understands and attendant.language in spoken.SPEECH_LANGUAGES
    )
    session = Session(attendant, flow, people, hears_speech, Greeted())
    greeting = () if flow.greeting is None else (flow.greeting,)
    if isinstance(flow.then, Menu):
        return offer_menu(session, *greeting)
    if greeting:
        return Turn(session, Ask(greeting, Place.GREETING, barge_in=False))
    return end_greeting(session)


def end_greeting(session: Session) -> Turn:
    """The flow leads on without a choice."""
    then = session.flow.then
    assert not isinstance(then, Menu), "a menu is offered"
    if isinstance(then, Operator):
        operator = session.attendant.operator
        if operator is None:
            because = "the flow leads to the operator, and there is none"
            return _end(session, Outcome.NO_OPERATOR).because("the call ends", because)
        return gone(session, Leave(operator, Outcome.OPERATOR))
    if isinstance(then, Disconnect):
        return _end(session, Outcome.AUTOMATIC)
    return gone(session, Leave(then, Outcome.AUTOMATIC))


def offer_menu(session: Session, *before: Prompt) -> Turn:
    """Plays the menu, after what comes ``before`` it."""
    menu = session.menu
    prompts = before if menu.prompt is None else (*before, menu.prompt)
    ask = Ask(
        prompts,
        Place.MENU,
        menu.round_wait_s,
        barge_in=not menu.force_listen,
        phrases=tuple(phrases(session)),
    )
    return Turn(session._replace(phase=Choosing()), ask)


def next_round(session: Session, *before: Prompt) -> Turn:
    """A round passed without a choice; after three of them the operator is asked (row 165)."""
    left = session.rounds_left - 1
    if left > 0:
        return offer_menu(session._replace(rounds_left=left), *before)
    return give_up_asking(session, *before)


def give_up_asking(session: Session, *before: Prompt) -> Turn:
    operator, rounds = session.attendant.operator, f"{ATTENDANT_ROUNDS} rounds without a choice"
    if operator is None:
        leave = Leave(None, Outcome.NO_OPERATOR)
        return _told(session, leave, *before).because("the call ends", rounds)
    told = spoken.transferring_to_operator(session.language)
    leave = Leave(operator, Outcome.FAILOVER)
    return _told(session, leave, *before, told).because("the operator is asked", rounds)


def choose(session: Session, choice: Choice, name: str | None) -> Turn:
    """Does what a key or a phrase is for; ``name`` is what the option is called."""
    session = session.acted()
    match choice:
        case Announce(prompt=prompt):
            ask = Ask((prompt,), Place.ANNOUNCEMENT, barge_in=not session.menu.force_listen)
            return Turn(session._replace(phase=Announcing(), rounds_left=ATTENDANT_ROUNDS), ask)
        case Operator():
            operator = session.attendant.operator
            assert operator is not None, "without an operator the key is inactive"
            told = spoken.transferring_to_operator(session.language)
            return _told(session, Leave(operator, Outcome.OPERATOR), told)
        case Broken(because=because):
            return fail(session, Leave(None, Outcome.CHOSEN), because)
        case Disconnect():
            return _end(session, Outcome.CHOSEN)
        case target:
            return transfer(session, Leave(target, Outcome.CHOSEN), name)


def transfer(session: Session, leave: Leave, name: str | None) -> Turn:
    """Tells the caller where the call goes, and lets it go (row 162)."""
    return _told(session, leave, spoken.transferring(name, session.language))


def fail(session: Session, leave: Leave, because: str) -> Turn:
    """What was chosen does not take the call: the operator stands in, who may not be there
    either (row 166)."""
    operator = session.attendant.operator
    sorry = spoken.unreachable(session.language)
    was_operator = leave.outcome in (Outcome.OPERATOR, Outcome.FAILOVER)
    if operator is None or was_operator or leave.target == operator:
        why = "the operator cannot be reached" if operator else "there is no operator"
        ended = Leave(None, Outcome.TRANSFER_FAILED)
        return _told(session, ended, sorry).because("the call ends", f"{because}, and {why}")
    told = spoken.transferring_to_operator(session.language)
    failover = Leave(operator, Outcome.FAILOVER)
    return _told(session, failover, sorry, told).because("the operator is asked", because)


def time_is_up(session: Session) -> Turn:
    """Keeps a forgotten line from staying for ever; a caller who is leaving already leaves."""
    if isinstance(session.phase, Leaving):
        return gone(session, session.phase.leave)
    operator, why = session.attendant.operator, "the session is too long"
    if operator is None:
        return _end(session, Outcome.TOO_LONG).because("the call ends", why)
    return gone(session, Leave(operator, Outcome.TOO_LONG)).because("the operator is asked", why)


def option_name(session: Session, key: str) -> str | None:
    """What the option behind the key is called; None: the caller is told of no name."""
    words = session.menu.words.get(key)
    if words is not None and words.name is not None:
        return words.name
    choice = session.menu.keys[key]
    if isinstance(choice, Announce | Operator | Broken):
        return None
    return session.people.name_of(choice)


def operator_key(session: Session) -> str | None:
    """The key that leads to the operator; without one nobody can ask for the operator."""
    if session.attendant.operator is None:
        return None
    keys = (key for key, choice in session.menu.keys.items() if isinstance(choice, Operator))
    return next(keys, None)


@value
class Repeat:
    """The caller wants to hear the menu again."""


@value
class Named:
    """The caller said somebody's name."""

    name: str


Meaning = Repeat | Named | str
"""A string is a key of the menu."""


def phrases(session: Session) -> Mapping[str, Meaning]:
    """What may be said in the menu, and what it means; of two that sound alike the first counts."""
    if not session.hears_speech:
        return {}
    menu, words = session.menu, spoken.words_of(session.language)
    found: dict[str, Meaning] = {}
    for key in menu.keys:
        option = menu.words.get(key)
        command = None if option is None else option.command
        said = command or option_name(session, key)
        if said is not None:
            found.setdefault(said, key)
    to_operator = operator_key(session)
    if to_operator is not None:
        found.setdefault(words.operator, to_operator)
    found.setdefault(words.repeat, Repeat())
    found.setdefault(words.main_menu, Repeat())
    for digit, said in enumerate(words.digits):
        choice = menu.keys.get(str(digit))
        if choice is not None and not (isinstance(choice, Operator) and to_operator is None):
            found.setdefault(said, str(digit))
    if menu.search is SearchBy.NAME:
        for name in session.people.spoken_names():
            found.setdefault(name, Named(name))
    return found


def _told(session: Session, leave: Leave, *prompts: Prompt) -> Turn:
    if not prompts:
        return gone(session, leave)
    place = Place.END if leave.target is None else Place.TRANSFER
    leaving = session._replace(phase=Leaving(leave))
    return Turn(leaving, Ask(prompts, place, barge_in=False))


def gone(session: Session, leave: Leave) -> Turn:
    """The caller has heard where it goes."""
    return Turn(session._replace(phase=Leaving(leave, is_gone=True)), leave)


def _end(session: Session, outcome: Outcome) -> Turn:
    return gone(session, Leave(None, outcome))
