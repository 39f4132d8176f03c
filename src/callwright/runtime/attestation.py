"""Signs the numbers of our callers and judges those of others (RFC 8224, RFC 8226, RFC 8588).

Keys and certificates are files, read when the configuration comes and when they change; no call
waits for a network. A certificate counts because it is in the folder of ``pstn.stir.verify``, under
the name that `certificate_file` gives its address.
"""

import hashlib
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from enum import Enum
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from callwright.domains.pstn.model import Signing, Verification
from callwright.kernel.clock import Clock, Timer
from callwright.kernel.limits.certificates import CERTIFICATE_BYTES_MAX, NETWORK_CERTIFICATES_MAX
from callwright.kernel.limits.identity import ATTESTATION_LOOK_S, IDENTITIES_MAX, PASSPORT_AGE_S_MAX
from callwright.routing.request import Claim
from callwright.routing.snapshot import Snapshot
from callwright.runtime.tn_authorisation import (
    EVERYTHING,
    TN_AUTH_LIST,
    NumbersAllowed,
    numbers_allowed,
)
from callwright.sip.identity.passport import (
    IDENTITY,
    Passport,
    PassportError,
    SignedPassport,
    UnknownPassport,
    canonical_number,
    identity_header,
    parse_identity,
)
from callwright.sip.message import Request

log = structlog.get_logger("callwright.attestation")

_ECDSA = ec.ECDSA(hashes.SHA256())
_TN_AUTH_LIST = x509.ObjectIdentifier(TN_AUTH_LIST)
_ANYBODY = 0o077
"""Permissions of a file for group and others."""
_HALF = 32
"""Bytes of r and of s on P-256."""


class Verdict(Enum):
    """Values of ``verstat`` (3GPP TS 24.229 §7.2A.20)."""

    PASSED = "TN-Validation-Passed"
    FAILED = "TN-Validation-Failed"
    ABSENT = "No-TN-Validation"
    """Nothing was there to look at, or nothing to look with."""


@dataclass(frozen=True, slots=True)
class Judgement:
    verdict: Verdict
    because: str
    status: int = 200
    """What RFC 8224 §6.2.2 would answer: 403, 428, 436, 437 or 438."""


NO_IDENTITY = Judgement(Verdict.ABSENT, "the call brought no Identity", 428)


@dataclass(frozen=True, slots=True)
class _Certificate:
    key: ec.EllipticCurvePublicKey | None
    """None: not of the curve P-256, or not readable."""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    allowed: NumbersAllowed = EVERYTHING


