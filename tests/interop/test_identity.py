"""Callers' identity on real sockets: what a carrier is told, and signatures checked by hand."""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
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
from tests.interop.conftest import new_server
from tests.interop.phones import carrier, phone, play
from tests.interop.process import Organisation, ServerProcess

FRIEND, OUTSIDE = "+12065550199", "+12065550123"
URL = "https://carrier.test/stir.pem"
ES256 = ec.ECDSA(hashes.SHA256())
KEY = ec.generate_private_key(ec.SECP256R1())


def certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SHAKEN 1234")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
    return built.sign(KEY, hashes.SHA256()).public_bytes(Encoding.PEM)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that trusts its first trunk, signs its calls and verifies those it gets."""
    folder = tmp_path_factory.mktemp("stir")
    key, certificates = folder / "stir.key", folder / "certificates"
    key.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    certificates.mkdir()
    name = hashlib.sha256(URL.encode()).hexdigest()
    (certificates / f"{name}.pem").write_bytes(certificate())

    def change(organisation: Organisation) -> None:
        pstn = organisation["pstn"]
        for sbc in pstn["direct_routing"]["sbcs"].values():
            sbc["send_options"] = False
        pstn["direct_routing"]["sbcs"]["sbc1"] |= {"trusted": True, "sign": True}
        pstn["stir"] = {
            "sign": {"key": str(key), "certificate_url": URL},
            "verify": {"certificates": str(certificates), "reject_failed": True},
        }

    running = new_server(tmp_path_factory.mktemp("server"), change)
    running.start()
    yield running
    running.stop()


def unpacked(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def packed(value: object) -> str:
    text = json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def identity(calling: str, called: str) -> tuple[str, str]:
    head = packed({"alg": "ES256", "ppt": "shaken", "typ": "passport", "x5u": URL})
    claims = packed(
        {
            "attest": "A",
            "dest": {"tn": [called[1:]]},
            "iat": int(datetime.now(UTC).timestamp()),
            "orig": {"tn": calling[1:]},
            "origid": "123e4567-e89b-12d3-a456-426655440000",
        }
    )
    r, s = decode_dss_signature(KEY.sign(f"{head}.{claims}".encode(), ES256))
    raw = base64.urlsafe_b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    signature = raw.decode().rstrip("=")
    return ("Identity", f"{head}.{claims}.{signature};info=<{URL}>;alg=ES256;ppt=shaken")


@pytest.mark.parametrize("is_hidden", [False, True])
def test_a_carrier_gets_a_number_that_is_asserted_and_signed(
    server: ServerProcess, is_hidden: bool
) -> None:
    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "alice") as alice:
            wish = (("Privacy", "id"),) if is_hidden else ()
            call = await alice.dial(FRIEND, headers=wish)
            rung = await outside.rings()
            asserted = rung.invite.header("P-Asserted-Identity") or ""
            assert asserted.startswith("<sip:+14255550101@")
            assert rung.invite.header("Privacy") == ("id" if is_hidden else None)
            shown = "anonymous" if is_hidden else "+14255550101"
            assert rung.caller.uri.user == shown
            token = (rung.invite.header("Identity") or "").partition(";")[0]
            head, claims, signature = token.split(".")
            raw = base64.urlsafe_b64decode(signature + "==")
            r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
            signed = f"{head}.{claims}".encode()
            KEY.public_key().verify(encode_dss_signature(r, s), signed, ES256)
            assert unpacked(claims)["orig"] == {"tn": "14255550101"}
            assert unpacked(claims)["attest"] == "A"
            call.hang_up()
            await rung.ended()

    play(scene())


@pytest.mark.parametrize("is_true", [True, False])
def test_a_call_with_somebody_elses_number_is_refused(server: ServerProcess, is_true: bool) -> None:
    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "bob") as bob:
            signed = identity(OUTSIDE if is_true else FRIEND, "+14255550102")
            call = await outside.device.dial(
                f"sip:+14255550102@{server.sip}",
                from_=f"<sip:{OUTSIDE}@{outside.device.flow.local}>",
                headers=(signed,),
            )
            if is_true:
                rung = await bob.rings()
                assert rung.caller.uri.user == OUTSIDE
                call.hang_up()
                await rung.ended()
            else:
                await call.ended()
                assert call.status == 438

    play(scene())
