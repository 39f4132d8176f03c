"""SIP over TLS: phones, SBCs that prove their name, certificates that change while calls run."""

import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.interop.authority import Authority, served_names
from tests.interop.baresip import baresip, needs_baresip
from tests.interop.conftest import Change, StartServer
from tests.interop.linphone import linphone, needs_linphone
from tests.interop.phones import (
    OUTSIDE,
    TONES_HZ,
    carrier,
    closing_audio,
    line,
    phone,
    play,
    talk,
)
from tests.interop.process import LOOPBACK, Organisation, ServerProcess, free_address, until

from callwright.kernel.addresses import HostPort
from callwright.testing.softphone import Softphone, softphone

NAME = "pbx.contoso.test"
ERIN_HZ = 1_300


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def certificates(tmp_path: Path, authority: Authority) -> Path:
    directory = tmp_path / "certificates"
    authority.sign(directory, NAME, LOOPBACK, label="default")
    return directory


@asynccontextmanager
async def secure_phone(
    server: ServerProcess, user: str, authority: Authority, *, tone_hz: int = ERIN_HZ
) -> AsyncIterator[Softphone]:
    async with softphone(
        user,
        server.places["tls"],
        tone_hz=tone_hz,
        password=f"{user}-secret",
        transport="tls",
        security=authority.peer(),
        server_name=NAME,
    ) as device:
        with closing_audio(device):
            assert await device.register() == 200
            yield device


def listening(certificates: Path) -> list[str | Path]:
    return ["--tls", f"{LOOPBACK}:0", "--certificates", certificates]


def test_a_phone_over_tls_calls_and_is_called(
    start_server: StartServer, authority: Authority, certificates: Path
) -> None:
    server = start_server(None, listening(certificates))

    async def scene() -> None:
        async with (
            secure_phone(server, "erin", authority) as erin,
            phone(server, "bob") as bob,
        ):
            for caller, number, callee in ((erin, "102", bob), (bob, "105", erin)):
                call = await caller.dial(number)
                rung = await callee.rings()
                rung.answer()
                await call.answered()
                await talk(call, rung)
                await call.hold()
                await call.resume()
                await talk(call, rung)
                rung.hang_up()
                await call.ended()
            contact = erin.calls[0].invite.header("Contact")
            assert contact is not None
            assert f"{server.places['tls']};transport=tls" in contact
            assert server.metric("callwright_connections") == 1
            assert server.metric("callwright_certificate_seconds_left") > 19 * 24 * 3_600
            via = erin.calls[0].invite.header("Via")
            assert via is not None
            assert via.startswith("SIP/2.0/TLS ")

    play(scene())


@needs_linphone
def test_linphone_over_tls(
    start_server: StartServer, authority: Authority, certificates: Path, tmp_path: Path
) -> None:
    server = start_server(None, listening(certificates))

    async def scene() -> None:
        async with (
            linphone(
                server,
                "bob",
                tmp_path,
                tone_hz=1_900,
                transport="tls",
                proxy=server.places["tls"],
                ca=authority.file,
            ) as bob,
            phone(server, "erin") as erin,
        ):
            call = await erin.dial("102")
            await bob.state("IncomingReceived")
            await bob.answer()
            await call.answered()
            await bob.speak()
            await line(call).until_hears(1_900)
            call.hang_up()
            await bob.state("Released")

    play(scene())


@needs_baresip
@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_baresip_over_a_stream(
    start_server: StartServer,
    authority: Authority,
    certificates: Path,
    tmp_path: Path,
    transport: str,
) -> None:
    server = start_server(None, listening(certificates))

    async def scene() -> None:
        async with (
            baresip(
                server, "bob", tmp_path, tone_hz=1_900, transport=transport, ca=authority.file
            ) as bob,
            phone(server, "erin") as erin,
        ):
            call = await erin.dial("102")
            await bob.event("CALL_INCOMING")
            bob.accept()
            await call.answered()
            await line(call).until_hears(1_900)
            call.hang_up()
            await bob.event("CALL_CLOSED")
            bob.dial("105")
            rung = await erin.rings()
            rung.answer()
            await line(rung).until_hears(1_900)
            bob.hang_up()
            await rung.ended()

    play(scene())


@pytest.mark.row(53)
def test_old_tls_is_refused(start_server: StartServer, certificates: Path) -> None:
    server = start_server(None, listening(certificates))
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname = False
    old.verify_mode = ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(server.places["tls"], timeout=5) as raw,
        pytest.raises(ssl.SSLError),
        old.wrap_socket(raw),
    ):
        pass


