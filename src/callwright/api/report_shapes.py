"""How history and reports look in answers. A mean of nothing is null, and so is who is hidden."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, TypeVar

from pydantic import BaseModel

from callwright.calls.record import CallResult
from callwright.calls.visit_form import attendant_form, queue_form
from callwright.calls.visits import AttendantResult, QueueResult
from callwright.kernel.instants import iso_utc
from callwright.operations.reports.discretion import (
    SOMEBODY,
    without_people,
    without_person,
)
from callwright.operations.reports.figures import (
    AgentFigures,
    AttendantFigures,
    Destination,
    QueueFigures,
    Stay,
    Volume,
)
from callwright.operations.reports.span import Span
from callwright.operations.reports.trunks import TrunkFigures
from callwright.storage.reports.entries import AttendantEntry, QueueEntry

Kind = TypeVar("Kind", bound=Enum)


class ReportShape(BaseModel):
    since: str
    until: str
    timezone: str
    """The organisation's; hours and days are those of its clock."""
    identified: bool
    """False: agents, callers and other people are left out."""


class DestinationShape(BaseModel):
    result: str
    """Of a queue; of an attendant, what kind of place it was."""
    final_action: str | None
    target_type: str | None
    target: str | None
    count: int

    @classmethod
    def of(cls, each: Destination) -> "DestinationShape":
        return cls(
            result=each.why.value,
            final_action=each.action,
            target_type=each.target_type,
            target=each.target,
            count=each.count,
        )


class ServiceLevelShape(BaseModel):
    threshold_s: int
    in_time: int
    counted: int
    share: float | None
    """0.0 to 1.0."""


class QueueFiguresShape(BaseModel):
    queue: str
    offered: int
    answered: int
    abandoned: int
    results: dict[QueueResult, int]
    mean_wait_before_answer_s: float | None
    mean_wait_before_abandon_s: float | None
    longest_wait_s: float | None
    service_level: ServiceLevelShape
    destinations: list[DestinationShape]

    @classmethod
    def of(cls, figures: QueueFigures, *, is_identified: bool) -> "QueueFiguresShape":
        level = figures.service_level
        return cls(
            queue=figures.queue,
            offered=figures.offered,
            answered=figures.answered.count,
            abandoned=figures.abandoned.count,
            results={result: stay.count for result, stay in sorted_by_count(figures.stays)},
            mean_wait_before_answer_s=rounded(figures.answered.mean_s),
            mean_wait_before_abandon_s=rounded(figures.abandoned.mean_s),
            longest_wait_s=rounded(figures.longest_wait_s),
            service_level=ServiceLevelShape(
                threshold_s=level.threshold_s,
                in_time=level.in_time,
                counted=level.counted,
                share=rounded(level.share, 4),
            ),
            destinations=_destinations(figures.destinations, is_identified=is_identified),
        )


class AttendantFiguresShape(BaseModel):
    attendant: str
    callers: int
    results: dict[AttendantResult, int]
    mean_stay_s: float | None
    longest_stay_s: float | None
    destinations: list[DestinationShape]

    @classmethod
    def of(cls, figures: AttendantFigures, *, is_identified: bool) -> "AttendantFiguresShape":
        every = figures.all
        return cls(
            attendant=figures.attendant,
            callers=every.count,
            results={result: stay.count for result, stay in sorted_by_count(figures.stays)},
            mean_stay_s=rounded(every.mean_s),
            longest_stay_s=rounded(every.longest_s) if every.count else None,
            destinations=_destinations(figures.destinations, is_identified=is_identified),
        )


class AgentFiguresShape(BaseModel):
    agent: str | None
    """Null: all agents of the queue together."""
    queue: str
    presented: int
    answered: int
    missed: int
    """Presented and not answered."""
    declined: int
    """Of the missed ones, those that the agent refused."""
    withdrawn: int
    """Not presented: the caller left, or another agent was quicker."""
    talk_total_s: float
    talk_mean_s: float | None

    @classmethod
    def of(cls, figures: AgentFigures) -> "AgentFiguresShape":
        return cls(**_agent(figures))


