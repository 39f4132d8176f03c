"""`explain` says of attendants what real calls do: random organisations, callers and times."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.world.attendant_scene import person, visits_of
from tests.world.contoso_scene import File, contoso

from callwright.calls.record import CallRecord, CallResult
from callwright.calls.visits import AttendantResult, QueueVisit, TransferAction
from callwright.kernel.decision import Step
from callwright.routing.explain import Explanation, explain
from callwright.routing.scripted_caller import Press
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Answer
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NAMES = ("first", "second", "third")
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


@dataclass(frozen=True)
class Case:
    attendants: dict[str, Any]
    at: datetime
    groups: tuple[str, ...]

    def snapshot(self) -> Snapshot:
        def change(file: File) -> None:
            file["users"] |= PEOPLE
            file["auto_attendants"] = self.attendants
            routing = file["pstn"]["direct_routing"]
            routing["routes"] = [r for r in routing["routes"] if r["usage"] == "national"]
            routing["policies"]["default"] = {"usages": ["national"]}
            for account in file["resource_accounts"].values():
                if "auto_attendant" in account["answers"]:
                    account["answers"] = {"auto_attendant": "first"}

        return contoso(change)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    return Case(
        {name: draw(attendants(name)) for name in NAMES},
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
        if any(not name.startswith("say: ") for name in heard - {"ringback"}):
            return False
        has_heard = has_heard or bool(heard)
        silent_s = silent_s + TICK_S if has_heard and not heard else 0.0
        await asyncio.sleep(TICK_S)
    return True


def decided(explanation: Explanation) -> list[Step]:
    """What routing and the attendants decided, before a queue describes itself."""
    steps = [s for s in explanation.steps[1:] if not s.what.startswith("the caller hears ")]
    queue = (n for n, step in enumerate(steps) if step.what.startswith("at most "))
    return steps[: next(queue, len(steps))]


def timeless(steps: Iterable[Step]) -> list[Step]:
    """A caller comes to a later attendant some minutes later than `explain` does."""
    return [replace(step, because=re.sub(r"\d\d:\d\d", "HH:MM", step.because)) for step in steps]


def end_of(record: CallRecord) -> str:
    """In what `explain` says it."""
    queues = [visit for visit in record.visits if isinstance(visit, QueueVisit)]
    if queues:
        return f"waits in queue {queues[-1].queue} "
    if record.result is CallResult.VOICEMAIL:
        return f"voicemail of {record.callee_user}"
    if record.callee_user is not None:
        return f"rings {record.callee_user} "
    visit = max(visits_of(record), key=lambda each: each.chain_index)
    if visit.result is AttendantResult.CHAIN_TOO_LONG:
        return "refused: forwarding-loop"
    if visit.transfer is TransferAction.EXTERNAL:
        return f"calls {visit.target} through "
    return "the call ends"


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
        assert end_of(record) in told[0].outcome

    play(scene, organisation=case.snapshot(), started_at=case.at)
