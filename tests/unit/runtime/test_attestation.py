"""Signing and judging, against signatures made and checked here with raw operations."""

import base64
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from callwright.domains.pstn.model import Signing, Verification
from callwright.kernel.e164 import E164
from callwright.routing.request import Claim
from callwright.routing.snapshot import Snapshot
from callwright.runtime.attestation import Attestor, Verdict, certificate_file
from callwright.runtime.tn_authorisation import numbers_allowed
from callwright.sip.message import Request
from callwright.testing.builders import contoso_snapshot

URL = "https://contoso.test/stir.pem"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CALLING, CALLED = "+14255550101", E164("+12065550199")


class Timer:
    def cancel(self) -> None:
        pass


class StoppedClock:
    """Time moves only when a test says so."""

    def __init__(self) -> None:
        self.now = NOW
        self.due: Callable[[], None] = lambda: None

    def monotonic(self) -> float:
        return 0.0

    def utc(self) -> datetime:
        return self.now

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        self.due = callback
        return Timer()


class Bench:
    """A key pair, its files, and an attestor that uses both."""

    def __init__(self, folder: Path, **wanted: bool) -> None:
        self.clock = StoppedClock()
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.key_file = folder / "stir.key"
        self.certificates = folder / "certificates"
        self.certificates.mkdir()
        write_key(self.key_file, self.key)
        self.put_certificate(self.key)
        self.attestor = Attestor(self.clock)
        self.attestor.follow(self.snapshot(**wanted))

    def snapshot(self, **wanted: bool) -> Snapshot:
        return replace(
            contoso_snapshot(),
            signing=Signing(self.key_file, URL),
            verification=Verification(self.certificates, **wanted),
        )

    def put_certificate(self, key: Any, url: str = URL, **options: Any) -> None:
        path = self.certificates / certificate_file(url)
        new = path.with_suffix(".new")
        new.write_bytes(certificate_of(key, **options).public_bytes(Encoding.PEM))
        new.rename(path)
        later = path.stat().st_mtime_ns + 1_000_000_000
        os.utime(path, ns=(later, later))
        os.utime(self.certificates, ns=(later, later + path.stat().st_ino))

    def identity(self, **changed: Any) -> str:
        """An Identity header that this test makes itself."""
        header = {"alg": "ES256", "ppt": "shaken", "typ": "passport", "x5u": URL}
        claims = {
            "attest": "A",
            "dest": {"tn": [CALLED[1:]]},
            "iat": int(self.clock.now.timestamp()),
            "orig": {"tn": CALLING[1:]},
            "origid": "x",
        } | changed
        signed = f"{packed(header)}.{packed(claims)}"
        r, s = decode_dss_signature(self.key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return (
            f"{signed}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))};info=<{URL}>;ppt=shaken"
        )

    def judge(self, *identities: str, calling: str = CALLING, called: str = CALLED) -> Any:
        headers = [("Identity", value) for value in identities]
        request = Request("INVITE", f"sip:{called}@h", headers)
        return self.attestor.judge(request, calling={calling}, called={called})

    def signed_header(self, claim: Claim | None = None) -> str:
        headers = dict(self.attestor.sign(claim or Claim(CALLING, CALLED, "A")))
        return headers["Identity"]


def b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def packed(value: object) -> str:
    return b64(json.dumps(value, separators=(",", ":"), sort_keys=True).encode())


def unpacked(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def write_key(path: Path, key: Any) -> None:
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def certificate_of(
    key: Any, *, days: tuple[int, int] = (-1, 30), numbers: bytes | None = None
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SHAKEN 1234")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
    )
    if numbers is not None:
        oid = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.26")
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, numbers), critical=False)
    return builder.sign(key, hashes.SHA256())


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_signature_holds_for_whoever_checks_it_without_our_code(bench: Bench) -> None:
    token, _, tail = bench.signed_header().partition(";")
    assert tail == f'info=<{URL}>;alg=ES256;ppt="shaken"'
    header, claims, signature = token.split(".")
    assert unpacked(header) == {"alg": "ES256", "ppt": "shaken", "typ": "passport", "x5u": URL}
    origid = unpacked(claims).pop("origid")
    assert unpacked(claims) == {
        "attest": "A",
        "dest": {"tn": ["12065550199"]},
        "iat": int(NOW.timestamp()),
        "orig": {"tn": "14255550101"},
        "origid": origid,
    }
    raw = base64.urlsafe_b64decode(signature + "==")
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    bench.key.public_key().verify(der, f"{header}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))


def test_the_date_is_that_of_the_claims(bench: Bench) -> None:
    headers = dict(bench.attestor.sign(Claim(CALLING, CALLED, "C")))
    assert headers["Date"] == "Mon, 02 Mar 2026 09:00:00 GMT"


def test_a_caller_without_a_number_is_not_signed(bench: Bench) -> None:
    assert bench.attestor.sign(Claim("anonymous", CALLED, "A")) == ()


def test_our_own_signature_passes(bench: Bench) -> None:
    judgement = bench.judge(bench.signed_header())
    assert judgement.verdict is Verdict.PASSED
    assert "attestation A" in judgement.because


def test_a_signature_of_others_passes(bench: Bench) -> None:
    assert bench.judge(bench.identity()).verdict is Verdict.PASSED


def test_the_number_may_be_written_without_country_code(bench: Bench) -> None:
    request = Request("INVITE", "sip:2065550199@h", [("Identity", bench.identity())])
    judged = bench.attestor.judge(
        request, calling={"4255550101", CALLING}, called={"2065550199", CALLED}
    )
    assert judged.verdict is Verdict.PASSED


def test_without_identity_nothing_is_known(bench: Bench) -> None:
    judgement = bench.judge()
    assert (judgement.verdict, judgement.status) == (Verdict.ABSENT, 428)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"orig": {"tn": "19005550000"}}, 438),
        ({"dest": {"tn": ["12065550111"]}}, 438),
        ({"dest": {"tn": []}}, 438),
        ({"iat": int(NOW.timestamp()) - 61}, 403),
        ({"iat": int(NOW.timestamp()) + 61}, 403),
    ],
)
def test_a_signature_about_another_call_fails(
    bench: Bench, changed: dict[str, Any], status: int
) -> None:
    judgement = bench.judge(bench.identity(**changed))
    assert (judgement.verdict, judgement.status) == (Verdict.FAILED, status)


