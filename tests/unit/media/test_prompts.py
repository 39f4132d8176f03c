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
from callwright.runtime.tasks import Tasks
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


def _fail(name: str, error: BaseException) -> None:
    raise AssertionError(name) from error


class House:
    """A library with its surroundings; ``again`` is the next start on the same disk."""

    def __init__(self, folder: Path, **options: float) -> None:
        self.folder = folder
        self.shelf = Shelf()
        self.voice = SyntheticVoice()
        self.problems: list[str] = []
        self.prompts = RenderedPrompts(
            self.shelf,  # type: ignore[arg-type]
            self.voice,
            folder,
            spawn=Tasks(_fail).spawn,
            complain=self.problems.append,
            **options,  # type: ignore[arg-type]
        )

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


def test_what_is_wanted_later_is_rendered_when_somebody_is_to_hear_it(house: House) -> None:
    async def scene() -> None:
        await house.prompts.prepare(frozenset({WELCOME}), later=frozenset({CLOSED}))
        assert house.prompts.get(CLOSED) is None
        assert house.shelf.loads == 1
        fetched = await asyncio.gather(*(house.prompts.fetch(CLOSED) for _ in range(3)))
        assert fetched == [house.prompts.get(CLOSED)] * 3
        assert fetched[0] is not None
        assert len(house.voice.spoken) == 2
        assert await house.prompts.fetch(WELCOME) == house.prompts.get(WELCOME)

    asyncio.run(scene())


def greeting(number: int) -> Say:
    """As long as each other one."""
    return Say(f"Number {number:03} is away")


def test_what_was_not_heard_for_longest_makes_room(tmp_path: Path) -> None:
    house = House(tmp_path, idle_bytes_max=3 * 19_200)

    async def scene() -> None:
        await house.prompts.prepare(frozenset({WELCOME}))
        for number in (0, 1, 2, 0, 3):
            assert await house.prompts.fetch(greeting(number)) is not None
        held = [number for number in range(4) if house.prompts.get(greeting(number)) is not None]
        assert held == [0, 2, 3]
        assert house.prompts.get(WELCOME) is not None
        assert len(house.shelf.held) == 4

    asyncio.run(scene())


def test_a_former_configuration_s_prompts_stay_until_room_is_needed(tmp_path: Path) -> None:
    house = House(tmp_path, idle_bytes_max=2 * 19_200)
    house.prepare(greeting(0), greeting(1))
    house.prepare(greeting(2))
    assert house.prompts.get(greeting(0)) is not None
    asyncio.run(house.prompts.fetch(greeting(3)))
    held = [number for number in range(4) if house.prompts.get(greeting(number)) is not None]
    assert held == [0, 2, 3]


def test_one_prompt_is_kept_even_when_it_is_larger_than_the_room(tmp_path: Path) -> None:
    house = House(tmp_path, idle_bytes_max=10)
    assert asyncio.run(house.prompts.fetch(WELCOME)) is not None
    asyncio.run(house.prompts.fetch(CLOSED))
    assert house.prompts.get(WELCOME) is None
    assert house.prompts.get(CLOSED) is not None


def test_a_later_sound_is_looked_at_at_once_and_complained_of_when_it_is_fetched(
    house: House, tmp_path: Path
) -> None:
    missing, text = Sound(str(tmp_path / "missing.wav")), Sound(str(tmp_path / "text.wav"))
    Path(text.path).write_text("hello")

    async def scene() -> None:
        with pytest.raises(PromptError, match=r"missing\.wav.*\n.*text\.wav: no sound file"):
            await house.prompts.prepare(frozenset({WELCOME}), later=frozenset({missing, text}))
        assert house.prompts.get(WELCOME) is not None
        assert await house.prompts.fetch(missing) is None
        assert [problem for problem in house.problems if "missing.wav" in problem]
        write_wav(tmp_path / "missing.wav", 100)
        assert await house.prompts.fetch(missing) is not None

    asyncio.run(scene())


def test_a_later_sound_that_was_written_anew_is_heard_anew(house: House, tmp_path: Path) -> None:
    sound = write_wav(tmp_path / "greeting.wav", 100)

    async def scene() -> None:
        for value, seconds in ((100, 0.5), (200, 1)):
            write_wav(tmp_path / "greeting.wav", value, seconds)
            await house.prompts.prepare(frozenset(), later=frozenset({sound}))
            await house.prompts.fetch(sound)
            assert set(house.pcm(sound)) == {value, 0}

    asyncio.run(scene())


def test_a_caller_does_not_wait_for_ever_and_the_next_one_not_at_all(tmp_path: Path) -> None:
    house = House(tmp_path, fetch_s=0.01)

    async def scene() -> None:
        house.voice.may_speak = asyncio.Event()
        assert await house.prompts.fetch(WELCOME) is None
        house.voice.may_speak.set()
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
        assert house.prompts.get(WELCOME) is not None
        assert len(house.voice.spoken) == 1

    asyncio.run(scene())


def test_progress_counts_to_the_number_of_missing_prompts(house: House) -> None:
    house.prepare(WELCOME)
    heard: list[tuple[int, int]] = []
    wanted: frozenset[Prompt] = frozenset({WELCOME, CLOSED, Tune.BEEP})
    asyncio.run(
        house.prompts.prepare(wanted, progress=lambda done, total: heard.append((done, total)))
    )
    assert heard == [(1, 2), (2, 2)]
