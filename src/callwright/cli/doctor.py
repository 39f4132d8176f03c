"""`callwright doctor`: looks for what would keep calls out, before somebody cannot call."""

import asyncio
import logging
from collections.abc import Sequence

import typer

from callwright.cli.civil_time import utc_now
from callwright.cli.doctor_call import place_call
from callwright.cli.logging import log_to_stderr
from callwright.cli.places import host_port, port_range
from callwright.cli.serve import Places
from callwright.cli.tables import print_json, print_table
from callwright.kernel.addresses import HostPort
from callwright.runtime.doctor.examination import Patient, examine
from callwright.runtime.doctor.finding import Finding, Verdict
from callwright.runtime.doctor.ntp import NTP_PORT
from callwright.runtime.doctor.path import SIP_PORT
from callwright.runtime.doctor.stun import STUN_PORT

COLUMNS = ("verdict", "check", "of", "reason", "remedy")


def run(
    places: Places,
    *,
    http: str,
    rtp: str,
    stun: Sequence[str],
    ntp: str | None,
    peers: Sequence[str],
    as_json: bool,
) -> None:
    """Ends with exit status 1 when a check failed. Raises typer.BadParameter."""
    low, high = port_range(rtp)
    patient = Patient(
        listening=places.listening(),
        http=host_port(http),
        rtp_low=low,
        rtp_high=high,
        certificates=places.certificates,
        peer_ca=places.peer_ca,
        stun=tuple(_place(text, STUN_PORT) for text in stun),
        ntp=None if ntp is None else _place(ntp, NTP_PORT),
        peers=tuple(_place(text, SIP_PORT) for text in peers),
    )
    log_to_stderr(least=logging.CRITICAL)  # what is wrong is told by the findings
    findings = asyncio.run(_examined(patient))
    if as_json:
        print_json([_as_json(finding) for finding in findings])
    else:
        print_table(COLUMNS, map(_row, findings))
    if any(finding.verdict is Verdict.FAILED for finding in findings):
        raise typer.Exit(1)


async def _examined(patient: Patient) -> list[Finding]:
    return [finding async for finding in examine(patient, place_call, utc_now)]


def _place(text: str, port: int) -> HostPort:
    """Reads ``HOST`` or ``HOST:PORT``; raises typer.BadParameter."""
    try:
        return HostPort.parse(text, default_port=port)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _row(finding: Finding) -> tuple[str, ...]:
    return (
        finding.verdict.value,
        finding.check,
        finding.subject,
        finding.reason,
        finding.remedy or "-",
    )


def _as_json(finding: Finding) -> dict[str, object]:
    return {
        "check": finding.check,
        "subject": finding.subject,
        "verdict": finding.verdict.name.lower().replace("_", "-"),
        "reason": finding.reason,
        "remedy": finding.remedy or None,
    }
