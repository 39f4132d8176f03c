"""Signed numbers, on the wire: what a carrier gets, what a phone shows, what is refused."""

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from callwright.domains.directory.model import Answering
from callwright.domains.pstn.model import Signing, Verification
from callwright.kernel.e164 import E164
from callwright.kernel.ids import SbcId, UserId
from callwright.kernel.reason import Reason
from callwright.kernel.target import ToExternal
from callwright.routing.request import Claim
from callwright.routing.snapshot import Snapshot
from callwright.runtime.attestation import Attestor, certificate_file
from callwright.sip.identity.passport import parse_identity
from callwright.testing.builders import contoso_snapshot
from callwright.testing.world import World, play

URL = "https://contoso.test/stir.pem"
FRIEND, OUTSIDE, BOB = "+12065550199", "+12065550123", "+14255550102"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key, and a folder with its certificate."""
    folder = tmp_path_factory.mktemp("stir")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SHAKEN 1234")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=36_500))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "stir.key").write_bytes(pem)
    os.mkdir(folder / "certificates")
    path = folder / "certificates" / certificate_file(URL)
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
    return folder


def organisation(files: Path, *, sign: bool = True, **wanted: bool) -> Snapshot:
    demo = contoso_snapshot()
    sbc = replace(demo.sbcs[SbcId("sbc1")], sign=sign)
    return replace(
        demo,
        sbcs={**demo.sbcs, sbc.id: sbc},
        signing=Signing(files / "stir.key", URL),
        verification=Verification(files / "certificates", **wanted),
    )


@pytest.mark.parametrize(("user", "attest"), [("alice", "A"), ("guest", "B")])
def test_a_call_that_leaves_is_signed(files: Path, user: str, attest: str) -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        phone = await world.phone(user)
        call = await phone.dial(FRIEND)
        await call.answered()
        call.hang_up()
        [invite] = carrier.invites
        passport = parse_identity(invite.header("Identity") or "").passport
        assert passport.orig == invite.from_.uri.user.removeprefix("+")
        assert (passport.dest, passport.attest) == ((FRIEND[1:],), attest)
        assert invite.header("Date") is not None

    demo = organisation(files)
    guest = replace(demo.users[UserId("alice")], id=UserId("guest"), number=None, extension=None)
    play(scene, organisation=replace(demo, users={**demo.users, guest.id: guest}))


def test_a_forwarded_caller_from_outside_is_passed_on_as_that(files: Path) -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.call(BOB, calling=OUTSIDE)
        await carrier.rings()
        [invite] = carrier.invites
        passport = parse_identity(invite.header("Identity") or "").passport
        assert (passport.orig, passport.attest) == (OUTSIDE[1:], "C")

    demo = organisation(files)
    bob = replace(
        demo.users[UserId("bob")], answering=Answering(forward_to=ToExternal(E164(FRIEND)))
    )
    play(scene, organisation=replace(demo, users={**demo.users, bob.id: bob}))


@pytest.mark.parametrize(("sign", "privacy"), [(False, False), (True, True)])
def test_nothing_is_signed_that_the_message_does_not_show(
    files: Path, sign: bool, privacy: bool
) -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        alice = await world.phone("alice")
        call = await alice.dial(FRIEND, headers=(("Privacy", "id"),) if privacy else ())
        await call.answered()
        call.hang_up()
        [invite] = carrier.invites
        assert invite.header("Identity") is None

    play(scene, organisation=organisation(files, sign=sign))


def test_help_is_called_without_a_signature(files: Path) -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        alice = await world.phone("alice")
        call = await alice.dial("911", headers=(("Privacy", "id"),))
        await call.answered()
        call.hang_up()
        [invite] = carrier.invites
        assert invite.header("Identity") is None
        assert invite.header("Privacy") is None
        assert invite.from_.uri.user == "+14255550119"  # where help finds the caller

    play(scene, organisation=organisation(files))


PASSED, FAILED, ABSENT = "TN-Validation-Passed", "TN-Validation-Failed", "No-TN-Validation"


@pytest.mark.parametrize(
    ("brought", "wanted", "verdict", "status"),
    [
        ("own", {}, PASSED, None),
        ("other", {}, FAILED, None),
        ("none", {}, ABSENT, None),
        ("own", {"reject_failed": True, "required": True}, PASSED, None),
        ("other", {"reject_failed": True}, FAILED, 438),
        ("stale", {"reject_failed": True}, FAILED, 403),
        ("none", {"reject_failed": True}, ABSENT, None),
        ("none", {"required": True}, ABSENT, 428),
        ("garbage", {"reject_failed": True}, FAILED, 438),
        ("garbage", {}, FAILED, None),
    ],
)
def test_a_call_that_comes_in_is_judged(
    files: Path, brought: str, wanted: dict[str, bool], verdict: str, status: int | None
) -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        claim = Claim(OUTSIDE if brought != "other" else FRIEND, E164(BOB), "A")
        signer = Attestor(world.clock)
        signer.follow(world.snapshot)
        headers = [] if brought == "none" else [h for h in signer.sign(claim) if h[0] != "Date"]
        signer.close()
        if brought == "garbage":
            headers = [("Identity", "a.b.c;info=<x>")]
        if brought == "stale":
            await asyncio.sleep(61)
        call = world.carrier("sbc1").call("4255550102", calling="2065550123", headers=headers)
        if status is None:
            rung = await bob.rings()
            asserted = rung.session.request.header("P-Asserted-Identity") or ""
            assert asserted == f"<sip:{OUTSIDE};verstat={verdict}@contoso.test;user=phone>"
            assert rung.shown[1] == OUTSIDE
            call.hang_up()
        else:
            assert await call.ended() == status
            assert bob.calls == []
        record = await world.record()
        assert (record.reason is Reason.CALLER_UNVERIFIED) == (status is not None)
        assert any(verdict in step.what for step in record.steps)

    play(scene, organisation=organisation(files, show_verstat=True, **wanted))


def test_phones_see_no_verdict_unless_they_should(files: Path) -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        world.carrier("sbc1").call(BOB, calling=OUTSIDE)
        rung = await bob.rings()
        assert not [value for _, value in rung.session.request.headers if "verstat" in value]

    play(scene, organisation=organisation(files))
