"""Whatever a caller does, an attendant knows what to say, and a silent one is brought somewhere."""

from hypothesis import given
from hypothesis import strategies as st

from callwright.domains.attendants.interpreter import advance
from callwright.domains.attendants.model import (
    Announce,
    AutoAttendant,
    Broken,
    CallFlow,
    Choice,
    DialScope,
    Menu,
    NameSuffix,
    Operator,
    SearchBy,
)
from callwright.domains.attendants.session import Leaving, begin
from callwright.domains.attendants.turns import (
    Ask,
    Input,
    Key,
    Leave,
    Quiet,
    Refused,
    Said,
    TooLong,
)
from callwright.domains.directory.model import Profile
from callwright.kernel.e164 import E164
from callwright.kernel.ids import GroupId, UserId
from callwright.kernel.prompt import Say
from callwright.kernel.target import Disconnect, ToExternal, ToQueue, ToUser
from callwright.routing.people import SearchedPeople
from callwright.testing.builders import (
    BOB,
    SUPPORT,
    contoso_snapshot,
    contoso_users,
    reception,
    user,
)

SILENT_TURNS_MAX = 12
"""Three rounds of a menu, three of a list or a name, and what is said at the end."""

STONES = {
    key: user(key, name=f"{name} Stone", extension=extension, profile=Profile(office="Oslo"))
    for key, name, extension in (
        (UserId("mara"), "Mara", "2"),
        (UserId("marc"), "Marc", "20"),
        (UserId("mark"), "Mark", "2000"),
    )
}
SNAPSHOT = contoso_snapshot(users=contoso_users() | STONES)

choices: st.SearchStrategy[Choice] = st.sampled_from(
    [
        ToUser(BOB),
        ToQueue(SUPPORT),
        ToExternal(E164("+12065550199")),
        Disconnect(),
        Operator(),
        Announce(Say("We are here.")),
        Broken(ToUser(UserId("gone")), "gone is no user any longer"),
    ]
)
menus = st.builds(
    Menu,
    prompt=st.sampled_from([None, Say("Your choice.")]),
    keys=st.dictionaries(st.sampled_from("0123456789*#"), choices, max_size=6),
    search=st.sampled_from([None, *SearchBy]),
    force_listen=st.booleans(),
)
flows = st.builds(
    CallFlow,
    greeting=st.sampled_from([None, Say("Hello.")]),
    then=st.one_of(menus, menus, st.sampled_from([ToUser(BOB), Operator(), Disconnect()])),
)
attendants = st.builds(
    reception,
    open=flows,
    operator=st.sampled_from([None, ToUser(BOB), ToQueue(SUPPORT)]),
    takes_speech=st.booleans(),
    language=st.sampled_from(["en-US", "de-DE", "fi-FI"]),
    name_suffix=st.sampled_from(list(NameSuffix)),
    dial_scope=st.sampled_from([DialScope(), DialScope((GroupId("support-team"),))]),
)


def reply(data: st.DataObject, ask: Ask) -> Input:
    """Anything that can come of the question."""
    kinds: list[st.SearchStrategy[Input]] = [
        st.sampled_from("0123456789*#").map(Key),
        st.just(Quiet()),
        st.just(TooLong()),
    ]
    if ask.phrases:
        said = st.sampled_from([*ask.phrases, None])
        kinds.append(st.builds(Said, said, st.booleans()))
    return data.draw(st.one_of(kinds[0], kinds[0], *kinds[1:]))


@given(attendant=attendants, data=st.data(), turns=st.integers(0, 30))
def test_every_caller_is_answered_and_silence_ends(
    attendant: AutoAttendant, data: st.DataObject, turns: int
) -> None:
    turn = begin(attendant, attendant.open, SearchedPeople(SNAPSHOT, attendant))
    silent, refusals = 0, 0
    for number in range(turns + 4 * SILENT_TURNS_MAX):
        match turn.effect:
            case Ask() as ask:
                assert ask.prompts or ask.wait_s, "nobody is left in a silence without an end"
                is_silent = number >= turns
                silent += is_silent
                assert silent <= SILENT_TURNS_MAX * (1 + refusals)
                turn = advance(turn.session, Quiet() if is_silent else reply(data, ask))
            case Leave(target=None):
                return
            case Leave() as leave:
                assert isinstance(turn.session.phase, Leaving)
                refusals += 1
                assert refusals <= 2, "the operator stands in once"
                assert leave.target is not None
                turn = advance(turn.session, Refused("it does not take the call"))
    raise AssertionError("the caller is still there")
