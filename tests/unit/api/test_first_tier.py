"""What support of the first tier sees of calls (SPEC 10.7, row 276): whom it looks for, only."""

from dataclasses import replace

import pytest
from tests.unit.api.api_client import Api
from tests.unit.api.test_reports import ANSWERED, call

from callwright.calls.record import LegRecord
from callwright.kernel.decision import Step
from callwright.kernel.ids import SbcId, UserId
from callwright.media.events import LegStatistics
from callwright.storage.call_records import CallRecords

MAY = "calls:search"
SILENCE = LegStatistics(*[0] * 6, None, None)
NAMES = ("+1206", "carol", "dave")


@pytest.fixture
def name(api: Api) -> str:
    """A call from outside, which the queue brought to bob after carol had missed it."""
    visit = replace(ANSWERED, target="user dave")
    record = replace(
        call(1, visit),
        callee="102",
        callee_user=UserId("bob"),
        steps=(Step("rings bob", "carol missed it"),),
        legs=(
            LegRecord(1, "+12065550199", None, SbcId("sbc1"), "PCMU", SILENCE),
            LegRecord(2, "102", UserId("bob"), None, "OPUS", SILENCE),
        ),
    )
    CallRecords(api.database).add([record])
    return record.id


@pytest.mark.row(276)
def test_of_a_call_the_specialist_sees_only_the_user_who_was_searched(api: Api, name: str) -> None:
    (listed,) = api.get("/calls?user=bob", may=MAY)["items"]
    assert (listed["caller"], listed["callee"]) == ("External user", "102")
    shown = api.get(f"/calls/{name}?user=bob", may=MAY)
    assert [leg["user"] for leg in shown["legs"]] == ["bob"]
    (visit,) = shown["visits"]
    assert [offer["agent"] for offer in visit["offers"]] == ["bob"]
    assert not any(word in f"{listed}{shown}" for word in NAMES)


@pytest.mark.row(276)
@pytest.mark.parametrize(
    "probe", ["caller=%2B12065550199", "callee=102", "agent=carol", "queue=support", "gateway=sbc1"]
)
def test_filters_do_not_tell_the_specialist_who_else_it_was(
    api: Api, name: str, probe: str
) -> None:
    refused = api.ask("GET", f"/calls?user=bob&{probe}", may=MAY)
    assert refused.status_code == 403
    assert refused.json()["remedy"]


def test_who_reads_calls_sees_everybody(api: Api, name: str) -> None:
    shown = api.get(f"/calls/{name}?user=bob", may=f"calls:read {MAY}")
    assert shown["caller"] == "+12065550199"
    assert len(shown["legs"]) == 2
