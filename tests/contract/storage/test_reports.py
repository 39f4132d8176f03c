"""What the database adds up is what somebody would who reads every call."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from tests.contract.storage.made_visits import (
    AGENTS,
    ATTENDANTS,
    PLAIN,
    QUEUES,
    SINCE,
    made_records,
    queue_visit,
)

from callwright.calls.record import CallRecord
from callwright.calls.visits import (
    AgentOffer,
    AttendantVisit,
    OfferOutcome,
    QueueResult,
    QueueVisit,
)
from callwright.kernel.ids import CallId, CallQueueId, UserId
from callwright.operations.reports.figures import ANSWERED, CALLED_BACK, PROMISED
from callwright.operations.reports.span import BinWidth, Span
from callwright.storage.call_records import CallRecords
from callwright.storage.database import Database
from callwright.storage.reports.agents import AgentReports
from callwright.storage.reports.attendants import AttendantReports
from callwright.storage.reports.queues import QueueReports

WHOLE = Span(SINCE - timedelta(days=1), SINCE + timedelta(days=60))
WEEK = Span(SINCE + timedelta(days=7), SINCE + timedelta(days=14))
BERLIN = ZoneInfo("Europe/Berlin")
THRESHOLDS_S = {CallQueueId("sales"): 10}


@pytest.fixture(scope="module")
def kept() -> Sequence[CallRecord]:
    return list(made_records(seed=8, count=500))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, kept: list[CallRecord]
) -> Iterator[Database]:
    """One for all tests: reports change nothing."""
    is_here = request.param == "sqlite"
    url = None if is_here else request.getfixturevalue("cluster").new_url()
    with closing(Database.open(tmp_path_factory.mktemp("reports"), url=url)) as opened:
        CallRecords(opened).add(kept)
        yield opened


def queue_visits(kept: Sequence[CallRecord], span: Span, queue: str | None) -> list[QueueVisit]:
    return [
        visit
        for record in kept
        for visit in record.visits
        if isinstance(visit, QueueVisit)
        and span.since <= visit.started_at < span.until
        and queue in (None, visit.queue)
    ]


def mean_of(values: Sequence[float]) -> object:
    """What a mean of them equals."""
    return pytest.approx(sum(values) / len(values)) if values else None


@pytest.mark.row(263)
@pytest.mark.parametrize("span", [WHOLE, WEEK])
def test_queues_add_up(database: Database, kept: Sequence[CallRecord], span: Span) -> None:
    reports = QueueReports(database)
    found = reports.figures(span, thresholds_s=THRESHOLDS_S, threshold_s=30)
    assert [figures.queue for figures in found] == sorted(QUEUES)
    for figures in found:
        visits = queue_visits(kept, span, figures.queue)
        by_result = Counter(visit.result for visit in visits)
        assert {result: stay.count for result, stay in figures.stays.items()} == by_result
        assert figures.offered == sum(visit.result not in CALLED_BACK for visit in visits)
        answered = [visit.wait_s for visit in visits if visit.result in ANSWERED]
        assert figures.answered.count == len(answered)
        assert figures.answered.mean_s == mean_of(answered)
        left = [visit.wait_s for visit in visits if visit.result is QueueResult.ABANDONED]
        assert figures.abandoned.mean_s == mean_of(left)
        assert figures.longest_wait_s == pytest.approx(max(visit.wait_s for visit in visits))
        sent = Counter(
            (visit.result, visit.final_action.value, visit.target)
            for visit in visits
            if visit.final_action is not None
        )
        shown: Counter[object] = Counter()
        for each in figures.destinations:
            shown[each.why, each.action, each.target] += each.count
        assert shown == sent


@pytest.mark.row(154)
def test_the_service_level_counts_who_was_late_by_each_queues_own_threshold(
    database: Database, kept: Sequence[CallRecord]
) -> None:
    reports = QueueReports(database)
    for figures in reports.figures(WHOLE, thresholds_s=THRESHOLDS_S, threshold_s=30):
        threshold_s = THRESHOLDS_S.get(figures.queue, 30)
        visits = queue_visits(kept, WHOLE, figures.queue)
        served = [visit.wait_s for visit in visits if visit.result in ANSWERED]
        others = [visit.wait_s for visit in visits if visit.result not in ANSWERED | PROMISED]
        in_time = sum(wait_s <= threshold_s for wait_s in served)
        late = sum(wait_s > threshold_s for wait_s in (*served, *others))
        level = figures.service_level
        assert (level.threshold_s, level.in_time, level.counted) == (
            threshold_s,
            in_time,
            in_time + late,
        )
        assert level.share == in_time / (in_time + late)


def test_attendants_add_up(database: Database, kept: Sequence[CallRecord]) -> None:
    found = AttendantReports(database).figures(WHOLE)
    assert [figures.attendant for figures in found] == ATTENDANTS
    for figures in found:
        visits = [
            visit
            for record in kept
            for visit in record.visits
            if isinstance(visit, AttendantVisit) and visit.attendant == figures.attendant
        ]
        assert {result: stay.count for result, stay in figures.stays.items()} == Counter(
            visit.result for visit in visits
        )
        total_s = sum((visit.ended_at - visit.started_at).total_seconds() for visit in visits)
        assert figures.all.total_s == pytest.approx(total_s)
        sent = Counter(
            (visit.transfer, visit.target) for visit in visits if visit.transfer is not None
        )
        assert {(each.why, each.target): each.count for each in figures.destinations} == sent


@pytest.mark.row(264)
def test_agents_were_presented_what_they_answered_and_what_they_missed(
    database: Database, kept: Sequence[CallRecord]
) -> None:
    offers = [
        (visit.queue, offer) for visit in queue_visits(kept, WHOLE, None) for offer in visit.offers
    ]
    found = AgentReports(database).figures(WHOLE)
    assert len(found) == len(AGENTS) * len(QUEUES)
    for figures in found:
        theirs = [
            offer
            for queue, offer in offers
            if (offer.agent, queue) == (figures.agent, figures.queue)
        ]
        by_outcome = Counter(offer.outcome for offer in theirs)
        talks = [offer.talk_s for offer in theirs if offer.talk_s is not None]
        assert figures.answered == by_outcome[OfferOutcome.ANSWERED]
        assert figures.withdrawn == by_outcome[OfferOutcome.WITHDRAWN]
        assert figures.presented == figures.answered + figures.missed
        assert figures.presented + figures.withdrawn == len(theirs)
        assert figures.talk.total_s == pytest.approx(sum(talks))
        assert figures.talk.mean_s == mean_of(talks)


@pytest.mark.row(264)
@pytest.mark.parametrize("width", BinWidth)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kolkata"])
def test_each_hour_and_day_of_agents_holds_what_they_did_in_it(
    database: Database, kept: Sequence[CallRecord], width: BinWidth, zone: str
) -> None:
    """Where the clock is half an hour off, and over a span that begins within an hour."""
    span = Span(WEEK.since + timedelta(minutes=17), WEEK.until + timedelta(minutes=5))
    bins = span.bins(width, ZoneInfo(zone))
    offers = [
        (visit.queue, offer) for visit in queue_visits(kept, WHOLE, None) for offer in visit.offers
    ]
    wanted: Counter[object] = Counter()
    for each in bins:
        for queue, offer in offers:
            is_presented = offer.outcome is not OfferOutcome.WITHDRAWN
            if each.since <= offer.offered_at < each.until and is_presented:
                wanted[each.since, offer.agent, queue] += 1
    for agents in (None, AGENTS[:2]):
        found = AgentReports(database).timeline(bins, agents=agents)
        assert [hour.span.since for hour in found] == sorted(hour.span.since for hour in found)
        assert Counter(
            {
                (hour.span.since, hour.figures.agent, hour.figures.queue): hour.figures.presented
                for hour in found
                if hour.figures.presented
            }
        ) == Counter({key: n for key, n in wanted.items() if agents is None or key[1] in agents})  # type: ignore[index]
    totals = {
        (each.agent, each.queue): each.talk.total_s for each in AgentReports(database).figures(span)
    }
    talks: dict[object, float] = defaultdict(float)
    for hour in AgentReports(database).timeline(bins):
        talks[hour.figures.agent, hour.figures.queue] += hour.figures.talk.total_s
    assert talks == pytest.approx(totals)


def test_days_of_agents_are_days_where_clocks_move_by_half_an_hour(tmp_path: Path) -> None:
    """Lord Howe, on 5 April 2026: the day has 24 and a half hours."""
    zone = ZoneInfo("Australia/Lord_Howe")
    times = [datetime(2026, 4, day, 0, 10, tzinfo=zone) for day in (4, 6, 7)]
    late = datetime(2026, 4, 6, 23, 50, tzinfo=zone)
    visit = queue_visit(Random(1), SINCE)
    offer = AgentOffer(AGENTS[0], SINCE, SINCE, OfferOutcome.MISSED)
    offers = tuple(replace(offer, offered_at=at, ended_at=at) for at in (*times, late))
    span = Span(datetime(2026, 4, 3, tzinfo=zone), datetime(2026, 4, 9, tzinfo=zone))
    with closing(Database.open(tmp_path)) as database:
        CallRecords(database).add([replace(PLAIN, visits=(replace(visit, offers=offers),))])
        days = AgentReports(database).timeline(span.bins(BinWidth.DAY, zone))
    found = {day.span.since.astimezone(zone).day: day.figures.missed for day in days}
    assert found == {4: 1, 6: 2, 7: 1}


def test_volume_falls_into_hours_and_days(database: Database, kept: Sequence[CallRecord]) -> None:
    for width in BinWidth:
        bins = WEEK.bins(width, BERLIN)
        volumes = QueueReports(database).volume(bins, queues=QUEUES[:2])
        assert [volume.span for volume in volumes] == list(bins)
        for volume in volumes:
            visits = [
                visit
                for visit in queue_visits(kept, volume.span, None)
                if visit.queue in QUEUES[:2]
            ]
            results = [visit.result for visit in visits]
            came = [visit for visit in visits if visit.result not in CALLED_BACK]
            assert volume.offered == len(came)
            assert volume.answered == sum(result in ANSWERED for result in results)
            assert volume.abandoned == results.count(QueueResult.ABANDONED)
            opted_in = sum(visit.opted_in_count for visit in came)
            assert volume.mean_opted_in == (opted_in / len(came) if came else None)


def test_who_is_not_asked_about_is_not_told_of(
    database: Database, kept: Sequence[CallRecord]
) -> None:
    nobody = QueueReports(database).figures(WHOLE, queues=[], thresholds_s={}, threshold_s=20)
    assert nobody == []
    only = AgentReports(database).figures(WHOLE, agents=[UserId("bob")], queues=QUEUES[:1])
    assert [(each.agent, each.queue) for each in only] == [("bob", "sales")]
    assert (
        AttendantReports(database).figures(WHOLE, attendants=ATTENDANTS[:1])[0].attendant
        == (ATTENDANTS[0])
    )


def test_before_anybody_called_nothing_was(database: Database) -> None:
    before = Span(SINCE - timedelta(days=9), SINCE - timedelta(days=2))
    assert QueueReports(database).figures(before, thresholds_s={}, threshold_s=20) == []
    assert AttendantReports(database).figures(before) == []
    assert AgentReports(database).figures(before) == []
    assert AgentReports(database).timeline([before]) == []
    (volume,) = QueueReports(database).volume([before])
    assert (volume.offered, volume.mean_opted_in) == (0, None)


def test_who_is_called_back_three_times_came_once(tmp_path: Path) -> None:
    """He asked for it after a minute, and was reached at the third try."""
    joined, queue = SINCE, CallQueueId("sales")
    results = (
        QueueResult.CALLBACK_REQUESTED,
        QueueResult.CALLBACK_FAILED,
        QueueResult.CALLBACK_FAILED,
        QueueResult.CALLBACK_ANSWERED,
    )
    with closing(Database.open(tmp_path)) as database:
        for number, result in enumerate(results):
            visit = replace(
                queue_visit(Random(1), joined),
                queue=queue,
                result=result,
                ended_at=joined + timedelta(minutes=1 + 5 * number),
            )
            name = CallId(f"call_{number:026d}")
            CallRecords(database).add([replace(PLAIN, id=name, visits=(visit,))])
        reports = QueueReports(database)
        (figures,) = reports.figures(WHOLE, thresholds_s={}, threshold_s=20)
        assert (figures.offered, figures.answered.count) == (1, 1)
        assert figures.answered.mean_s == pytest.approx(16 * 60)
        assert (figures.service_level.in_time, figures.service_level.counted) == (0, 1)
        (volume,) = reports.volume([WHOLE])
        assert (volume.offered, volume.answered) == (1, 1)
