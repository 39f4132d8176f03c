"""Do the certificates hold, and for how long?"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from callwright.kernel.limits.certificates import CERTIFICATE_WARNING_DAYS
from callwright.runtime.certificates import CertificateError, Certificates
from callwright.runtime.doctor.finding import Finding, Verdict

CHECK = "certificate"


@dataclass(frozen=True, slots=True)
class CertificateSeen:
    label: str
    """How its files are called."""
    names: tuple[str, ...] = ()
    begins_at: datetime | None = None
    expires_at: datetime | None = None
    problem: str = ""
    """Why it cannot be used."""


@dataclass(frozen=True, slots=True)
class CertificatesSeen:
    directory: Path | None
    is_needed: bool
    """Whether anything listens with TLS."""
    found: tuple[CertificateSeen, ...] = ()
    problem: str = ""
    """Why there is none at all."""


def observe(directory: Path | None, peer_ca: Path | None, *, is_needed: bool) -> CertificatesSeen:
    """Reads them the way the server does."""
    if directory is None:
        return CertificatesSeen(None, is_needed)
    try:
        certificates = Certificates(directory, peer_ca)
    except CertificateError as error:
        return CertificatesSeen(directory, is_needed, problem=str(error))
    serving = (
        CertificateSeen(one.label, one.names, one.begins_at, one.expires_at)
        for one in certificates.serving
    )
    unusable = (CertificateSeen(label, problem=why) for label, why in certificates.unusable.items())
    return CertificatesSeen(directory, is_needed, (*serving, *unusable))


def judge(seen: CertificatesSeen, now: datetime) -> tuple[Finding, ...]:
    if seen.directory is None:
        if not seen.is_needed:
            return (Finding(CHECK, "-", Verdict.NOT_TRIED, "nothing listens with TLS"),)
        return (
            Finding(
                CHECK,
                "-",
                Verdict.FAILED,
                "TLS needs a certificate",
                "name the directory that holds it with --certificates",
            ),
        )
    if seen.problem:
        return (
            Finding(
                CHECK,
                str(seen.directory),
                Verdict.FAILED,
                seen.problem,
                "put NAME.pem and NAME.key there, readable for the server",
            ),
        )
    return tuple(_judge(one, now) for one in seen.found)


def _judge(seen: CertificateSeen, now: datetime) -> Finding:
    subject = f"{seen.label} ({', '.join(seen.names)})" if seen.names else seen.label

    def found(verdict: Verdict, reason: str, remedy: str = "") -> Finding:
        return Finding(CHECK, subject, verdict, reason, remedy)

    if seen.problem or seen.begins_at is None or seen.expires_at is None:
        return found(
            Verdict.FAILED, f"cannot be used: {seen.problem}", "put a key that fits beside it"
        )
    if now < seen.begins_at:
        return found(
            Verdict.FAILED,
            f"holds only from {seen.begins_at:%Y-%m-%d %H:%M} UTC on",
            "set the clock right, or wait",
        )
    if now >= seen.expires_at:
        return found(
            Verdict.FAILED,
            f"expired on {seen.expires_at:%Y-%m-%d}",
            "renew it; a running server takes the new file within minutes",
        )
    left = seen.expires_at - now
    holds = f"holds until {seen.expires_at:%Y-%m-%d}, {left.days} days"
    if left < timedelta(days=CERTIFICATE_WARNING_DAYS):
        return found(Verdict.WARNING, holds, "renew it; see that this happens by itself")
    return found(Verdict.OK, holds)
