"""Within how many seconds each queue wants its callers answered."""

from collections.abc import Mapping

from callwright.kernel.ids import CallQueueId
from callwright.operations.organisation_file.schema import Organisation


def thresholds_s(organisation: Organisation) -> Mapping[CallQueueId, int]:
    """Of the queues that say so."""
    return {
        CallQueueId(key): queue.service_level_s
        for key, queue in organisation.call_queues.items()
        if queue.service_level_s is not None
    }
