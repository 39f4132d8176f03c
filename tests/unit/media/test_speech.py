"""The built-in voice, with the real worker; and with workers that misbehave."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from callwright.kernel.limits.sounds import PROMPT_TEXT_CHARS_MAX, SPEECH_CRASHES_MAX
from callwright.kernel.prompt import Prompt, Say
from callwright.media import speech_worker
from callwright.media.levels import from_s16, speech_rms_dbfs
from callwright.media.library import PromptError
from callwright.media.prompts import RenderedPrompts
from callwright.media.speech import VOICES, EspeakVoice, voice_name
from callwright.operations.organisation_file.registers import LANGUAGES
from callwright.runtime.tasks import Tasks

T = TypeVar("T")
SHORT = "Goodbye."
LONG = "Thank you for calling support. All our agents are busy. Please hold the line."
WORKER = str(Path(speech_worker.__file__))


def run(voice: EspeakVoice, work: Callable[[], Awaitable[T]]) -> T:
    async def and_close() -> T:
        try:
            return await work()
        finally:
            await voice.close()

    return asyncio.run(and_close())


def test_speech_is_heard_and_longer_text_takes_longer() -> None:
    voice = EspeakVoice()

    async def work() -> tuple[bytes, bytes]:
        return await voice.speak(SHORT, "en-US"), await voice.speak(LONG, "en-US")

    short, long = map(from_s16, run(voice, work))
    assert 0.3 * 8000 < len(short) < 2 * 8000
    assert 3 * 8000 < len(long) < 10 * 8000
    for samples in (short, long):
        assert speech_rms_dbfs(samples) == pytest.approx(-16, abs=1)
        assert np.abs(samples).max() < 0.96


@pytest.mark.parametrize("language", sorted(VOICES))
def test_every_language_that_is_offered_speaks(language: str) -> None:
    voice = EspeakVoice()
    samples = from_s16(run(voice, lambda: voice.speak("1 2 3", language)))
    assert len(samples) > 0.3 * 8000
    assert speech_rms_dbfs(samples) > -20


def test_every_language_that_a_file_may_name_speaks() -> None:
    """SPEC 6.10: a greeting in any of them is heard."""
    voice = EspeakVoice()

    async def work() -> dict[str, float]:
        return {tag: len(await voice.speak("1 2 3", tag)) / 16_000 for tag in LANGUAGES}

    lengths_s = run(voice, work)
    assert len(lengths_s) >= 38
    assert {tag for tag, length_s in lengths_s.items() if length_s < 0.3} == set()


def test_languages_differ() -> None:
    voice = EspeakVoice()

    async def work() -> set[bytes]:
        return {await voice.speak("12", tag) for tag in ("en-US", "de-DE", "fr-FR", "es-ES")}

    assert len(run(voice, work)) == 4


def test_a_region_without_a_voice_of_its_own_has_the_language_s() -> None:
    assert voice_name("de-AT") == voice_name("de_DE") == "de"
    assert voice_name("en-US") != voice_name("en-GB")
    assert voice_name("tlh") is None


@pytest.mark.parametrize(
    ("text", "language", "reason"),
    [
        ("hello", "tlh-QO", "no voice for the language 'tlh-QO'; use one of"),
        ("", "en-US", "nothing in it can be pronounced"),
        ("a" * (PROMPT_TEXT_CHARS_MAX + 1), "en-US", "longer than 1000 characters"),
    ],
)
def test_what_cannot_be_said_is_named_with_the_remedy(
    text: str, language: str, reason: str
) -> None:
    voice = EspeakVoice()
    with pytest.raises(PromptError) as refused:
        run(voice, lambda: voice.speak(text, language))
    assert repr(text[:20])[:-1] in str(refused.value)
    assert reason in str(refused.value)


def test_texts_at_the_same_time_do_not_mix() -> None:
    voice = EspeakVoice()
    texts = ["one", "two two", "three three three", "four four four four"]

    async def at_once() -> list[bytes]:
        return await asyncio.gather(*(voice.speak(text, "en-US") for text in texts))

    async def in_turn() -> list[bytes]:
        return [await voice.speak(text, "en-US") for text in texts]

    assert [len(pcm) for pcm in run(voice, at_once)] == [len(pcm) for pcm in run(voice, in_turn)]


def crashing(log: Path, times: int) -> tuple[str, ...]:
    """A worker that notes each start and dies of a signal the first so many times."""
    script = (
        "import os, pathlib, runpy, sys; log = pathlib.Path(sys.argv[1]);"
        "seen = log.read_text() if log.exists() else '';"
        "log.write_text(seen + 'x');"
        f"len(seen) < {times} and os.kill(os.getpid(), 9);"
        f"runpy.run_path({WORKER!r}, run_name='__main__')"
    )
    return (sys.executable, "-c", script, str(log))


def test_one_crash_is_not_noticed(tmp_path: Path) -> None:
    voice = EspeakVoice(crashing(tmp_path / "starts", times=1))
    assert run(voice, lambda: voice.speak(SHORT, "en-US"))
    assert (tmp_path / "starts").read_text() == "xx"


def test_a_crash_names_the_text_and_the_next_prepare_works(tmp_path: Path) -> None:
    voice = EspeakVoice(crashing(tmp_path / "starts", times=2))
    prompts = library(voice, tmp_path / "cache")
    wanted: frozenset[Prompt] = frozenset({Say(SHORT)})

    async def work() -> None:
        with pytest.raises(PromptError, match=r"'Goodbye\.'.*failed.*WAV file"):
            await prompts.prepare(wanted)
        assert prompts.get(Say(SHORT)) is None
        await prompts.prepare(wanted)
        assert prompts.get(Say(SHORT)) is not None

    run(voice, work)


def test_a_worker_that_dies_between_two_texts_is_replaced() -> None:
    voice = EspeakVoice()

    async def work() -> bool:
        before = await voice.speak(SHORT, "en-US")
        (child,) = children()
        os.kill(child, signal.SIGKILL)
        return await voice.speak(SHORT, "en-US") == before

    assert run(voice, work)


def test_a_voice_that_always_crashes_is_left_alone(tmp_path: Path) -> None:
    voice = EspeakVoice(crashing(tmp_path / "starts", times=1000))

    async def work() -> None:
        for _ in range(SPEECH_CRASHES_MAX):
            with pytest.raises(PromptError):
                await voice.speak(SHORT, "en-US")

    run(voice, work)
    assert len((tmp_path / "starts").read_text()) == SPEECH_CRASHES_MAX


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("import time; time.sleep(60)", r"no answer within 0\.5 s"),
        ("print('x' * 100)", "an answer of 2021161080 bytes"),
        ("print(end='\\0\\0\\0\\5Sab')", "failed"),
        ("", "failed"),
    ],
)
def test_a_worker_that_talks_nonsense_is_a_failed_prompt(behaviour: str, reason: str) -> None:
    voice = EspeakVoice((sys.executable, "-c", behaviour), timeout_s=0.5)
    with pytest.raises(PromptError, match=reason):
        run(voice, lambda: voice.speak(SHORT, "en-US"))


def test_a_program_that_is_not_there_is_a_failed_prompt() -> None:
    voice = EspeakVoice(("/nonexistent/voice",))
    with pytest.raises(PromptError, match="cannot say"):
        run(voice, lambda: voice.speak(SHORT, "en-US"))


def test_no_worker_before_the_first_text_and_none_after_the_end() -> None:
    voice = EspeakVoice()

    async def work() -> None:
        assert children() == []
        await voice.speak(SHORT, "en-US")
        assert len(children()) == 1
        await voice.close()
        assert children() == []

    run(voice, work)


def test_a_cached_text_starts_no_worker(tmp_path: Path) -> None:
    wanted: frozenset[Prompt] = frozenset({Say(SHORT)})

    def prepare(log: Path) -> None:
        voice = EspeakVoice(crashing(log, times=0))
        prompts = library(voice, tmp_path / "cache")
        run(voice, lambda: prompts.prepare(wanted))
        assert prompts.get(Say(SHORT)) is not None

    prepare(tmp_path / "first")
    prepare(tmp_path / "second")
    assert (tmp_path / "first").exists()
    assert not (tmp_path / "second").exists()


def library(voice: EspeakVoice, cache: Path) -> RenderedPrompts:
    def fail(name: str, error: BaseException) -> None:
        raise AssertionError(name) from error

    return RenderedPrompts(Shelf(), voice, cache, spawn=Tasks(fail).spawn)  # type: ignore[arg-type]


class Shelf:
    """The part of an engine that holds prompts."""

    def load_prompt(self, prompt: int, pcm: bytes) -> None:
        assert pcm


def children() -> list[int]:
    """Speech workers that this process has started; other tests may have children of their own."""
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text()
    return [
        int(pid)
        for pid in listed.split()
        if b"speech_worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
