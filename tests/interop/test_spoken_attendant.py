"""A caller speaks to an attendant over a real line, and the built-in recogniser understands."""

from collections.abc import Iterator

import numpy as np
import pytest
from tests.interop.conftest import new_server
from tests.interop.phones import carrier, line, phone, play, talk
from tests.interop.process import Organisation, ServerProcess
from tests.interop.sounds import write_tone
from tests.unit.media.telephone_speech import over_the_telephone, spoken

MAIN = "+14255550150"
MENU_HZ = 800


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    directory = tmp_path_factory.mktemp("server")

    def change(organisation: Organisation) -> None:
        reception = organisation["auto_attendants"]["reception"]
        reception |= {
            "speech": True,
            "open": {
                "menu": {
                    "prompt": write_tone(directory / "menu.wav", MENU_HZ, 0.8),
                    "keys": {
                        "1": {"user": "bob", "command": "technical support"},
                        "2": {"user": "erin", "command": "billing department"},
                        "0": "operator",
                    },
                    "round_wait_s": 8,
                }
            },
        }

    running = new_server(directory, change)
    running.start()
    yield running
    running.stop()


@pytest.mark.row(163)
@pytest.mark.parametrize(
    ("words", "user"),
    [("technical support", "bob"), ("billing department", "erin")],
)
def test_a_spoken_option_rings_its_user(server: ServerProcess, words: str, user: str) -> None:
    speech = np.frombuffer(over_the_telephone(spoken(words, "en-us"), noise_db=60.0), "<i2")

    async def scene() -> None:
        async with phone(server, user) as device, carrier(server) as outside:
            call = await outside.dial(MAIN)
            line(call).is_talking = False
            await call.answered()
            await line(call).until_hears(MENU_HZ)
            line(call).say(speech)
            rung = await device.rings(within_s=20)
            rung.answer()
            line(call).is_talking = True
            await talk(call, rung)
            call.hang_up()
            await rung.ended()
            record = await server.record(callee=MAIN, callee_user=user)
            assert any(
                f"the caller said {words}" in step["because"].lower() for step in record["steps"]
            )

    play(scene())
