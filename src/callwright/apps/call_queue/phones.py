"""The phones of a user who is rung among others; one who cannot be rung stops nobody else."""

from callwright.apps.board import Board
from callwright.apps.delivery import Delivery
from callwright.apps.services import Caller
from callwright.calls.leg import Leg
from callwright.calls.ports import PortsExhausted
from callwright.kernel.decision import Step
from callwright.kernel.ids import UserId

NO_PORT = "no port is left for the audio"


def phones_of(board: Board, delivery: Delivery, user: UserId, caller: Caller) -> list[Leg]:
    """None at all while no port is left: whoever waits goes on waiting, and keeps the own port."""
    try:
        return board.reach.user_legs(delivery.snapshot, user, caller)
    except PortsExhausted:
        delivery.call.note(Step(f"{user} is not rung", NO_PORT))
        return []
