"""Night mode, overrides and calendars on a running server: over real SIP, by phone and by command,
and after the server was killed."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from tests.interop.conftest import new_server
from tests.interop.phones import carrier, line, phone, play
from tests.interop.process import Organisation, ServerProcess, callwright_inside, until
from tests.interop.sounds import write_tone

MAIN = "+14255550150"
OPEN_HZ, CLOSED_HZ, HOLIDAY_HZ = 600, 900, 1_300
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//contoso//town
BEGIN:VEVENT
UID:1
SUMMARY:Fair
DTSTART;VALUE=DATE:{begin:%Y%m%d}
DTEND;VALUE=DATE:{end:%Y%m%d}
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    directory = tmp_path_factory.mktemp("server")
    today = datetime.now(UTC).date()
    span = {"begin": today - timedelta(days=2), "end": today + timedelta(days=3)}
    (directory / "town.ics").write_text(CALENDAR.format(**span))

    def change(organisation: Organisation) -> None:
        def flow(hz: int) -> dict[str, object]:
            return {"greeting": write_tone(directory / f"{hz}.wav", hz, 1.0), "then": "disconnect"}

        flows = {"open": flow(OPEN_HZ), "closed": flow(CLOSED_HZ)}
        switch = {"code": "1", "by": [{"user": "alice"}]}
        always = {"mon-sun": ["00:00-24:00"]}
        organisation["schedules"] = {"office": {"hours": always, "switch": switch}}
        organisation["holiday_sets"] = {"town": {"calendar": {"file": "town.ics"}}}
        attendants = organisation["auto_attendants"]
        attendants["reception"] = {"hours": "office", **flows}
        attendants["fair"] = {**flows, "holidays": [{"set": "town", **flow(HOLIDAY_HZ)}]}

    running = new_server(directory, change)
    running.start()
    yield running
    running.stop()


async def hears(server: ServerProcess, hz: int, number: str = MAIN) -> None:
    """Calls until that is what callers hear; a change holds within a second."""

    async def call_once() -> bool:
        async with carrier(server) as outside:
            call = await (await outside.dial(number)).answered()
            with suppress(AssertionError, TimeoutError):
                await line(call).until_hears(hz, within_s=0.7)
                return True
            return False

    for _ in range(6):
        if await call_once():
            return
    raise AssertionError(f"callers never heard {hz} Hz")


def told(server: ServerProcess, *words: str) -> None:
    command = callwright_inside(*words, "--data", server.data)
    assert command.code == 0, command.stderr


def test_night_mode_by_phone_holds_at_once_and_after_a_kill(server: ServerProcess) -> None:
    async def scene() -> None:
        await hears(server, OPEN_HZ)
        async with phone(server, "alice") as alice:
            call = await (await alice.dial("*281")).answered()
            await call.ended(within_s=10)
        record = await server.record(callee="*281")
        assert (record["result"], record["via"]) == ("answered", "office")
        await hears(server, CLOSED_HZ)

    play(scene())
    server.kill()
    server.start()
    play(hears(server, CLOSED_HZ))
    found = server.look("schedules", "preview", "office")
    assert (found["override"]["standing"], found["override"]["by"]) == ("closed", "alice")
    told(server, "schedules", "lift", "office")
    play(hears(server, OPEN_HZ))


def test_an_attendant_is_closed_by_command(server: ServerProcess) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    told(server, "attendants", "override", "reception", "closed", "--until", tomorrow)
    play(hears(server, CLOSED_HZ))
    told(server, "attendants", "lift", "reception")
    play(hears(server, OPEN_HZ))


def test_a_calendar_in_a_file_closes_the_office(server: ServerProcess) -> None:
    async def fetched() -> None:
        await until(lambda: server.look("attendants", "preview", "fair")["now"]["holiday"], "fair")

    play(fetched())
    found = server.look("attendants", "preview", "fair")
    assert (found["now"]["standing"], found["now"]["holiday"]) == ("holiday", "Fair")
    assert found["caveats"] == []
    assert [change["standing"] for change in found["changes"]] == ["open"]
