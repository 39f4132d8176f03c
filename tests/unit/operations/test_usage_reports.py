"""Usage of the public network: columns, masked numbers, the archive, and what spreadsheets get."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

import callwright
from callwright.calls.record import CallRecord, CallResult, Direction
from callwright.kernel.decision import Step
from callwright.kernel.ids import CallId, SbcId, UserId
from callwright.kernel.money import Money
from callwright.kernel.reason import Reason
from callwright.operations.organisation_file import Organisation
from callwright.operations.reports import archive
from callwright.operations.reports.archive import UsageArchive
from callwright.operations.reports.csv_text import csv_text
from callwright.operations.reports.masking import masked_number
from callwright.operations.reports.span import BadSpan, Span
from callwright.operations.reports.usage import (
    CALLING_PLAN_COLUMNS,
    DIRECT_ROUTING_COLUMNS,
    UsageReport,
)

CONTOSO = Path(callwright.__file__).parent / "examples/contoso.yaml"
AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
SPAN = Span(AT - timedelta(days=7), AT)
OUT = CallRecord(
    id=CallId("call_00000000000000000000000002"),
    started_at=AT - timedelta(minutes=5),
    answered_at=AT - timedelta(minutes=4),
    ended_at=AT - timedelta(minutes=2),
    caller="+14255550101",
    callee="+33140205050",
    direction=Direction.OUTBOUND,
    result=CallResult.ANSWERED,
    sip_status=200,
    reason=Reason.NORMAL,
    charge=Money(120_000, "USD"),
    caller_user=UserId("alice"),
    gateway=SbcId("sbc1"),
)
IN = replace(
    OUT,
    id=CallId("call_00000000000000000000000001"),
    answered_at=None,
    caller="+33140205050",
    callee="+14255550102",
    direction=Direction.INBOUND,
    result=CallResult.MISSED,
    sip_status=480,
    reason=Reason.CALLEE_OFFLINE,
    charge=None,
    caller_user=None,
    callee_user=UserId("bob"),
)


def contoso(**changes: Any) -> Organisation:
    file = yaml.safe_load(CONTOSO.read_text(encoding="utf-8"))
    file["organisation"] |= changes
    return Organisation.model_validate(file)


def opened(content: bytes) -> tuple[dict[str, list[dict[str, str]]], dict[str, Any]]:
    """The rows of each sheet by the beginning of its name, and the parameters."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        sheets = {
            name.partition(".")[0]: list(
                csv.DictReader(io.StringIO(file.read(name).decode(), newline=""))
            )
            for name in file.namelist()
            if name.endswith(".csv")
        }
        return sheets, json.loads(file.read("parameters.json"))


@pytest.mark.row(267)
def test_a_direct_routing_call_has_22_columns_with_its_final_code_in_utc() -> None:
    report = UsageReport(contoso())
    row = report.direct_routing_row(IN)
    assert tuple(row) == DIRECT_ROUTING_COLUMNS
    assert len(row) == 22
    assert (row["final_sip_code"], row["final_sub_code"]) == (480, 10037)
    assert row["final_sip_phrase"] == "Temporarily Unavailable"
    assert (row["success"], row["start_time"]) == ("No", None)
    assert row["invite_time"] == "2026-03-10T09:25:00.000Z"
    assert row["failure_time"] == row["end_time"] == "2026-03-10T09:28:00.000Z"
    assert (row["upn"], row["country"]) == ("bob@contoso.test", "US")
    out = report.direct_routing_row(OUT)
    assert (out["success"], out["failure_time"], out["duration_s"]) == ("Yes", None, 120.0)


def test_a_call_type_says_which_way_and_by_whom() -> None:
    row = UsageReport(contoso()).direct_routing_row
    moved = replace(OUT, steps=(Step("101 transfers to +33140205050", "REFER"),))
    assert row(IN)["call_type"] == "dr_in"
    assert row(OUT)["call_type"] == "dr_out"
    assert row(replace(OUT, callee_user=UserId("bob")))["call_type"] == "dr_out_user_forwarding"
    assert row(moved)["call_type"] == "dr_out_user_transfer"