def test_the_name_that_is_asked_for_chooses_the_certificate(
    start_server: StartServer, authority: Authority, certificates: Path
) -> None:
    authority.sign(certificates, "*.offices.test", label="offices")
    acme = certificates / "phones.test"
    made = authority.sign(acme, "phones.test", label="fullchain")
    made.with_suffix(".key").rename(acme / "privkey.pem")
    server = start_server(None, listening(certificates))
    place = server.places["tls"]
    assert served_names(place, NAME) == [NAME]
    assert served_names(place, "paris.offices.test") == ["*.offices.test"]
    assert served_names(place, "phones.test") == ["phones.test"]
    assert served_names(place, "elsewhere.test") == [NAME]
    assert served_names(place, None) == [NAME]


def test_a_new_certificate_serves_without_a_restart(
    start_server: StartServer, authority: Authority, certificates: Path
) -> None:
    server = start_server(None, listening(certificates))

    async def scene() -> None:
        async with (
            secure_phone(server, "erin", authority) as erin,
            phone(server, "bob") as bob,
        ):
            call = await erin.dial("102")
            rung = await bob.rings()
            rung.answer()
            await call.answered()
            authority.sign(certificates, NAME, "new.contoso.test", label="default")
            server.reload_certificates()
            await until(
                lambda: "new.contoso.test" in served_names(server.places["tls"], NAME),
                "the new certificate",
            )
            await talk(call, rung)
            (certificates / "default.key").write_text("no key")
            server.reload_certificates()
            await until(lambda: "cannot be used" in server.log_text, "the broken pair in the log")
            assert "new.contoso.test" in served_names(server.places["tls"], NAME)
            rung.hang_up()
            await call.ended()
        server.log.clear()  # the broken pair is an error that this test made

    play(scene())


@asynccontextmanager
async def secure_sbc(
    server: ServerProcess, authority: Authority, chain: Path, tls_bind: HostPort
) -> AsyncIterator[Softphone]:
    async with softphone(
        "sbc",
        server.places["tls"],
        tone_hz=TONES_HZ["carrier"],
        transport="tls",
        tls_bind=tls_bind,
        security=authority.sbc(chain),
        server_name=NAME,
    ) as device:
        with closing_audio(device):
            yield device


def by_name(place: HostPort) -> Change:
    """The first SBC is known by the name in its certificate."""

    def change(organisation: Organisation) -> None:
        sbc = organisation["pstn"]["direct_routing"]["sbcs"]["sbc1"]
        sbc["address"] = f"localhost:{place.port}"
        sbc["transport"] = "tls"

    return change


@pytest.mark.row(54)
def test_an_sbc_is_known_by_the_name_in_its_certificate(
    start_server: StartServer, authority: Authority, certificates: Path, tmp_path: Path
) -> None:
    place = free_address()
    options = [*listening(certificates), "--peer-ca", authority.file]
    server = start_server(by_name(place), options)
    ours = authority.sign(tmp_path / "sbc", "localhost", label="default")
    other = authority.sign(tmp_path / "other", "sbc.elsewhere.test", label="default")

    async def scene() -> None:
        async with phone(server, "bob") as bob:
            async with secure_sbc(server, authority, ours, place) as sbc:
                call = await sbc.dial(
                    f"sip:+14255550102@{NAME}", from_=f"<sip:{OUTSIDE}@localhost>"
                )
                rung = await bob.rings()
                rung.answer()
                await call.answered()
                await talk(call, rung)
                call.hang_up()
                await rung.ended()
                record = await server.record(callee="+14255550102", result="answered")
                assert record["gateway"] == "sbc1"

                call = await bob.dial(OUTSIDE)
                rung = await sbc.rings()
                assert (rung.invite.header("Via") or "").startswith("SIP/2.0/TLS ")
                rung.answer()
                await call.answered()
                await talk(call, rung)
                rung.hang_up()
                await call.ended()
            async with secure_sbc(server, authority, other, free_address()) as stranger:
                call = await stranger.dial(
                    f"sip:+14255550102@{NAME}", from_=f"<sip:{OUTSIDE}@localhost>"
                )
                assert await call.refused() in (401, 403)

    play(scene())


def test_an_sbc_with_the_wrong_certificate_is_not_called(
    start_server: StartServer, authority: Authority, certificates: Path, tmp_path: Path
) -> None:
    place = free_address()
    options = [*listening(certificates), "--peer-ca", authority.file]
    server = start_server(by_name(place), options)
    wrong = authority.sign(tmp_path / "wrong", "sbc.elsewhere.test", label="default")

    async def scene() -> None:
        async with (
            phone(server, "bob") as bob,
            secure_sbc(server, authority, wrong, place) as sbc,
            carrier(server, server.sbc2) as backup,
        ):
            call = await bob.dial(OUTSIDE)
            rung = await backup.rings(within_s=15)
            rung.answer()
            await call.answered()
            assert sbc.calls == []
            call.hang_up()
            await rung.ended()

    play(scene())


def test_without_a_certificate_the_server_says_what_is_missing(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "state", None, ())
    with pytest.raises(AssertionError, match="--certificates"):
        server.start(options=["--tls", f"{LOOPBACK}:0"])
