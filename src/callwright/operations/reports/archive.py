"""Usage as files in an archive, as SPEC 10.4 has it: CSV by kind of connection, and a file that
says what was asked for."""

import io
import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from callwright.calls.record import CallRecord
from callwright.kernel.instants import iso_utc
from callwright.kernel.limits.reports import REPORT_ROWS_MAX
from callwright.operations.reports.csv_text import CsvSheet
from callwright.operations.reports.masking import MASKED_DIGITS
from callwright.operations.reports.span import BadSpan, Span
from callwright.operations.reports.usage import (
    CALLING_PLAN_COLUMNS,
    DIRECT_ROUTING_COLUMNS,
    UsageReport,
)

FORMAT = "callwright-usage-1"
PARAMETERS = "parameters.json"


@dataclass(frozen=True, slots=True)
class UsageArchive:
    """A ZIP with ``PSTN.calls.*.csv``, ``DirectRouting.calls.*.csv`` and ``parameters.json``."""

    report: UsageReport
    span: Span
    made_at: datetime

    def write(self, calls: Iterable[CallRecord]) -> bytes:
        """Raises BadSpan for more calls than REPORT_ROWS_MAX."""
        plans, direct = CsvSheet(CALLING_PLAN_COLUMNS), CsvSheet(DIRECT_ROUTING_COLUMNS)
        for number, record in enumerate(calls, start=1):
            if number > REPORT_ROWS_MAX:
                raise BadSpan(f"has more than {REPORT_ROWS_MAX} calls; ask for a part of it")
            if self.report.is_calling_plan(record):
                row = self.report.calling_plan_row(record)
                plans.add(row[column] for column in CALLING_PLAN_COLUMNS)
            else:
                row = self.report.direct_routing_row(record)
                direct.add(row[column] for column in DIRECT_ROUTING_COLUMNS)
        stretch = f"{self.span.since:%Y-%m-%d}.{self.span.until:%Y-%m-%d}"
        sheets = {
            f"PSTN.calls.{stretch}.csv": plans,
            f"DirectRouting.calls.{stretch}.csv": direct,
        }
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, sheet in sheets.items():
                archive.writestr(self._entry(name), sheet.text())
            rows = {name: sheet.rows for name, sheet in sheets.items()}
            archive.writestr(self._entry(PARAMETERS), self._parameters(rows))
        return file.getvalue()

    def _entry(self, name: str) -> zipfile.ZipInfo:
        """Dated by what is in it, so that the same question gives the same octets."""
        at = self.made_at
        info = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
        info.compress_type = zipfile.ZIP_DEFLATED
        return info

    def _parameters(self, rows: dict[str, int]) -> str:
        profile = self.report.organisation.organisation
        parameters = {
            "format": FORMAT,
            "organisation": profile.domain,
            "since": iso_utc(self.span.since),
            "until": iso_utc(self.span.until),
            "made_at": iso_utc(self.made_at),
            "country": profile.country,
            "masked_digits": MASKED_DIGITS.get(profile.country, 0),
            "rows": rows,
        }
        return json.dumps(parameters, indent=1)
