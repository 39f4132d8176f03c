"""SRTP and DTLS-SRTP with software of others: OpenSSL shakes hands, another library enciphers."""

import asyncio
import hashlib
import os
import re
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.contract.media.native_stage import NativeStage
from tests.contract.media.rtp_party import RtpParty
from tests.interop.authority import Authority
from tests.interop.secure_end import LENGTHS, SecureEnd, Session

from callwright.media.events import Protected, ProtectionChanged
from callwright.media.remote import Dtls, Sdes, Suite

OPENSSL = shutil.which("openssl")
WITHIN_S = 8.0
NAMES = {
    Suite.AES_CM_128_HMAC_SHA1_80: "SRTP_AES128_CM_SHA1_80",
    Suite.AEAD_AES_128_GCM: "SRTP_AEAD_AES_128_GCM",
    Suite.AEAD_AES_256_GCM: "SRTP_AEAD_AES_256_GCM",
}
"""What RFC 5764 §4.1.2 and RFC 7714 §14.2 call what a handshake can agree on."""

needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")


class SecureStage(NativeStage):
    """Its first party speaks SRTP, with software that is not the engine's."""

    async def secure_party(self, name: str) -> tuple[RtpParty, SecureEnd]:
        party = await self.party(name)
        end = await self.secure_end()
        party.rtp = end
        party.change(rtp_port=end.port, rtcp_port=end.port, rtcp_mux=True)
        return party, end

    async def secure_end(self, port: int = 0) -> SecureEnd:
        end = await SecureEnd.open("127.0.0.1", port)
        assert isinstance(end, SecureEnd)
        self._ends.append(end)
        return end


@pytest.mark.parametrize("suite", list(Suite), ids=lambda suite: suite.name)
def test_another_library_understands_our_packets_and_we_its(suite: Suite) -> None:
    """The party's sequence numbers wrap after a second: the roll-over counter goes on."""
    stage = SecureStage()

    async def scene() -> None:
        alice, end = await stage.secure_party("alice")
        bob = await stage.party("bob")
        theirs, ours = (os.urandom(LENGTHS[suite].key + LENGTHS[suite].salt) for _ in range(2))
        end.agree(suite, theirs, ours)
        alice.change(protection=Sdes(suite, ours, theirs))
        stage.engine.bridge(alice.leg, bob.leg)
        await both_hear(alice, bob)
        await stage.elapse(1.0)
        assert alice.sequence > 1 << 16, "it has wrapped"
        await both_hear(alice, bob)
        assert stage.statistics(alice).packets_rejected == 0

    stage.run(scene())


def test_the_session_keys_of_the_standard() -> None:
    """RFC 3711 appendix B.3: what the tests themselves stand on."""
    master_key = bytes.fromhex("E1F97A0D3E018BE0D64FA32C06DE4139")
    master_salt = bytes.fromhex("0EC675AD498AFEEBB6960B3AABE6")
    session = Session(Suite.AES_CM_128_HMAC_SHA1_80, master_key + master_salt)
    assert session._cipher_key.hex().upper() == "C61E7A93744F39EE10734AFE3FF7A087"
    assert session._salt.hex().upper() == "30CBBC08863D8C85D49DB34A9AE1"
    assert session._mac_key.hex().upper() == "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"


@needs_openssl
@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("suite", list(NAMES), ids=lambda suite: suite.name)
def test_openssl_shakes_hands_with_us(tmp_path: Path, suite: Suite, role: str) -> None:
    stage = SecureStage()
    certificate = Authority(tmp_path / "ca").sign(tmp_path, "alice.contoso.test")

    async def scene() -> None:
        alice, bob = await stage.party("alice"), await stage.party("bob")
        port = alice.rtp.port
        alice.rtp.transport.close()  # type: ignore[attr-defined]
        async with handshake(role, suite, certificate, port, alice.port) as openssl:
            protection = Dtls(role == "server", fingerprint_of(certificate))
            alice.change(protection=protection, rtcp_port=port, rtcp_mux=True)
            keys = await openssl.keys(suite)
            assert await stage.event(ProtectionChanged, within_s=WITHIN_S) == ProtectionChanged(
                alice.leg, Protected.ESTABLISHED
            )
        end = await stage.secure_end(port)
        mine, theirs = (
            (keys.client, keys.server) if role == "client" else (keys.server, keys.client)
        )
        end.agree(suite, mine, theirs)
        alice.rtp = end
        stage.engine.bridge(alice.leg, bob.leg)
        await both_hear(alice, bob)

    stage.run(scene())


async def both_hear(one: RtpParty, two: RtpParty) -> None:
    one.talk()
    two.talk()
    await one.until_hears(two.name)
    await two.until_hears(one.name)


def fingerprint_of(certificate: Path) -> str:
    """RFC 8122 §5."""
    octets = ssl.PEM_cert_to_DER_cert(certificate.read_text().strip())
    return hashlib.sha256(octets).digest().hex(":").upper()


@dataclass(frozen=True, slots=True)
class Keys:
    """Master key and salt of what each side sends."""

    client: bytes
    server: bytes


class OpenSsl:
    """`openssl s_client` or `s_server`, which tells the keys that a handshake agreed on."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def keys(self, suite: Suite) -> Keys:
        """RFC 5764 §4.2: both keys, then both salts, the client's first."""
        said = ""
        async with asyncio.timeout(WITHIN_S):
            assert self._process.stdout is not None
            while (found := re.search(r"Keying material: ([0-9A-F]+)\n", said)) is None:
                line = await self._process.stdout.readline()
                assert line, f"openssl has ended: {said}"
                said += line.decode()
        assert NAMES[suite] in said
        material, lengths = bytes.fromhex(found[1]), LENGTHS[suite]
        keys, salts = material[: 2 * lengths.key], material[2 * lengths.key :]
        return Keys(
            keys[: lengths.key] + salts[: lengths.salt], keys[lengths.key :] + salts[lengths.salt :]
        )


@asynccontextmanager
async def handshake(
    role: str, suite: Suite, certificate: Path, port: int, engine_port: int
) -> AsyncIterator[OpenSsl]:
    """OpenSSL at ``port`` in this role; killed afterwards, so that it says no goodbye."""
    assert OPENSSL is not None
    length = 2 * (LENGTHS[suite].key + LENGTHS[suite].salt)
    places = (
        ["s_client", "-connect", f"127.0.0.1:{engine_port}", "-bind", f"127.0.0.1:{port}"]
        if role == "client"
        else ["s_server", "-accept", f"127.0.0.1:{port}", "-Verify", "1"]
    )
    process = await asyncio.create_subprocess_exec(
        OPENSSL, *places, "-dtls1_2", "-cert", certificate, "-key", certificate.with_suffix(".key"),
        "-use_srtp", NAMES[suite], "-keymatexport", "EXTRACTOR-dtls_srtp",
        "-keymatexportlen", str(length),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield OpenSsl(process)
    finally:
        process.kill()
        await process.communicate()
