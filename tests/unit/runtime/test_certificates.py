"""Certificates from files: which are taken, what a broken one does, and when they are warned of."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from tests.interop.authority import Authority
from tests.unit.runtime.test_streams import PushedClock

from callwright.kernel.limits.certificates import CERTIFICATE_WARNING_DAYS
from callwright.runtime.certificate_watch import CertificateWatch
from callwright.runtime.certificates import CertificateError, Certificates

NAME = "pbx.contoso.test"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def place(tmp_path: Path, authority: Authority) -> Path:
    directory = tmp_path / "certificates"
    authority.sign(directory, NAME)
    return directory


def names(certificates: Certificates) -> list[tuple[str, ...]]:
    return [one.names for one in certificates.serving]


def shown_by(opening: ssl.SSLContext, authority: Authority, accepting: ssl.SSLContext) -> str:
    """The first name of the certificate that our side shows when it connects."""
    accepting.load_verify_locations(authority.file)
    accepting.verify_mode = ssl.CERT_REQUIRED
    theirs, ours = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = accepting.wrap_bio(ours, theirs, server_side=True)
    client = opening.wrap_bio(theirs, ours, server_hostname=NAME)
    for side in (client, server) * 3:
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    shown = server.getpeercert()
    assert shown
    return str(shown["subjectAltName"][0][1])  # type: ignore[index]


def accepting_with(chain: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, chain.with_suffix(".key"))
    return context


def test_a_certificate_without_a_key_serves_nobody(place: Path) -> None:
    (place / f"{NAME}.key").unlink()
    with pytest.raises(CertificateError, match=r"NAME\.pem"):
        Certificates(place)


def test_a_key_of_another_certificate_is_told(place: Path, authority: Authority) -> None:
    authority.sign(place, "other.test")
    (place / "other.test.key").write_bytes((place / f"{NAME}.key").read_bytes())
    with structlog.testing.capture_logs() as logs:
        certificates = Certificates(place)
    assert names(certificates) == [(NAME,)]
    assert [(log["log_level"], Path(log["file"]).name) for log in logs] == [
        ("error", "other.test.pem")
    ]


def test_an_authority_that_is_none_is_told(place: Path) -> None:
    with pytest.raises(CertificateError, match="no file of certificates"):
        Certificates(place, place / f"{NAME}.key")


def test_what_did_not_change_is_not_read_again(place: Path) -> None:
    certificates = Certificates(place)
    assert not certificates.reload()


def test_an_emptied_directory_leaves_what_serves(place: Path) -> None:
    certificates = Certificates(place)
    for file in place.iterdir():
        file.unlink()
    with structlog.testing.capture_logs() as logs:
        certificates.reload()
    assert names(certificates) == [(NAME,)]
    assert [log["log_level"] for log in logs] == ["error"]


def test_connections_that_we_open_show_the_new_certificate(
    place: Path, authority: Authority
) -> None:
    certificates = Certificates(place, authority.file)
    opening = certificates.for_opening()
    peer_place = place.parent / "peer"
    authority.sign(peer_place, NAME)

    def shown() -> str:
        return shown_by(opening, authority, accepting_with(peer_place / f"{NAME}.pem"))

    assert shown() == NAME
    authority.sign(place, "new.contoso.test", label=NAME)
    assert certificates.reload()
    certificates.serve_anew()
    assert shown() == "new.contoso.test"
    (place / f"{NAME}.key").write_text("no key")
    certificates.reload()
    certificates.serve_anew()
    assert shown() == "new.contoso.test"


@pytest.mark.parametrize(
    ("days", "warnings"),
    [
        (CERTIFICATE_WARNING_DAYS + 5, 0),
        pytest.param(29, 1, marks=pytest.mark.row(273)),
        (10, 1),
        (-1, 1),
    ],
)
def test_who_expires_soon_is_warned_of_once(
    place: Path, authority: Authority, days: int, warnings: int
) -> None:
    authority.sign(place, NAME, days=days)
    authority.sign(place, "long.test", days=400)
    certificates = Certificates(place)

    async def scene() -> None:
        watch = CertificateWatch(certificates, Now(asyncio.get_running_loop()))
        running = asyncio.create_task(watch.run())
        reloaded = asyncio.Event()
        certificates.reload = lambda: bool(reloaded.set())  # type: ignore[method-assign]
        watch.look_now()
        await asyncio.wait_for(reloaded.wait(), 30)
        running.cancel()
        left_s = timedelta(days=days).total_seconds()
        assert watch.seconds_left() == pytest.approx(left_s, abs=120)

    with structlog.testing.capture_logs() as logs:
        asyncio.run(scene())
    assert [log["name"] for log in logs] == [NAME] * warnings


class Now(PushedClock):
    """The real time."""

    def utc(self) -> datetime:  # type: ignore[override]
        return datetime.now(UTC)