class AgentHourShape(AgentFiguresShape):
    since: str
    until: str

    @classmethod
    def at(cls, span: Span, figures: AgentFigures) -> "AgentHourShape":
        return cls(since=iso_utc(span.since), until=iso_utc(span.until), **_agent(figures))


class VolumeShape(BaseModel):
    since: str
    until: str
    offered: int
    answered: int
    abandoned: int
    mean_opted_in: float | None

    @classmethod
    def of(cls, volume: Volume) -> "VolumeShape":
        return cls(
            since=iso_utc(volume.span.since),
            until=iso_utc(volume.span.until),
            offered=volume.offered,
            answered=volume.answered,
            abandoned=volume.abandoned,
            mean_opted_in=rounded(volume.mean_opted_in),
        )


class TrunkFiguresShape(BaseModel):
    sbc: str
    calls: int
    results: dict[CallResult, int]
    mean_duration_s: float | None
    """Of answered calls."""
    effectiveness: float | None
    """Network effectiveness ratio, 0 to 100."""
    is_telling: bool
    """False: of fewer than 100 calls the ratio says little."""

    @classmethod
    def of(cls, figures: TrunkFigures) -> "TrunkFiguresShape":
        return cls(
            sbc=figures.sbc,
            calls=figures.calls,
            results=dict(figures.results),
            mean_duration_s=rounded(figures.talk.mean_s),
            effectiveness=rounded(figures.effectiveness, 2),
            is_telling=figures.is_telling,
        )


class TrunkReportShape(ReportShape):
    items: list[TrunkFiguresShape]


class QueueReportShape(ReportShape):
    items: list[QueueFiguresShape]


class AttendantReportShape(ReportShape):
    items: list[AttendantFiguresShape]


class AgentReportShape(ReportShape):
    items: list[AgentFiguresShape]


class TimelineShape(ReportShape):
    items: list[AgentHourShape]


class VolumeReportShape(ReportShape):
    items: list[VolumeShape]


def queue_entry(entry: QueueEntry, *, is_identified: bool) -> dict[str, Any]:
    visit: dict[str, Any] = {**queue_form(entry.visit)}
    if not is_identified:
        visit |= {"agent": None, "target": without_person(entry.visit.target)}
    return {**_of_call(entry, is_identified=is_identified), **visit}


def attendant_entry(entry: AttendantEntry, *, is_identified: bool) -> dict[str, Any]:
    visit: dict[str, Any] = {**attendant_form(entry.visit)}
    if not is_identified:
        visit["target"] = without_person(entry.visit.target)
    return {**_of_call(entry, is_identified=is_identified), **visit}


def sorted_by_count(stays: Mapping[Kind, Stay]) -> list[tuple[Kind, Stay]]:
    return sorted(stays.items(), key=lambda pair: (-pair[1].count, pair[0].value))


def rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None else round(value, digits)


def _agent(figures: AgentFigures) -> dict[str, Any]:
    return {
        "agent": None if figures.agent == SOMEBODY else figures.agent,
        "queue": figures.queue,
        "presented": figures.presented,
        "answered": figures.answered,
        "missed": figures.missed,
        "declined": figures.declined,
        "withdrawn": figures.withdrawn,
        "talk_total_s": round(figures.talk.total_s, 3),
        "talk_mean_s": rounded(figures.talk.mean_s),
    }


def _destinations(
    destinations: Iterable[Destination], *, is_identified: bool
) -> list[DestinationShape]:
    shown = destinations if is_identified else without_people(destinations)
    return [DestinationShape.of(each) for each in shown]


def _of_call(entry: QueueEntry | AttendantEntry, *, is_identified: bool) -> dict[str, Any]:
    """As the historical report has it: External is who called from outside."""
    return {
        "call": entry.call if is_identified else None,
        "caller": entry.caller if is_identified else None,
        "call_type": "External" if entry.is_external else "Internal",
    }
