"""Spoken menus: utterances, words, sounds, and the recogniser in its own process."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path

import numpy as np
import pytest
from tests.unit.media.telephone_speech import VOICES, over_the_telephone, spoken

from callwright.kernel.limits.attendants import ATTENDANT_SPEECH_SURE
from callwright.kernel.limits.speech import RECOGNITION_CRASHES_MAX, UTTERANCE_S_MAX
from callwright.kernel.phrases import Heard, Phrases
from callwright.media.hearing.grammar import begins_another, spoken_forms, words_of
from callwright.media.hearing.pronunciation import arpabet
from callwright.media.hearing.recogniser import SphinxRecogniser
from callwright.media.hearing.utterances import FRAME_S, PAUSE_FRAMES, Utterances
from callwright.media.hearing.worker import Understanding

PIECE = 640
"""Octets of 40 ms, as the engine tells them."""
MENU = Phrases("en-US", ("Opening hours", "Operator", "Main menu", "Accounts payable"))


def noise(seconds: float, rms: float = 0.01) -> bytes:
    samples = np.random.default_rng(1).normal(0, rms * 32_768, int(seconds * 8_000))
    return samples.astype("<i2").tobytes()


# -- utterances ------------------------------------------------------------------------------------


def test_an_utterance_is_tried_at_its_first_pause_and_over_after_a_longer_one() -> None:
    speech = over_the_telephone(spoken("main menu", "en-us"))
    tried, over = Utterances(8_000).feed(speech)
    assert (tried.is_over, over.is_over) == (False, True)
    assert over.pcm.startswith(tried.pcm)
    assert PAUSE_FRAMES * FRAME_S < 0.3, "whoever understands it has time left to act"


@pytest.mark.parametrize("rms", [0.0, 0.001, 0.01, 0.1])
def test_silence_and_noise_are_nobody_speaking(rms: float) -> None:
    assert Utterances(8_000).feed(noise(20.0, rms)) == []


def test_who_speaks_is_known_before_the_end() -> None:
    speech = over_the_telephone(spoken("opening hours", "en-us"))
    pieces = Utterances(8_000)
    spoke = []
    for at in range(0, len(speech), PIECE):
        pieces.feed(speech[at : at + PIECE])
        spoke.append(pieces.is_amid_speech)
    assert (spoke[0], spoke[len(spoke) // 2], spoke[-1]) == (False, True, False)
    began = spoke.index(True)
    assert not any(spoke[spoke.index(False, began) :]), "a gap between words is none of these"


def test_a_click_is_no_utterance() -> None:
    click = np.frombuffer(noise(3.0), "<i2").copy()
    click[8_000:8_100] = 20_000
    assert Utterances(8_000).feed(click.tobytes()) == []


def test_who_does_not_stop_is_cut_off() -> None:
    (cut, *_) = Utterances(8_000).feed(noise(1.0) + noise(9.0, 0.2))
    assert cut.is_over
    assert len(cut.pcm) <= UTTERANCE_S_MAX * 16_000


def test_pieces_of_any_length_are_the_same_utterances() -> None:
    speech = over_the_telephone(spoken("operator", "en-us"))
    pieces = Utterances(8_000)
    found = [it for at in range(0, len(speech), 502) for it in pieces.feed(speech[at : at + 502])]
    assert found == Utterances(8_000).feed(speech)


# -- words -----------------------------------------------------------------------------------------


def test_phrases_become_words_that_are_said() -> None:
    assert words_of("Sales & Support, floor 12") == (
        "sales",
        "and",
        "support",
        "floor",
        "one",
        "two",
    )
    assert words_of("O’Brien's") == ("o'brien's",)
    assert words_of("¿?") == ()


def test_of_two_that_sound_alike_the_first_counts() -> None:
    forms = spoken_forms(Phrases("en-US", ("Sales", "SALES!", "2", "Two")))
    assert forms == {("sales",): "Sales", ("two",): "2"}


def test_a_phrase_that_begins_another_is_waited_for() -> None:
    forms = [("sales",), ("sales", "support"), ("billing",)]
    assert begins_another(("sales",), forms)
    assert not begins_another(("billing",), forms)


def test_names_that_no_dictionary_has_get_sounds() -> None:
    assert arpabet("k_ˌoʊ_v_ə_l_ˈɛ_ŋ_k_oʊ") == "K OW V AH L EH NG K OW"
    assert arpabet("ʃ_m_ˈɪ_t") == "SH M IH T"
    assert arpabet("") is None


# -- phrases ---------------------------------------------------------------------------------------

SHORT_WORDS = ("Sales", "Support", "Billing", "Opening hours", "Operator", "Main menu", "Repeat")
NAMES = ("David Brown", "Carol Jones", "Peter Marble", "Customer service", "Accounts payable")
ANSWERS = ("Yes", "No")
OTHERS = (
    "banana", "hello there how are you", "I would like a pizza please", "um", "Tuesday", "football",
    "never mind", "purple elephant", "okay", "sandwich",
)  # fmt: skip


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    return Understanding()


def acted_on(understanding: Understanding, menu: tuple[str, ...], speech: bytes) -> str | None:
    """What a menu would do, at the first pause at which it is sure."""
    forms = [words_of(option) for option in menu]
    for tried in Utterances(8_000).feed(speech):
        number, confidence = understanding.understand(forms, tried.pcm, 8_000)
        if number is not None and confidence >= ATTENDANT_SPEECH_SURE:
            return menu[number]
    return None


@pytest.mark.row(163)
@pytest.mark.parametrize("noise_db", [20.0, 60.0])
@pytest.mark.parametrize(("menu", "share"), [(SHORT_WORDS, 0.88), (NAMES, 0.95), (ANSWERS, 1.0)])
def test_options_are_acted_on_in_five_voices(
    understanding: Understanding, menu: tuple[str, ...], share: float, noise_db: float
) -> None:
    """Nearly all, and none is ever taken for another. "Support" is hard in two of the voices."""
    said = [(option, voice) for option in menu for voice in VOICES]
    taken = [
        acted_on(
            understanding,
            menu,
            over_the_telephone(spoken(option, voice, 140 + 40 * (at % 2)), noise_db=noise_db),
        )
        for at, (option, voice) in enumerate(said)
    ]
    assert sum(it is not None for it in taken) >= share * len(said)
    wrong = [(it, who) for it, who in zip(taken, said, strict=True) if it not in {None, who[0]}]
    assert wrong == []


@pytest.mark.parametrize("menu", [SHORT_WORDS, NAMES, ANSWERS])
def test_other_words_are_hardly_ever_acted_on(
    understanding: Understanding, menu: tuple[str, ...]
) -> None:
    said = [(words, voice) for words in OTHERS for voice in VOICES]
    speeches = [over_the_telephone(spoken(words, voice)) for words, voice in said]
    taken = [acted_on(understanding, menu, speech) for speech in speeches]
    mistaken = [(it, *who) for it, who in zip(taken, said, strict=True) if it is not None]
    assert len(mistaken) <= 0.06 * len(said), mistaken


def test_who_of_two_that_sound_nearly_alike_was_said_is_asked(
    understanding: Understanding,
) -> None:
    speech = over_the_telephone(spoken("John Brown", "en-us"))
    assert acted_on(understanding, ("John Brown", "Operator"), speech) == "John Brown"
    assert acted_on(understanding, ("Jon Brown", "John Browne"), speech) is None


def test_phrases_that_nobody_can_pronounce_are_not_understood(
    understanding: Understanding,
) -> None:
    speech = over_the_telephone(spoken("operator", "en-us"))
    assert understanding.understand([], speech, 8_000) == (None, 0.0)
    assert understanding.understand([("operator",)], b"", 8_000) == (None, 0.0)
    assert understanding.understand([("operator",)], speech[:320], 8_000) == (None, 0.0)


# -- the recogniser --------------------------------------------------------------------------------

Ask = Callable[[SphinxRecogniser], Awaitable[None]]


def with_recogniser(ask: Ask, *command: str) -> list[str]:
    """Returns what the recogniser complained of."""
    complaints: list[str] = []

    async def main() -> None:
        tasks: set[asyncio.Task[None]] = set()

        def spawn(work: Coroutine[object, object, None], name: str) -> object:
            task = asyncio.ensure_future(work)
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            return task

        recogniser = SphinxRecogniser(spawn, complain=complaints.append, command=command, workers=1)
        try:
            await ask(recogniser)
        finally:
            await asyncio.gather(*tasks)
            await recogniser.close()

    asyncio.run(main())
    return complaints


async def told(recogniser: SphinxRecogniser, phrases: Phrases, speech: bytes) -> list[Heard]:
    """What is told of this, fed piece by piece as it is spoken, but as fast as may be."""
    heard: list[Heard] = []
    hearing = recogniser.open(phrases, heard.append)
    for at in range(0, len(speech), PIECE):
        hearing.feed(speech[at : at + PIECE], 8_000)
        await asyncio.sleep(0)
    assert heard or hearing.is_amid_speech, "whoever waits for an answer waits for this one"
    for _ in range(400):
        if heard:
            break
        await asyncio.sleep(0.02)  # the worker is a process, and has its own time
    hearing.close()
    return heard


@pytest.mark.row(163)
def test_an_option_is_understood_over_the_telephone() -> None:
    async def ask(recogniser: SphinxRecogniser) -> None:
        for option in MENU.wanted:
            speech = over_the_telephone(spoken(option, "en-us"))
            (heard, *_) = await told(recogniser, MENU, speech)
            assert heard.phrase == option
            assert 0.0 < heard.confidence <= 1.0

    assert with_recogniser(ask) == []


def test_a_line_without_any_noise_is_understood_too() -> None:
    async def ask(recogniser: SphinxRecogniser) -> None:
        speech = over_the_telephone(spoken("opening hours", "en-us"), noise_db=90.0)
        (heard, *_) = await told(recogniser, MENU, speech)
        assert heard.phrase == "Opening hours"

    assert with_recogniser(ask) == []


def test_other_words_lead_nowhere() -> None:
    """What is not one of the phrases is not understood, or asked about; never acted on."""

    async def ask(recogniser: SphinxRecogniser) -> None:
        for words in ("banana", "I would like a pizza please", "what is the weather like"):
            speech = over_the_telephone(spoken(words, "en-us"))
            (heard, *_) = await told(recogniser, MENU, speech)
            assert heard.confidence < ATTENDANT_SPEECH_SURE, words

    assert with_recogniser(ask) == []


def test_a_worker_that_dies_leaves_callers_their_keys() -> None:
    async def ask(recogniser: SphinxRecogniser) -> None:
        speech = over_the_telephone(spoken("operator", "en-us"))
        assert await told(recogniser, MENU, speech) == [Heard(None, 0.0)]

    complaints = with_recogniser(ask, sys.executable, "-c", "raise SystemExit(3)")
    assert complaints
    assert all("callers have their keys" in complaint for complaint in complaints)


FRAGILE = """
import json, struct, sys
with open(sys.argv[1], "a+") as log:
    log.write("x")
    log.seek(0)
    starts = len(log.read())