@pytest.mark.parametrize("age_s", [-60, 60])
def test_a_minute_is_near_enough(bench: Bench, age_s: int) -> None:
    header = bench.identity(iat=int(NOW.timestamp()) + age_s)
    assert bench.judge(header).verdict is Verdict.PASSED


def test_a_single_changed_bit_fails(bench: Bench) -> None:
    header = bench.identity()
    head, claims, rest = header.split(".", 2)
    forged = packed(unpacked(claims) | {"attest": "B"})
    judgement = bench.judge(f"{head}.{forged}.{rest}")
    assert (judgement.verdict, judgement.status) == (Verdict.FAILED, 438)


def test_the_key_of_somebody_else_fails(bench: Bench) -> None:
    bench.key = ec.generate_private_key(ec.SECP256R1())
    assert bench.judge(bench.identity()).status == 438


def test_an_unknown_certificate_decides_nothing(bench: Bench) -> None:
    for path in bench.certificates.iterdir():
        path.unlink()
    bench.attestor.follow(bench.snapshot())
    judgement = bench.judge(bench.identity())
    assert (judgement.verdict, judgement.status) == (Verdict.ABSENT, 436)


@pytest.mark.parametrize("days", [(-30, -1), (1, 30)])
def test_a_certificate_counts_in_its_time_only(bench: Bench, days: tuple[int, int]) -> None:
    bench.put_certificate(bench.key, days=days)
    bench.clock.due()
    judgement = bench.judge(bench.identity())
    assert (judgement.verdict, judgement.status) == (Verdict.FAILED, 437)


def test_a_certificate_of_another_curve_is_not_supported(bench: Bench) -> None:
    bench.put_certificate(ec.generate_private_key(ec.SECP384R1()))
    bench.clock.due()
    assert bench.judge(bench.identity()).status == 437


def test_garbage_in_the_folder_hurts_nobody(bench: Bench) -> None:
    (bench.certificates / "other.pem").write_bytes(b"\xff garbage")
    bench.attestor.follow(bench.snapshot())
    assert bench.judge(bench.identity()).verdict is Verdict.PASSED


