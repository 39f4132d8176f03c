"""Usage of the public network, a row for each call, with the columns of SPEC 10.4.

Everything is read from the call's record; names, countries and licences are those of the
organisation at the time of the report. What is not known is empty.
"""

import re
from dataclasses import dataclass

from callwright.calls.plain_json import Fields
from callwright.calls.record import CallRecord, Direction
from callwright.domains.licences.model import Sku
from callwright.domains.numbers.countries import country_of, fits_country
from callwright.kernel.addresses import HostPort
from callwright.kernel.e164 import E164
from callwright.kernel.ids import CallId
from callwright.kernel.instants import iso_utc, iso_utc_or_none
from callwright.operations.organisation_file.schema import Organisation, UserSettings
from callwright.operations.reports.masking import masked_number
from callwright.sip.reason_phrases import REASON_PHRASES

DIRECT_ROUTING_COLUMNS = (
    "correlation_id", "object_id", "upn", "name", "country", "invite_time", "start_time",
    "failure_time", "end_time", "duration_s", "success", "caller", "callee", "call_type",
    "media_region", "signalling_region", "final_sip_code", "final_sub_code", "final_sip_phrase",
    "sbc", "media_bypass", "shared_correlation_id",
)  # fmt: skip
CALLING_PLAN_COLUMNS = (
    "usage_id", "call_id", "conference_id", "country", "object_id", "upn", "name", "caller_id",
    "call_type", "number_type", "domestic_international", "destination_dialled",
    "destination_number", "start_time", "end_time", "duration_s", "connection_fee", "charge",
    "currency", "capability",
)  # fmt: skip
_PLANS = tuple(sku.value for sku in Sku if "calling-plan" in sku.value)
_OTHER_CALL = re.compile(r"call (call_\w{1,64})")
_TRANSFER = "REFER"


@dataclass(frozen=True, slots=True)
class UsageReport:
    """Makes rows in the words of one organisation."""

    organisation: Organisation

    def is_calling_plan(self, record: CallRecord) -> bool:
        """The gateway is that of the calling plan's carrier."""
        carrier = self.organisation.pstn.calling_plan
        return carrier is not None and record.gateway in carrier.sbcs

    def direct_routing_row(self, record: CallRecord) -> Fields:
        is_answered = record.answered_at is not None
        caller, callee = self._shown_parties(record)
        phrase = REASON_PHRASES.get(record.sip_status)
        return {
            "correlation_id": record.id,
            **self._user(record),
            "invite_time": iso_utc(record.started_at),
            "start_time": iso_utc_or_none(record.answered_at),
            "failure_time": None if is_answered else iso_utc(record.ended_at),
            "end_time": iso_utc(record.ended_at),
            "duration_s": round(record.duration_s, 3),
            "success": "Yes" if is_answered else "No",
            "caller": caller,
            "callee": callee,
            "call_type": direct_call_type(record),
            "media_region": None,
            "signalling_region": None,
            "final_sip_code": record.sip_status,
            "final_sub_code": record.reason.sub_code,
            "final_sip_phrase": phrase,
            "sbc": self._sbc(record),
            "media_bypass": "No",
            "shared_correlation_id": shared_correlation_id(record),
        }

    def calling_plan_row(self, record: CallRecord) -> Fields:
        caller, callee = self._shown_parties(record)
        is_inbound = record.direction is Direction.INBOUND
        charge, user = record.charge, self._settings(record)
        number = E164.parse_or_none(record.callee)
        held = () if user is None else user.licences
        return {
            "usage_id": record.id,
            "call_id": record.id,
            "conference_id": None,
            **self._user(record),
            "caller_id": caller,
            "call_type": "user_in" if is_inbound else "user_out",
            "number_type": None if user is None else "user",
            "domestic_international": None if is_inbound else self._reach(record),
            "destination_dialled": None if number is None else country_of(number),
            "destination_number": callee,
            "start_time": iso_utc(record.answered_at or record.started_at),
            "end_time": iso_utc(record.ended_at),
            "duration_s": round(record.duration_s, 3),
            "connection_fee": None,
            "charge": None if charge is None else str(charge),
            "currency": None if charge is None else charge.currency,
            "capability": next((sku for sku in _PLANS if sku in held), None),
        }

    def _shown_parties(self, record: CallRecord) -> tuple[str, str]:
        """The number outside without its last digits, where the country's law wants that."""
        country = self.organisation.organisation.country
        if record.direction is Direction.INBOUND:
            return masked_number(record.caller, country), record.callee
        return record.caller, masked_number(record.callee, country)

    def _settings(self, record: CallRecord) -> UserSettings | None:
        """Of the user whose call it was: who called out, or who was called."""
        is_inbound = record.direction is Direction.INBOUND
        key = record.callee_user if is_inbound else record.caller_user
        return None if key is None else self.organisation.users.get(key)

    def _user(self, record: CallRecord) -> Fields:
        is_inbound = record.direction is Direction.INBOUND
        key = record.callee_user if is_inbound else record.caller_user
        settings, profile = self._settings(record), self.organisation.organisation
        return {
            "object_id": key,
            "upn": None if key is None else f"{key}@{profile.domain}",
            "name": None if settings is None else settings.name,
            "country": profile.country if settings is None else settings.country or profile.country,
        }

    def _reach(self, record: CallRecord) -> str | None:
        number = E164.parse_or_none(record.callee)
        country = self._user(record)["country"]
        if number is None or not isinstance(country, str):
            return None
        return "Domestic" if fits_country(number, country) else "International"

    def _sbc(self, record: CallRecord) -> str | None:
        """Its address; its key, where it is gone."""
        if record.gateway is None:
            return None
        sbc = self.organisation.pstn.direct_routing.sbcs.get(record.gateway)
        return record.gateway if sbc is None else HostPort.parse(sbc.address, default_port=0).host


def direct_call_type(record: CallRecord) -> str:
    """In the words of SPEC 10.4."""
    if record.direction is Direction.INBOUND:
        return "dr_in"
    if any(step.because == _TRANSFER for step in record.steps):
        return "dr_out_user_transfer"
    return "dr_out" if record.callee_user is None else "dr_out_user_forwarding"


def shared_correlation_id(record: CallRecord) -> CallId:
    """The same for all calls of a conversation that a transfer joined (ADR 0016, row 269): the
    first of them, for ids sort by time."""
    named = (_OTHER_CALL.fullmatch(step.because) for step in record.steps)
    return min(record.id, *(CallId(found[1]) for found in named if found is not None), record.id)
