"""Prompts reach the engine once, come from the cache when they can, and fail by name."""

import asyncio
import wave
from pathlib import Path

import numpy as np
import pytest

from callwright.kernel.ids import PromptId
from callwright.kernel.prompt import Prompt, Say, Sound, Tune
from callwright.media.levels import from_s16
from callwright.media.library import PromptError
from callwright.media.prompts import RenderedPrompts
from callwright.testing.voice import SyntheticVoice, frequency_of

WELCOME = Say("Welcome to Contoso.")
CLOSED = Say("We are closed.", "en-GB")


class Shelf:
    """The part of an engine that holds prompts."""

    def __init__(self) -> None:
        self.held: dict[PromptId, bytes] = {}
        self.loads = 0

    def load_prompt(self, prompt: PromptId, pcm: bytes) -> None:
        assert prompt not in self.held
        self.held[prompt] = pcm
        self.loads += 1

    def unload_prompt(self, prompt: PromptId) -> None:
        del self.held[prompt]


class House:
    """A library with its surroundings; ``again`` is the next start on the same disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shelf = Shelf()
        self.voice = SyntheticVoice()
        self.prompts = RenderedPrompts(self.shelf, self.voice, folder)  # type: ignore[arg-type]

    def again(self) -> "House":
        return House(self.folder)

    def prepare(self, *wanted: Prompt) -> None:
        asyncio.run(self.prompts.prepare(frozenset(wanted)))

    def pcm(self, prompt: Prompt) -> bytes:
        loaded = self.prompts.get(prompt)
        assert loaded is not None
        return self.shelf.held[loaded.id]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "cache")


def loudest_hz(pcm: bytes) -> float:
    samples = from_s16(pcm)
    return float(np.argmax(np.abs(np.fft.rfft(samples)))) * 8000 / len(samples)


def write_wav(path: Path, value: int, seconds: float = 0.5) -> Sound:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", "none"))
        file.writeframes(value.to_bytes(2, "little") * int(8000 * seconds))
    return Sound(str(path))


def test_each_text_is_heard_as_itself_and_lasts_what_it_says(house: House) -> None:
    house.prepare(WELCOME, CLOSED)
    for prompt in (WELCOME, CLOSED):
        expected = frequency_of(prompt.text, prompt.language)
        assert loudest_hz(house.pcm(prompt)) == pytest.approx(expected, abs=3)
        loaded = house.prompts.get(prompt)
        assert loaded is not None
        assert loaded.duration_s == pytest.approx(len(prompt.text.split()) * 0.3)


def test_what_was_never_prepared_is_not_there(house: House) -> None:
    assert house.prompts.get(WELCOME) is None


def test_nothing_is_rendered_or_loaded_twice(house: House) -> None:
    house.prepare(WELCOME)
    before = house.prompts.get(WELCOME)
    house.prepare(WELCOME, CLOSED)
    assert house.prompts.get(WELCOME) == before
    assert house.shelf.loads == 2
    assert len(house.voice.spoken) == 2


def test_preparing_twice_at_once_renders_once(house: House) -> None:
    async def both() -> None:
        wanted: frozenset[Prompt] = frozenset({WELCOME})
        await asyncio.gather(house.prompts.prepare(wanted), house.prompts.prepare(wanted))

    asyncio.run(both())
    assert len(house.voice.spoken) == 1
    assert house.shelf.loads == 1


def test_the_next_start_reads_the_disk_and_not_the_text(house: House) -> None:
    house.prepare(WELCOME, Tune.BEEP)
    later = house.again()
    later.prepare(WELCOME, Tune.BEEP)
    assert later.voice.spoken == []
    assert later.pcm(WELCOME) == house.pcm(WELCOME)
    assert later.pcm(Tune.BEEP) == house.pcm(Tune.BEEP)


def test_another_voice_speaks_anew(house: House) -> None:
    house.prepare(WELCOME)
    later = house.again()
    later.voice.version = "synthetic 2"
    later.prepare(WELCOME)
    assert later.voice.spoken == [(WELCOME.text, WELCOME.language)]


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 5000])
def test_a_damaged_cache_file_is_rendered_again_and_mended(house: House, damage: bytes) -> None:
    house.prepare(WELCOME)
    (file,) = house.folder.iterdir()
    file.write_bytes(damage)
    second = house.again()
    second.prepare(WELCOME)
    assert second.pcm(WELCOME) == house.pcm(WELCOME)
    assert len(second.voice.spoken) == 1
    third = house.again()
    third.prepare(WELCOME)
    assert third.voice.spoken == []


def test_one_flipped_bit_is_damage(house: House) -> None:
    house.prepare(WELCOME)
    (file,) = house.folder.iterdir()
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    second = house.again()
    second.prepare(WELCOME)
    assert second.pcm(WELCOME) == house.pcm(WELCOME)


def test_a_disk_that_refuses_costs_nobody_a_prompt(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way of the folder")
    house = House(tmp_path / "file" / "cache")
    house.prepare(WELCOME)
    assert house.pcm(WELCOME)


def test_a_bad_sound_is_named_and_the_others_are_there(house: House, tmp_path: Path) -> None:
    missing = Sound(str(tmp_path / "missing.wav"))
    with pytest.raises(PromptError, match=r"missing\.wav.*check the path"):
        house.prepare(WELCOME, missing)
    assert house.pcm(WELCOME)
    assert house.prompts.get(missing) is None
    write_wav(Path(missing.path), 100)
    house.prepare(missing)
    assert house.pcm(missing)


def test_a_file_that_was_written_anew_is_heard_anew(house: House, tmp_path: Path) -> None:
    sound = write_wav(tmp_path / "greeting.wav", 100)
    house.prepare(sound)
    write_wav(tmp_path / "greeting.wav", 200, seconds=1)
    house.prepare(sound)
    assert house.pcm(sound) == (200).to_bytes(2, "little") * 8000
    assert house.shelf.loads == 2
    assert len(house.shelf.held) == 1


def test_a_file_that_became_unreadable_leaves_its_former_sound(
    house: House, tmp_path: Path
) -> None:
    sound = write_wav(tmp_path / "greeting.wav", 100)
    house.prepare(sound)
    before = house.pcm(sound)
    Path(sound.path).write_bytes(b"not a sound any more")
    with pytest.raises(PromptError, match=r"greeting\.wav"):
        house.prepare(sound)
    assert house.pcm(sound) == before


def test_what_nobody_wants_any_more_leaves_the_engine(house: House) -> None:
    house.prepare(WELCOME, CLOSED)
    asyncio.run(house.prompts.retain({CLOSED}))
    assert house.prompts.get(WELCOME) is None
    assert list(house.shelf.held.values()) == [house.pcm(CLOSED)]


def test_progress_counts_to_the_number_of_missing_prompts(house: House) -> None:
    house.prepare(WELCOME)
    heard: list[tuple[int, int]] = []
    wanted: frozenset[Prompt] = frozenset({WELCOME, CLOSED, Tune.BEEP})
    asyncio.run(
        house.prompts.prepare(wanted, progress=lambda done, total: heard.append((done, total)))
    )
    assert heard == [(1, 2), (2, 2)]
