"""The demo organisation's support queue with other settings, written in the file's own words."""

from collections.abc import Callable
from typing import Any

from tests.world.contoso_scene import File, contoso

from callwright.routing.snapshot import Snapshot
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World

SUPPORT_NUMBER = "+14255550151"
CUSTOMER = "+12065552368"
"""May be called back; the other customers' numbers are fiction, which no queue calls."""
OFFER = "Press 1 to be called back."
HEARD_OFFER = f"say: {OFFER}"


def support(change: Callable[[File], object] = lambda file: None, **fields: object) -> Snapshot:
    """``fields``: those of the queue; ``change``: whatever else of the file."""

    def edit(file: dict[str, Any]) -> None:
        queue = file["call_queues"]["support"]
        queue |= {"timeout": {"after_s": 1_200}, "max_waiting": 50} | fields
        queue.pop("greeting", None)
        change(file)

    return contoso(edit)


def callback(**conditions: int) -> dict[str, object]:
    return {"offer": {"say": OFFER}, "key": "1", "mail_to": "support@contoso.test", **conditions}


def call_in(world: World, calling: str = CUSTOMER) -> PhoneCall:
    return world.carrier("sbc1").call(SUPPORT_NUMBER, calling=calling)


def repairs(world: World) -> float:
    """What the node's watch over its queues had to repair: each is a defect."""
    [family] = world.node.metrics.queue_repairs.collect()
    return sum(sample.value for sample in family.samples if sample.name.endswith("_total"))
