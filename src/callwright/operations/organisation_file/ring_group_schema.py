"""How everybody of a group is rung where a rule sends a call to it."""

from typing import Annotated

from pydantic import StrictStr

from callwright.domains.directory.model import RingOrder
from callwright.kernel.limits.queues import GROUP_RING_S_DEFAULT, GROUP_RING_S_RANGE
from callwright.operations.organisation_file import forms, values
from callwright.operations.organisation_file.section import Section

Order = Annotated[
    StrictStr, values.one_of("no order is called", [order.value for order in RingOrder])
]


class RingSettings(Section):
    order: Order = RingOrder.ALL.value
    for_s: Annotated[int, values.whole(*GROUP_RING_S_RANGE)] = GROUP_RING_S_DEFAULT
    then: forms.Target = forms.DISCONNECT