@pytest.mark.row(269)
def test_calls_that_a_transfer_joined_share_an_id() -> None:
    row = UsageReport(contoso()).direct_routing_row
    first = replace(IN, steps=(Step("bob leaves it to 101", f"call {OUT.id}"),))
    second = replace(OUT, steps=(Step("bob joins the call with 101", f"call {IN.id}"),))
    assert row(first)["shared_correlation_id"] == row(second)["shared_correlation_id"] == IN.id
    assert row(OUT)["shared_correlation_id"] == OUT.id


@pytest.mark.row(268)
@pytest.mark.parametrize(
    ("country", "shown"),
    [("FR", "+3314020****"), ("CH", "+3314020****"), ("DE", "+33140205***"),
     ("US", "+33140205050"), ("GB", "+33140205050")],
)  # fmt: skip
def test_the_number_outside_ends_in_stars_where_the_country_wants_it(
    country: str, shown: str
) -> None:
    report = UsageReport(contoso(country=country))
    out, inbound = report.direct_routing_row(OUT), report.direct_routing_row(IN)
    assert (out["caller"], out["callee"]) == ("+14255550101", shown)
    assert (inbound["caller"], inbound["callee"]) == (shown, "+14255550102")
    assert report.calling_plan_row(OUT)["destination_number"] == shown


def test_what_is_no_number_is_left_alone() -> None:
    assert masked_number("anonymous", "FR") == "anonymous"
    assert masked_number("room 4711 b", "FR") == "room 4711 b"
    assert masked_number("12", "FR") == "**"


def test_a_calling_plan_call_says_what_it_cost_and_where_it_went() -> None:
    row = UsageReport(contoso()).calling_plan_row(OUT)
    assert sorted(row) == sorted(CALLING_PLAN_COLUMNS)
    assert (row["charge"], row["currency"]) == ("0.12", "USD")
    assert (row["call_type"], row["domestic_international"]) == ("user_out", "International")
    assert (row["destination_dialled"], row["connection_fee"]) == ("FR", None)
    home = UsageReport(contoso()).calling_plan_row(replace(OUT, callee="+12065550199"))
    assert home["domestic_international"] == "Domestic"


def test_the_archive_has_a_sheet_for_each_kind_and_says_what_was_asked() -> None:
    organisation = contoso(country="FR")
    made = UsageArchive(UsageReport(organisation), SPAN, AT).write([OUT, IN])
    sheets, parameters = opened(made)
    assert [row["correlation_id"] for row in sheets["DirectRouting"]] == [OUT.id, IN.id]
    assert sheets["PSTN"] == []
    assert parameters["masked_digits"] == 4
    assert parameters["since"] == "2026-03-03T09:30:00.000Z"
    assert parameters["rows"] == {
        "PSTN.calls.2026-03-03.2026-03-10.csv": 0,
        "DirectRouting.calls.2026-03-03.2026-03-10.csv": 2,
    }
    assert UsageArchive(UsageReport(organisation), SPAN, AT).write([OUT, IN]) == made


def test_a_calling_plans_carrier_has_the_other_sheet() -> None:
    file = contoso().model_dump(mode="json", exclude_unset=True)
    file["pstn"]["calling_plan"] = {"sbcs": ["sbc1"]}
    report = UsageReport(Organisation.model_validate(file))
    sheets, _ = opened(UsageArchive(report, SPAN, AT).write([OUT]))
    assert [row["usage_id"] for row in sheets["PSTN"]] == [OUT.id]
    assert sheets["DirectRouting"] == []


def test_more_calls_than_an_archive_takes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "REPORT_ROWS_MAX", 1)
    with pytest.raises(BadSpan, match="ask for a part of it"):
        UsageArchive(UsageReport(contoso()), SPAN, AT).write([OUT, IN])


def test_a_sheet_is_rfc_4180_and_calculates_nothing() -> None:
    text = csv_text(["a", "b"], [["x, y", 'say "hi"'], ["=1+1", "+33140205050"], ["-5", None]])
    assert text == 'a,b\r\n"x, y","say ""hi"""\r\n\'=1+1,+33140205050\r\n-5,\r\n'
    assert csv_text(["a"], [["@cmd"], ["+x"], ["-1-1"]]).split("\r\n")[1:4] == [
        "'@cmd", "'+x", "'-1-1",
    ]  # fmt: skip
