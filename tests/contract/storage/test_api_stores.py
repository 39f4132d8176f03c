"""Kept answers, webhooks and jobs, in each database and over a restart."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from callwright.kernel.limits.api import IDEMPOTENCY_S
from callwright.storage.database import Database
from callwright.storage.idempotency import KeptAnswer, KeptAnswers, keep_within
from callwright.storage.jobs import Jobs, JobState, NewJob
from callwright.storage.webhooks import Delivery, Webhook, Webhooks

AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
ANSWER = KeptAnswer("digest", 201, {"etag": '"x"'}, "{}")
HOOK = Webhook(
    id="h1",
    url="https://hooks.test",
    secret="hush",
    events=("call.ended",),
    description="Tickets",
    is_enabled=True,
    cursor=4,
    attempts=0,
    failing_since=None,
    next_try_at=None,
    created_at=AT,
    created_by="anna",
)


def attempt(number: int, event: int, outcome: str) -> Delivery:
    return Delivery(0, "h1", event, number, AT, 12, 500, "it answered 500", outcome)


def job(name: str) -> NewJob:
    return NewJob(name, "import", 3, {"entities": [1, 2, 3]}, AT, "anna")


def keep(database: Database, answer: KeptAnswer, now: datetime) -> None:
    with database.writing() as connection:
        keep_within(connection, "t1", "k", answer, now)


def test_the_first_answer_is_kept_for_a_day(open_again: Callable[[], Database]) -> None:
    keep(open_again(), ANSWER, AT)
    keep(open_again(), KeptAnswer("other", 200, {}, None), AT)
    answers = KeptAnswers(open_again())
    assert answers.find("t1", "k", AT) == ANSWER
    assert answers.find("t2", "k", AT) is None
    later = AT + timedelta(seconds=IDEMPOTENCY_S + 1)
    assert answers.find("t1", "k", later) is None
    keep(open_again(), KeptAnswer("other", 200, {}, None), later)
    assert answers.find("t1", "k", later) == KeptAnswer("other", 200, {}, None)


def test_a_webhook_remembers_how_far_it_is(open_again: Callable[[], Database]) -> None:
    hooks = Webhooks(open_again())
    assert hooks.add(HOOK, most=1)
    assert not hooks.add(HOOK, most=1)
    hooks.failed(attempt(1, 5, "failed"), AT + timedelta(seconds=1))
    found = Webhooks(open_again()).get("h1")
    assert found is not None
    assert (found.cursor, found.attempts, found.failing_since) == (4, 1, AT)
    hooks.given_up(attempt(2, 5, "given-up"))
    hooks.delivered(attempt(1, 6, "delivered"))
    hooks.passed("h1", 3)
    found = hooks.get("h1")
    assert found is not None
    assert (found.cursor, found.attempts, found.failing_since) == (6, 0, None)
    outcomes = [each.outcome for each in hooks.deliveries("h1", limit=2)]
    assert outcomes == ["delivered", "given-up"]
    assert hooks.remove("h1")
    assert hooks.deliveries("h1", limit=9) == []
    assert not hooks.remove("h1")


def test_a_job_remembers_how_far_it_is(open_again: Callable[[], Database]) -> None:
    jobs = Jobs(open_again())
    assert jobs.add(job("a"), running_max=1)
    assert not jobs.add(job("b"), running_max=1)
    assert jobs.progress("a", done=1, failed=1, results=[{"position": 0}])
    ((found, work),) = Jobs(open_again()).running()
    assert (found.done, found.failed, work) == (1, 1, {"entities": [1, 2, 3]})
    assert jobs.cancel("a")
    assert not jobs.progress("a", done=2, failed=1, results=[])
    jobs.end("a", JobState.CANCELLED, AT)
    assert not jobs.cancel("a")
    assert jobs.add(job("b"), running_max=1)
    assert [each.id for each in jobs.newest(limit=9)] == ["b", "a"]
    assert [each.id for each in jobs.newest(limit=9, before="b")] == ["a"]