def test_a_good_signature_counts_beside_a_broken_and_a_strange_one(bench: Bench) -> None:
    strange = bench.identity().replace("ppt=shaken", "ppt=div")
    assert bench.judge("garbage", strange, bench.identity()).verdict is Verdict.PASSED
    assert bench.judge("garbage").status == 438
    assert bench.judge(strange).status == 428


def test_the_compact_form_passes(bench: Bench) -> None:
    header = {"alg": "ES256", "typ": "passport", "x5u": URL}
    claims = {
        "dest": {"tn": [CALLED[1:]]},
        "iat": int(NOW.timestamp()),
        "orig": {"tn": CALLING[1:]},
    }
    signed = f"{packed(header)}.{packed(claims)}".encode()
    r, s = decode_dss_signature(bench.key.sign(signed, ec.ECDSA(hashes.SHA256())))
    value = f"..{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))};info=<{URL}>"
    headers = [("Identity", value), ("Date", "Mon, 02 Mar 2026 09:00:00 GMT")]
    request = Request("INVITE", "sip:x@h", headers)
    judged = bench.attestor.judge(request, calling={CALLING}, called={CALLED})
    assert judged.verdict is Verdict.PASSED


# -- files that change -----------------------------------------------------------------------------


def test_a_new_key_is_taken_without_a_restart(bench: Bench) -> None:
    bench.key = ec.generate_private_key(ec.SECP256R1())
    write_key(bench.key_file, bench.key)
    later = bench.key_file.stat().st_mtime_ns + 1_000_000_000
    os.utime(bench.key_file, ns=(later, later))
    bench.put_certificate(bench.key)
    bench.clock.due()
    assert bench.judge(bench.signed_header()).verdict is Verdict.PASSED


def test_without_a_key_calls_leave_unsigned_until_there_is_one(bench: Bench) -> None:
    bench.key_file.rename(bench.folder / "away")
    bench.clock.due()
    assert bench.attestor.sign(Claim(CALLING, CALLED, "A")) == ()
    (bench.folder / "away").rename(bench.key_file)
    bench.clock.due()
    assert bench.attestor.sign(Claim(CALLING, CALLED, "A")) != ()


def test_a_key_of_another_kind_signs_nothing(bench: Bench) -> None:
    write_key(bench.key_file, ec.generate_private_key(ec.SECP384R1()))
    bench.attestor.follow(bench.snapshot())
    assert bench.attestor.sign(Claim(CALLING, CALLED, "A")) == ()


# -- which numbers a certificate is for ------------------------------------------------------------

ONE = bytes.fromhex("300f a20d 160b") + b"14255550101"
RANGE = bytes.fromhex("3014 a112 3010 160b") + b"14255550100" + bytes.fromhex("0201 14")
PROVIDER = bytes.fromhex("3008 a006 1604") + b"1234"


@pytest.mark.parametrize(
    ("der", "number", "covers"),
    [
        (ONE, "14255550101", True),
        (ONE, "14255550102", False),
        (RANGE, "14255550100", True),
        (RANGE, "14255550119", True),
        (RANGE, "14255550120", False),
        (PROVIDER, "4930123", True),
        (ONE, "alice", False),
    ],
)
def test_a_certificate_says_which_numbers_it_is_for(der: bytes, number: str, covers: bool) -> None:
    assert numbers_allowed(der).covers(number) is covers


@pytest.mark.parametrize(
    "der", [b"", b"\x30", b"\x30\x84\xff\xff\xff\xff", ONE[:-1], b"\x30\x02\xa3\x00", ONE + b"x"]
)
def test_what_is_no_list_of_numbers_is_refused(der: bytes) -> None:
    with pytest.raises(ValueError, match="TNAuthList"):
        numbers_allowed(der)


@pytest.mark.parametrize(
    ("der", "status"), [(ONE, 200), (ONE.replace(b"0101", b"0102"), 437), (b"\x30\x05", 437)]
)
def test_a_certificate_for_other_numbers_does_not_count(
    bench: Bench, der: bytes, status: int
) -> None:
    bench.put_certificate(bench.key, numbers=der)
    bench.clock.due()
    assert bench.judge(bench.identity()).status == status
