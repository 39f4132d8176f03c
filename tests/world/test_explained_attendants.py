"""`explain` says of attendants, queues and groups what real calls do: random organisations, callers
and times."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.world.attendant_scene import person
from tests.world.contoso_scene import File, contoso

from callwright.calls.record import CallRecord, CallResult
from callwright.calls.visits import QueueResult, QueueVisit
from callwright.kernel.decision import Step
from callwright.kernel.reason import Reason
from callwright.routing.explain import Explanation, explain
from callwright.routing.scripted_caller import Press
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Answer
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NAMES = ("first", "second", "third")
QUEUES = ("full", "deserted", "hasty", "vain")
"""What becomes of a caller is known beforehand, whatever agents do."""
PEOPLE = {
    "mara": person("Mara Stone", extension="201"),
    "marc": person("Marc Stone", extension="202"),
    "lena": person("Lena Oak", extension="21"),
    "nora": person("Nora Elm", extension="22", enabled=False),
    "otto": person("Otto Oak", extension="210", profile={"hidden": True}),
}
TARGETS = (
    {"user": "alice"},
    {"user": "bob"},
    {"user": "lena"},  # has no licence: the operator stands in
    {"user": "nora"},
    {"call_queue": "support"},
    {"external": "+12065550199"},
    {"external": "+442071234567"},  # no route leads there
    {"group": "support-team"},
    {"group": "nobody"},
    *({"call_queue": name} for name in QUEUES),
    *({"auto_attendant": name} for name in NAMES * 2),
)
LETTERS = ("627#", "62720", "7866", "5362#", "625", "6886#", "2", "9*627#")
GROUPS = (*"01230123", "7", "12", "201", "21", "210", "20", "*", "#", "1#", *LETTERS)

targets = st.sampled_from(TARGETS)
options = st.one_of(
    targets,
    targets,
    targets,
    st.just("operator"),
    st.just("disconnect"),
    st.sampled_from([{"say": "We are here."}, {"say": "We are there."}]),
)


def prompt(kind: str, name: str) -> dict[str, str]:
    return {"say": f"{kind} of {name}."}


@st.composite
def flows(draw: st.DrawFn, name: str) -> dict[str, Any]:
    flow: dict[str, Any] = {}
    if draw(st.booleans()):
        flow["greeting"] = prompt("Greeting", name)
    if draw(st.booleans()):
        flow["menu"] = {
            "prompt": prompt("Menu", name),
            "keys": draw(st.dictionaries(st.sampled_from("0123*#"), options, min_size=1)),
            "force_listen": draw(st.booleans()),
            "round_wait_s": 2,
        }
        search = draw(st.sampled_from([None, "by-name", "by-extension"]))
        if search:
            flow["menu"]["directory"] = search
    else:
        flow["then"] = draw(
            st.one_of(targets, targets, st.sampled_from(["operator", "disconnect"]))
        )
    return flow


@st.composite
def attendants(draw: st.DrawFn, name: str) -> dict[str, Any]:
    attendant: dict[str, Any] = {
        "hours": {"mon-sun": [draw(st.sampled_from(["00:00-12:00", "09:00-17:00"]))]},
        "open": draw(flows(name)),
        "closed": draw(flows(name)),
    }
    if draw(st.integers(0, 3)):
        attendant["operator"] = draw(targets)
    return attendant


@st.composite
def queues(draw: st.DrawFn) -> dict[str, Any]:
    """One that is full with the first caller, one without agents, one in which nobody waits, and
    one in which everybody waits in vain."""

    def exception() -> dict[str, Any]:
        told = {"prompt": {"say": "Not now."}} if draw(st.booleans()) else {}
        return {"to": draw(st.one_of(targets, targets, st.just("disconnect"))), **told}

    greeting = {"greeting": {"say": "You wait."}} if draw(st.booleans()) else {}
    return {
        "full": {"agents": [{"user": "bob"}], "max_waiting": 0, "overflow": exception()},
        "deserted": {"agents": [{"user": "lena"}], "no_agents": exception(), **greeting},
        "hasty": {
            "agents": [{"user": "bob"}],
            "timeout": {"after_s": 0, **exception()},
            **greeting,
        },
        "vain": {"agents": [], "timeout": {"after_s": 15, **exception()}, **greeting},
    }


@dataclass(frozen=True)
class Case:
    attendants: dict[str, Any]
    queues: dict[str, Any]
    then: Any
    """Of a group of which nobody may be rung."""
    first: dict[str, str]
    """What the number that is called answers with."""
    at: datetime
    groups: tuple[str, ...]

    def snapshot(self) -> Snapshot:
        def change(file: File) -> None:
            file["users"] |= PEOPLE
            file["auto_attendants"] = self.attendants
            file["call_queues"] |= self.queues
            file["groups"]["nobody"] = {"members": ["lena", "nora"], "ring": {"then": self.then}}
            # Bob's calls go where nobody waits: an attendant may have to stand in for him.
            file["users"]["mara"]["answering"] = {"forward": {"to": {"call_queue": "full"}}}
            file["users"]["mara"]["licences"] = ["phone-system"]
            routing = file["pstn"]["direct_routing"]
            routing["routes"] = [r for r in routing["routes"] if r["usage"] == "national"]
            routing["policies"]["default"] = {"usages": ["national"]}
            for account in file["resource_accounts"].values():
                if "auto_attendant" in account["answers"]:
                    account["answers"] = self.first

        return contoso(change)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    return Case(
        {name: draw(attendants(name)) for name in NAMES},
        draw(queues()),
        draw(st.one_of(targets, st.just("disconnect"))),
        draw(st.sampled_from([{"auto_attendant": "first"}, *({"call_queue": q} for q in QUEUES)])),
        START + timedelta(hours=draw(st.integers(0, 23))),
        tuple(draw(st.lists(st.sampled_from(GROUPS), min_size=2, max_size=8))),
    )


PHONES = ("alice", "bob", "mara", "marc", "lena", "otto")
SILENT_S = 0.5
TICK_S = 0.1


async def live_through(world: World, groups: tuple[str, ...]) -> CallRecord:
    """A caller who hears prompts to their end before each group of keys."""
    for key in PHONES:
        (await world.phone(key)).reaction = Answer()
    for sbc in ("sbc1", "sbc2"):
        world.carrier(sbc).reaction = Answer()
    call = world.carrier("sbc1").call("+14255550150", calling="+12065550123")
    call.hush()
    left = list(groups)
    while await at_prompt_end(call):
        if left:
            await call.press(left.pop(0))
    if not call.is_over:
        call.hang_up()
    return await world.record()


async def at_prompt_end(call: PhoneCall) -> bool:
    """Whether a prompt was heard to its end; False: the call is over, or somebody else is heard."""
    has_heard, silent_s = False, 0.0
    while silent_s < SILENT_S:
        if call.is_over:
            return False
        heard = call.hears()
        if any(not name.startswith("say: ") for name in heard - {"ringback", "music"}):
            return False
        has_heard = has_heard or bool(heard)
        silent_s = silent_s + TICK_S if has_heard and not heard else 0.0
        await asyncio.sleep(TICK_S)
    return True


def decided(explanation: Explanation) -> list[Step]:
    """What is known beforehand, without what it says of prompts and queues: of a queue whose agents
    ring it only begins."""
    told = ("the caller hears ", "at most ", "if no agent ")
    steps = [step for step in explanation.steps[1:] if not step.what.startswith(told)]
    ringing = (n for n, step in enumerate(steps) if step.what.startswith("agents "))
    return steps[: next(ringing, len(steps))]


def timeless(steps: Iterable[Step]) -> list[Step]:
    """A caller comes to a later attendant some minutes later than `explain` does."""
    return [replace(step, because=re.sub(r"\d\d:\d\d", "HH:MM", step.because)) for step in steps]


def ends_of(record: CallRecord) -> tuple[str, ...]:
    """In what `explain` says it; any of them will do."""
    if record.reason is Reason.LOOP:
        return ("refused: forwarding-loop",)
    if record.result is CallResult.VOICEMAIL:
        return (f"voicemail of {record.callee_user}",)
    numbers = [s.what.split()[0] for s in record.steps if " leaves through " in s.what]
    if numbers:
        return (f"calls {numbers[-1]} through ",)
    if record.callee_user is None:
        return ("the call ends", f"refused: {record.reason.code}")
    queues = [visit for visit in record.visits if isinstance(visit, QueueVisit)]
    if any(visit.result is QueueResult.AGENT_JOINED_CONFERENCE for visit in queues):
        return ("waits in queue support for alice, bob ",)
    if any(step.because == "group support-team" for step in record.steps):
        return ("rings group support-team ",)
    return (f"rings {record.callee_user} ",)


@given(cases())
@settings(phases=(Phase.generate,))  # a case that fails is small enough, and slow to shrink
def test_explain_equals_what_calls_do(case: Case) -> None:
    told: list[Explanation] = []

    async def scene(world: World) -> None:
        told.append(
            explain(
                world.snapshot,
                caller="+12065550123",
                dialled="+14255550150",
                at=case.at,
                acts=[Press(group) for group in case.groups],
            )
        )
        record = await live_through(world, case.groups)
        steps = timeless(decided(told[0]))
        assert timeless(record.steps)[: len(steps)] == steps
        assert any(end in told[0].outcome for end in ends_of(record)), told[0].outcome

    play(scene, organisation=case.snapshot(), started_at=case.at)
