"""The shape of ``retention``: how long the past is kept (SPEC 10.1, 10.4)."""

from typing import Annotated

from callwright.kernel.limits.reports import CALL_RECORD_DAYS, HISTORY_DAYS, RETENTION_DAYS_RANGE
from callwright.operations.organisation_file import values
from callwright.operations.organisation_file.section import Section

Days = Annotated[int, values.whole(*RETENTION_DAYS_RANGE)]


class RetentionSettings(Section):
    history_days: Days = HISTORY_DAYS
    """What calls met in attendants and queues, and what agents did: reports of them."""
    call_days: Days = CALL_RECORD_DAYS
    """Records of calls, and with them all that is left of those calls."""