class Attestor:
    """Holds the keys; both faces answer at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._signing: Signing | None = None
        self._verification: Verification | None = None
        self._origid = ""
        self._key: ec.EllipticCurvePrivateKey | None = None
        self._key_stamp: object = None
        self._certificates: dict[str, tuple[object, _Certificate]] = {}
        self._folder_stamp: object = None
        self._timer: Timer | None = None

    # -- life ------------------------------------------------------------------------------------

    def follow(self, snapshot: Snapshot) -> None:
        """Takes over a configuration and reads the files that it names."""
        self._origid = str(uuid.uuid5(uuid.NAMESPACE_DNS, snapshot.domain))
        if snapshot.signing is None or snapshot.signing != self._signing:
            self._key = self._key_stamp = None
        if snapshot.verification is None or snapshot.verification != self._verification:
            self._folder_stamp = None
            self._certificates = {}
        self._signing, self._verification = snapshot.signing, snapshot.verification
        self.close()
        if self._signing is not None or self._verification is not None:
            self._look()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # -- signing ---------------------------------------------------------------------------------

    def sign(self, claim: Claim) -> tuple[tuple[str, str], ...]:
        """Date and Identity of an INVITE (RFC 8224 §4.1); nothing without key or numbers."""
        orig, dest = canonical_number(claim.calling), canonical_number(claim.called)
        if self._key is None or self._signing is None or orig is None or dest is None:
            return ()
        now = self._clock.utc().replace(microsecond=0)
        passport = Passport(
            orig=orig,
            dest=(dest,),
            iat=int(now.timestamp()),
            x5u=self._signing.certificate_url,
            attest=claim.attestation,
            origid=self._origid,
        )
        text = passport.signing_input
        r, s = decode_dss_signature(self._key.sign(text.encode("ascii"), _ECDSA))
        signature = r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")
        date = format_datetime(now, usegmt=True)
        return ("Date", date), (IDENTITY, identity_header(passport, text, signature))

    # -- verification ------------------------------------------------------------------------------

    def judge(
        self, request: Request, *, calling: Collection[str], called: Collection[str]
    ) -> Judgement:
        """Whether the call's Identity fits the numbers, each given in every way it is written."""
        identities = request.header_values(IDENTITY)[:IDENTITIES_MAX]
        orig = {canonical_number(number) for number in calling} - {None}
        dest = {canonical_number(number) for number in called} - {None}
        worst = NO_IDENTITY
        for text in identities:
            try:
                signed = parse_identity(text, compact=_said(request, orig, dest))
            except UnknownPassport:
                continue  # RFC 8224 §6.2.2: about something else, such as a diversion
            except PassportError as error:
                judgement = Judgement(Verdict.FAILED, str(error), 438)
            else:
                judgement = self._judge(signed, orig, dest)
            if judgement.verdict is Verdict.PASSED:
                return judgement
            worst = judgement if worst is NO_IDENTITY else worst
        return worst

    def _judge(
        self, signed: SignedPassport, orig: Collection[str | None], dest: Collection[str | None]
    ) -> Judgement:
        passport = signed.passport
        _, certificate = self._certificates.get(certificate_file(passport.x5u), (None, None))
        if certificate is None:
            return Judgement(Verdict.ABSENT, "its certificate is not in the folder", 436)
        now = self._clock.utc()
        if not _is_usable(certificate, now) or certificate.key is None:
            return Judgement(Verdict.FAILED, "its certificate is not valid", 437)
        if abs(now.timestamp() - passport.iat) > PASSPORT_AGE_S_MAX:
            return Judgement(Verdict.FAILED, "it was signed at another time", 403)
        if not _is_signed(signed, certificate.key):
            return Judgement(Verdict.FAILED, "the signature is not its certificate's", 438)
        if canonical_number(passport.orig) not in orig:
            return Judgement(Verdict.FAILED, "it vouches for another calling number", 438)
        if not {canonical_number(number) for number in passport.dest} & set(dest):
            return Judgement(Verdict.FAILED, "it is about a call to another number", 438)
        if not certificate.allowed.covers(passport.orig.removeprefix("+")):
            return Judgement(Verdict.FAILED, "its certificate is for other numbers", 437)
        attested = f", attestation {passport.attest}" if passport.attest is not None else ""
        return Judgement(Verdict.PASSED, f"signed by {passport.x5u}{attested}")

    # -- files -----------------------------------------------------------------------------------

    def _look(self) -> None:
        """Reads what changed since the last look."""
        if self._signing is not None:
            self._look_at_key(self._signing.key)
        if self._verification is not None:
            self._look_at_folder(self._verification.certificates)
        self._timer = self._clock.call_later(ATTESTATION_LOOK_S, self._look)

    def _look_at_key(self, path: Path) -> None:
        try:
            stamp: object = _stamp(path)
            if stamp == self._key_stamp:
                return
            key = load_pem_private_key(path.read_bytes(), password=None)
            if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
                raise ValueError("it is no private key of the curve P-256")
            if path.stat().st_mode & _ANYBODY:
                log.warning("others can read the key that signs calls", key=str(path))
        except (OSError, ValueError, TypeError) as error:
            stamp = type(error).__name__
            if stamp != self._key_stamp:
                log.error("calls are not signed", key=str(path), because=stamp)
            key = None
        self._key, self._key_stamp = key, stamp

    def _look_at_folder(self, folder: Path) -> None:
        """Files are put there whole, under a name that ends in ``.pem``: by renaming."""
        try:
            stamp: object = _stamp(folder)
            if stamp == self._folder_stamp:
                return
            files = sorted(folder.glob("*.pem"))[:NETWORK_CERTIFICATES_MAX]
            stamps = {path: _stamp(path) for path in files}
        except OSError as error:
            stamp = type(error).__name__
            if stamp != self._folder_stamp:
                log.error("calls are not verified", certificates=str(folder), because=stamp)
            stamps = {}
        self._folder_stamp = stamp
        former, self._certificates = self._certificates, {}
        for path, of_file in stamps.items():
            known = former.get(path.name)
            if known is None or known[0] != of_file:
                known = (of_file, _read_certificate(path))
            self._certificates[path.name] = known


def certificate_file(url: str) -> str:
    """The name under which the certificate of an ``x5u`` is looked for: SHA-256 of the address."""
    return f"{hashlib.sha256(url.encode('utf-8', 'replace')).hexdigest()}.pem"


def _said(
    request: Request, orig: Collection[str | None], dest: Collection[str | None]
) -> Passport | None:
    """What the compact form leaves out: numbers and Date of the message itself."""
    date = request.header("Date")
    if date is None or len(orig) != 1 or len(dest) != 1:
        return None
    try:
        iat = int(parsedate_to_datetime(date).timestamp())
    except (ValueError, OverflowError):
        return None
    return Passport(orig=next(iter(orig)) or "", dest=(next(iter(dest)) or "",), iat=iat, x5u="")


def _is_usable(certificate: _Certificate, now: datetime) -> bool:
    first, last = certificate.valid_from, certificate.valid_until
    return first is not None and last is not None and first <= now <= last


def _is_signed(signed: SignedPassport, key: ec.EllipticCurvePublicKey) -> bool:
    signature = signed.signature
    if len(signature) != 2 * _HALF:
        return False
    r, s = int.from_bytes(signature[:_HALF], "big"), int.from_bytes(signature[_HALF:], "big")
    try:
        key.verify(encode_dss_signature(r, s), signed.signed, _ECDSA)
    except InvalidSignature:
        return False
    return True


def _read_certificate(path: Path) -> _Certificate:
    """The first one of the file, which is the signer's; one that cannot be read counts nothing."""
    try:
        with path.open("rb") as file:
            certificate = x509.load_pem_x509_certificate(file.read(CERTIFICATE_BYTES_MAX))
        key = certificate.public_key()
        allowed = EVERYTHING
        for extension in certificate.extensions:
            if extension.oid == _TN_AUTH_LIST:
                value = extension.value
                assert isinstance(value, x509.UnrecognizedExtension)
                allowed = numbers_allowed(value.value)
    except (OSError, ValueError, x509.DuplicateExtension) as error:
        log.error("a certificate is not readable", file=str(path), because=type(error).__name__)
        return _Certificate(None)
    is_ours = isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1"
    return _Certificate(
        key if is_ours and isinstance(key, ec.EllipticCurvePublicKey) else None,
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        allowed,
    )


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size
