"""An agent opts in or out, pauses or resumes by a code, and hears that it is done."""

from callwright.apps import phrases_agents
from callwright.apps.board import Board
from callwright.apps.call_queue.agent_acts import NOT_STORED, AgentActs
from callwright.apps.delivery import Delivery
from callwright.calls.record import CallResult
from callwright.domains.queues.agency import Objection
from callwright.kernel.agent_codes import AgentCode
from callwright.kernel.decision import Step
from callwright.kernel.reason import Reason
from callwright.routing.request import ActAsAgent


async def run(board: Board, delivery: Delivery, wanted: ActAsAgent) -> None:
    call, leg, language = delivery.call, delivery.leg, delivery.snapshot.language
    if not call.answer(leg):
        return
    delivery.reached()
    call.serve(leg)
    call.story.via, call.story.callee_user = "agent code", None
    objection = await _act(board.agents, wanted)
    if objection is None:
        call.settle(CallResult.ANSWERED, Reason.NORMAL)
        call.note(Step(f"{wanted.user} {wanted.act.told}", "it is stored"))
        await leg.media.play(phrases_agents.done(wanted.act, language))
        board.give_up(delivery, Reason.NORMAL)
        return
    if objection is NOT_STORED:
        call.note(Step(f"{wanted.user} stays as before", objection.text))
        call.settle(CallResult.FAILED, Reason.CHOICE_NOT_STORED)
        await leg.media.play(phrases_agents.not_stored(language))
        board.give_up(delivery, Reason.CHOICE_NOT_STORED)
        return
    call.note(Step(f"{wanted.user} may not", f"{objection.text}; {objection.remedy}"))
    await leg.media.play(phrases_agents.not_allowed(language))
    board.give_up(delivery, Reason.OPT_OUT_FORBIDDEN)


async def _act(acts: AgentActs, wanted: ActAsAgent) -> Objection | None:
    match wanted.act:
        case AgentCode.PAUSE:
            return await acts.pause(wanted.user, wanted.reason)
        case AgentCode.RESUME:
            return await acts.resume(wanted.user)
        case AgentCode.OPT_IN:
            return await acts.opt_in_everywhere(wanted.user)
        case AgentCode.OPT_OUT:
            return await acts.opt_out_everywhere(wanted.user)
