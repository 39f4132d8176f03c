"""How well spoken menus are understood: options, other words and noise, by telephone.

    .venv/bin/python -m bench.spoken_menus [--voices N] [--noise DB]

Each option of some menus and many other utterances are spoken by five voices of espeak-ng at two
speeds, narrowed to a telephone's band, with noise and G.711, and given to the recogniser as the
engine would. Printed are the shares that a menu would act on, would ask about, and would not
understand, the same for the "yes" and "no" that such a question gets, and how long after the end of
speech a worker had the answer.
"""

import argparse
import time
from collections import Counter

from tests.unit.media.telephone_speech import VOICES, over_the_telephone, spoken

from callwright.kernel.limits.attendants import ATTENDANT_SPEECH_SURE
from callwright.media.hearing.grammar import words_of
from callwright.media.hearing.utterances import END_FRAMES, FRAME_S, PAUSE_FRAMES, Utterances
from callwright.media.hearing.worker import Understanding

ANSWERS = ("Yes", "No")
MENUS = (
    ("Sales", "Support", "Billing", "Opening hours", "Operator", "Main menu", "Repeat"),
    ("Customer service", "Technical support", "Accounts payable", "Directions", "Operator"),
    ("Reception", "Returns", "Human resources", "One", "Nine", "Operator", "Repeat"),
    ("David Brown", "Carol Jones", "Peter Marble", "Operator", "Repeat"),
    ANSWERS,
)
OTHERS = (
    "banana", "hello there how are you", "I would like a pizza please", "well let me think",
    "what is the weather like", "um", "can you hear me", "Tuesday", "football", "never mind",
    "is anybody there", "purple elephant", "yellow", "nobody", "eleven", "my name is John",
    "I do not know", "central station", "okay", "sandwich",
)  # fmt: skip
WORDS_PER_MINUTE = (140, 180)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--voices", type=int, default=len(VOICES), choices=range(1, 1 + len(VOICES))
    )
    parser.add_argument("--noise", type=float, default=20.0, metavar="DB")
    asked = parser.parse_args()
    sounds = {
        (text, voice, pace): over_the_telephone(spoken(text, voice, pace), noise_db=asked.noise)
        for text in sorted({*OTHERS, *(option for menu in MENUS for option in menu)})
        for voice in VOICES[: asked.voices]
        for pace in WORDS_PER_MINUTE
    }
    understanding = Understanding()  # afterwards: a process has one espeak-ng
    counts: Counter[tuple[str, str]] = Counter()
    delays_s = []
    for menu in MENUS:
        for (text, _, _), sound in sounds.items():
            if text not in menu and text not in OTHERS:
                continue
            phrase, is_sure, delay_s = understood(understanding, menu, sound)
            counts[kind_of(text, menu), outcome(text, phrase, is_sure)] += 1
            if phrase is not None and is_sure:
                delays_s.append(delay_s)
    show(counts)
    if delays_s:
        delays_s.sort()
        worst, middle = delays_s[-1], delays_s[len(delays_s) // 2]
        print(f"acted on after {middle * 1000:.0f} ms (middle), {worst * 1000:.0f} ms (worst)")


def kind_of(text: str, menu: tuple[str, ...]) -> str:
    place = "answer" if menu == ANSWERS else "option"
    return place if text in menu else f"other words for an {place}"


def outcome(text: str, phrase: str | None, is_sure: bool) -> str:
    if phrase is None:
        return "not understood"
    right = "right" if phrase == text else "wrong"
    return f"{right}, {'acted on' if is_sure else 'asked about'}"


def show(counts: Counter[tuple[str, str]]) -> None:
    for kind in sorted({of for of, _ in counts}):
        total = sum(count for (of, _), count in counts.items() if of == kind)
        print(f"{kind}: {total}")
        for (of, what), count in sorted(counts.items()):
            if of == kind:
                print(f"  {what}: {count} ({100 * count / total:.1f} %)")


def understood(
    understanding: Understanding, menu: tuple[str, ...], sound: bytes
) -> tuple[str | None, bool, float]:
    """The phrase, whether a menu would act on it, seconds after the end of speech."""
    forms = [words_of(option) for option in menu]
    for utterance in Utterances(8_000).feed(sound):
        began_s = time.process_time()
        number, confidence = understanding.understand(forms, utterance.pcm, 8_000)
        took_s = time.process_time() - began_s
        is_sure = confidence >= ATTENDANT_SPEECH_SURE
        if number is not None and (utterance.is_over or is_sure):
            pause = END_FRAMES if utterance.is_over else PAUSE_FRAMES
            return menu[number], is_sure, pause * FRAME_S + took_s
    return None, False, 0.0


if __name__ == "__main__":
    main()
