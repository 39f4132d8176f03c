"""The doctor's call: two phones of its own call each other through a server of its own."""

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

from callwright.cli.civil_time import utc_now
from callwright.kernel.addresses import HostPort
from callwright.operations.apply_organisation import apply_organisation
from callwright.operations.organisation_file import read_organisation
from callwright.runtime.advertising import WILDCARDS, interface_to_peer
from callwright.runtime.doctor.public_address import SOMEBODY_PUBLIC
from callwright.runtime.doctor.self_call import CallSeen
from callwright.runtime.server import AddressTaken, ServerSettings, running_server
from callwright.runtime.transports import Listening
from callwright.sip.ladder import read_label
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database
from callwright.storage.faults import DatabaseError
from callwright.storage.system import System
from callwright.testing.softphone import Softphone, softphone

WITHIN_S = 40.0
"""The whole of it: start, call and end."""
ORGANISATION = """
organisation:
  name: Doctor
  domain: doctor.invalid
  country: US
  timezone: Etc/UTC
  language: en-US
users:
  patient: {name: Patient, extension: "11", sip: {password: PASSWORD}}
  nurse: {name: Nurse, extension: "12", sip: {password: PASSWORD}}
"""
"""Lives as long as the call, in which the world may reach it: nobody knows the password."""
PATIENT_HZ, NURSE_HZ = 600, 1_300


class Scale:
    """The largest message that passed."""

    def __init__(self) -> None:
        self.bytes: int | None = None
        self.name = ""

    def weigh(self, _is_ours: bool, message: bytes) -> None:
        if self.bytes is None or len(message) > self.bytes:
            self.bytes, self.name = len(message), read_label(message)[0]


async def place_call(bind: HostPort, ports: tuple[int, int], is_beside: bool) -> CallSeen:
    """Starts a server at ``bind`` (port 0: any) with these RTP ports, calls, and ends it all."""
    scale, problem, server = Scale(), "", bind
    with TemporaryDirectory(prefix="callwright-doctor-") as folder:
        try:
            async with asyncio.timeout(WITHIN_S):
                server = await _served(bind, ports, Path(folder), scale)
        except TimeoutError:
            problem = f"not done within {WITHIN_S:.0f} s"
        except (AssertionError, AddressTaken, DatabaseError, OSError) as error:
            problem = str(error)
        except Exception as error:  # a defect, but the other checks are still worth telling
            problem = f"{type(error).__name__}: {error}"
    return CallSeen(server, problem, is_beside, scale.bytes, scale.name)


async def _served(bind: HostPort, ports: tuple[int, int], folder: Path, scale: Scale) -> HostPort:
    low, high = ports
    settings = ServerSettings(
        listening=Listening((bind,)),
        rtp_low=low,
        rtp_high=high,
        keeps_trace=False,
    )
    file = folder / "organisation.yaml"
    password = token_hex(16)
    file.write_text(ORGANISATION.replace("PASSWORD", password), encoding="utf-8")
    database = Database.open(folder)
    try:
        apply_organisation(StoredConfiguration(database, utc=utc_now), read_organisation(file))
    finally:
        database.close()
    async with running_server(settings, System.open(folder)) as server:
        reached = HostPort(_reachable(bind.host), server.sip.port)
        try:
            await _both_heard(reached, scale, password)
        finally:
            await server.stop()
        return reached


async def _both_heard(server: HostPort, scale: Scale, password: str) -> None:
    """Raises AssertionError, which says what was missing."""
    async with (
        _phone("patient", PATIENT_HZ, server, scale, password) as patient,
        _phone("nurse", NURSE_HZ, server, scale, password) as nurse,
    ):
        for phone in (patient, nurse):
            status = await phone.register()
            assert status == 200, f"a phone could not register: {status}"
        call = await patient.dial("12")
        taken = await nurse.rings()
        taken.answer()
        await call.answered()
        await nurse.line(taken).until_hears(PATIENT_HZ)
        await patient.line(call).until_hears(NURSE_HZ)
        call.hang_up()
        await taken.ended()


def _phone(
    user: str, tone_hz: int, server: HostPort, scale: Scale, password: str
) -> AbstractAsyncContextManager[Softphone]:
    return softphone(
        user,
        server,
        tone_hz=tone_hz,
        password=password,
        domain="doctor.invalid",
        bind=HostPort(server.host, 0),
        tap=scale.weigh,
    )


def _reachable(host: str) -> str:
    return interface_to_peer(SOMEBODY_PUBLIC[":" in host]) if host in WILDCARDS else host