if starts <= int(sys.argv[2]):
    sys.exit(3)
(length,) = struct.unpack(">I", sys.stdin.buffer.read(4))
sys.stdin.buffer.read(length)
answer = json.dumps({"phrase": 0, "confidence": 1.0}).encode()
sys.stdout.buffer.write(struct.pack(">I", len(answer)) + answer)
sys.stdout.buffer.flush()
sys.stdin.buffer.read(1)
"""


@pytest.mark.parametrize(("rest_s", "last"), [(60.0, (None, 0.0)), (0.0, (0, 1.0))])
def test_after_too_many_crashes_nobody_is_listened_to_for_a_while_only(
    tmp_path: Path, rest_s: float, last: tuple[int | None, float]
) -> None:
    crashes = RECOGNITION_CRASHES_MAX
    command = (sys.executable, "-c", FRAGILE, str(tmp_path / "starts"), str(crashes))

    async def main() -> None:
        recogniser = SphinxRecogniser(
            lambda work, name: asyncio.ensure_future(work),
            complain=lambda problem: None,
            command=command,
            workers=1,
            rest_s=rest_s,
        )
        for _ in range(crashes):
            assert await recogniser.understand(b"?") == (None, 0.0)
        assert await recogniser.understand(b"?") == last
        await recogniser.close()

    asyncio.run(main())


@pytest.mark.row(188)
def test_languages_without_a_model_are_not_understood() -> None:
    async def ask(recogniser: SphinxRecogniser) -> None:
        assert recogniser.understands("en-GB")
        assert not recogniser.understands("fi-FI")

    with_recogniser(ask)
