"""A recogniser for virtual worlds: simulated phones say words, it compares them with phrases."""

from callwright.kernel.phrases import Heard, Phrases
from callwright.media.recognition import HeardListener


class SimulatedRecogniser:
    """The `Recogniser` to `Handset.say`. Whatever is no phrase is heard and not understood."""

    def __init__(self, languages: frozenset[str] = frozenset({"en"})) -> None:
        self.languages = languages
        """Primary tags (``en`` of ``en-GB``) that it understands."""
        self.asked: list[Phrases] = []
        """What callers might have said, each time somebody listened."""

    def understands(self, language: str) -> bool:
        return language.partition("-")[0].lower() in self.languages

    def prepare(self) -> None:
        """Nothing to start."""

    def open(self, phrases: Phrases, tell: HeardListener) -> "_Hearing":
        self.asked.append(phrases)
        return _Hearing(phrases, tell)


class _Hearing:
    def __init__(self, phrases: Phrases, tell: HeardListener) -> None:
        self._by_sound = {phrase.casefold(): phrase for phrase in reversed(phrases.wanted)}
        self._tell = tell
        self.is_amid_speech = False

    def feed(self, pcm: bytes, rate_hz: int) -> None:
        """``pcm`` is the text of one utterance, as `SimulatedMedia` gives it; none
        where it begins."""
        self.is_amid_speech = not pcm
        if self.is_amid_speech:
            return
        phrase = self._by_sound.get(pcm.decode().casefold())
        self._tell(Heard(phrase, 0.0 if phrase is None else 1.0))

    def close(self) -> None:
        """Nothing to end."""
