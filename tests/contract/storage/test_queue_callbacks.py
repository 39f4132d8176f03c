"""Callbacks that were promised are there after a restart, as they were."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from callwright.domains.queues.callback import CallbackRequest
from callwright.kernel.e164 import E164
from callwright.kernel.ids import CallId, CallQueueId, ResourceAccountId
from callwright.storage.database import Database
from callwright.storage.queue_callbacks import StoredQueueCallbacks

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
REQUEST = CallbackRequest(
    call=CallId("call_1"),
    queue=CallQueueId("support"),
    account=ResourceAccountId("support-line"),
    number=E164("+12065552368"),
    name="Grace \ud800 Hopper",
    joined_at=NOON,
    expires_at=NOON + timedelta(minutes=20),
    priority=3,
)


def test_what_was_promised_is_kept_until_it_is_done(database: Database) -> None:
    stored = StoredQueueCallbacks(database)
    earlier = replace(
        REQUEST, call=CallId("call_2"), name=None, joined_at=NOON - timedelta(seconds=1)
    )
    with database.writing() as connection:
        stored.keep_within(connection, REQUEST)
        stored.keep_within(connection, earlier)
    first, second = stored.all()
    assert first == earlier
    assert second.name is not None
    assert replace(second, name=REQUEST.name) == REQUEST

    tried = replace(earlier, attempts=1, not_before=NOON + timedelta(minutes=2))
    with database.writing() as connection:
        stored.keep_within(connection, tried)
        stored.forget_within(connection, REQUEST.call)
    assert stored.all() == [tried]
