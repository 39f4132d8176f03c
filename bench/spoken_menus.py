"""How well spoken menus are understood: options, other words and noise, by telephone.

    .venv/bin/python -m bench.spoken_menus [--voices N] [--noise DB]

Each option of some menus and many other utterances are spoken by espeak-ng's voices, narrowed to a
telephone's band, with noise and G.711, and given to the recogniser as the engine would. Printed are
the shares that a menu would act on, would ask about, and would not understand, and how long after
the end of speech a worker had the answer.
"""

import argparse
import time
from collections import Counter

from tests.unit.media.telephone_speech import VOICES, over_the_telephone, spoken

from callwright.kernel.limits import ATTENDANT_SPEECH_SURE
from callwright.media.hearing.grammar import words_of
from callwright.media.hearing.utterances import FRAME_S, PAUSE_FRAMES, Utterances
from callwright.media.hearing.worker import Understanding

MENUS = (
    ("Sales", "Support", "Billing", "Opening hours", "Operator", "Main menu", "Repeat"),
    ("Customer service", "Technical support", "Accounts payable", "Directions", "Operator"),
    ("Yes", "No", "Operator", "Repeat"),
    ("David Brown", "Carol Jones", "Peter Marble", "Operator", "Repeat"),
)
OTHERS = (
    "banana", "hello there how are you", "I would like a pizza please", "well let me think",
    "what is the weather like", "um", "can you hear me", "Tuesday", "football", "never mind",
    "is anybody there", "purple elephant",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--voices", type=int, default=2, choices=range(1, len(VOICES) + 1))
    parser.add_argument("--noise", type=float, default=20.0, metavar="DB")
    asked = parser.parse_args()
    spoken_by = [
        (menu, text, text in menu, over_the_telephone(spoken(text, voice), noise_db=asked.noise))
        for voice in VOICES[: asked.voices]
        for menu in MENUS
        for text in (*menu, *OTHERS)
    ]
    understanding = Understanding()  # afterwards: a process has one espeak-ng
    counts: Counter[tuple[str, str]] = Counter()
    delays_s = []
    for menu, text, is_option, sound in spoken_by:
        phrase, is_sure, delay_s = understood(understanding, menu, sound)
        kind = "option" if is_option else "other"
        if phrase is None:
            counts[kind, "not understood"] += 1
        else:
            right = "right" if phrase == text else "wrong"
            counts[kind, f"{right}, {'acted on' if is_sure else 'asked about'}"] += 1
            if is_sure:
                delays_s.append(delay_s)
    for kind in ("option", "other"):
        total = sum(count for (of, _), count in counts.items() if of == kind)
        print(f"{kind}: {total}")
        for (of, what), count in sorted(counts.items()):
            if of == kind:
                print(f"  {what}: {count} ({100 * count / total:.0f} %)")
    if delays_s:
        delays_s.sort()
        worst, middle = delays_s[-1], delays_s[len(delays_s) // 2]
        print(f"acted on after {middle * 1000:.0f} ms (middle), {worst * 1000:.0f} ms (worst)")


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
            return menu[number], is_sure, PAUSE_FRAMES * FRAME_S + took_s
    return None, False, 0.0


if __name__ == "__main__":
    main()
