"""The built-in `Recogniser`: worker processes that look for a menu's phrases."""

import asyncio
import json
import struct
import sys
from collections.abc import Callable, Coroutine, Sequence

from callwright.kernel.limits.attendants import ATTENDANT_SPEECH_SURE
from callwright.kernel.limits.speech import (
    RECOGNITION_CRASHES_MAX,
    RECOGNITION_REST_S,
    RECOGNITION_TIMEOUT_S,
    RECOGNITION_WAITING_MAX,
    RECOGNITION_WORKERS,
)
from callwright.kernel.phrases import Heard, Phrases
from callwright.media.hearing.grammar import begins_another, spoken_forms
from callwright.media.hearing.utterances import Utterance, Utterances
from callwright.media.recognition import HeardListener
from callwright.media.worker_process import WorkerDied, WorkerProcess

LANGUAGES = frozenset({"en"})
"""Primary tags with a model in the wheel."""
ANSWER_BYTES_MAX = 4_096
NOTHING = Heard(None, 0.0)
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
"""Of a worker: the matrices of an utterance are small; threads would wait for each other."""

Spawn = Callable[[Coroutine[object, object, None], str], object]
"""Starts a named task and sees to its end."""


class SphinxRecogniser:
    """Workers start with the first listening; each takes the next utterance of anybody."""

    def __init__(
        self,
        spawn: Spawn,
        *,
        complain: Callable[[str], None],
        command: Sequence[str] = (),
        workers: int = RECOGNITION_WORKERS,
        rest_s: float = RECOGNITION_REST_S,
    ) -> None:
        """``command`` starts another worker that speaks the same protocol; ``rest_s``: after too
        many crashes."""
        # -I: neither the environment nor the current folder decides what the worker imports.
        start = tuple(command) or (sys.executable, "-I", "-m", "callwright.media.hearing.worker")
        self._pool = [
            WorkerProcess(
                start,
                timeout_s=RECOGNITION_TIMEOUT_S,
                answer_bytes_max=ANSWER_BYTES_MAX,
                environment=ONE_THREAD,
            )
            for _ in range(workers)
        ]
        self._waiting = [0] * workers
        self._spawn = spawn
        self._complain = complain
        self._crashes = 0
        self._rests_until_s = 0.0
        self._rest_s = rest_s

    def understands(self, language: str) -> bool:
        return language.partition("-")[0].lower() in LANGUAGES

    def open(self, phrases: Phrases, tell: HeardListener) -> "_Hearing":
        forms = spoken_forms(phrases)
        hearing = _Hearing(self, forms, tell)
        if not any(self._waiting):  # a grammar takes a moment to compile
            self._warm_up_all(hearing.question(8_000))
        return hearing

    def prepare(self) -> None:
        """Starts the workers, which take seconds to load their model: before anybody speaks."""
        self._warm_up_all(_Hearing(self, {("yes",): "Yes"}, lambda heard: None).question(8_000))

    def _warm_up_all(self, question: bytes) -> None:
        for number in range(len(self._pool)):
            self._spawn(self._warm_up(number, question), "speech warm-up")

    async def close(self) -> None:
        for worker in self._pool:
            await worker.close()

    def start(self, work: Coroutine[object, object, None]) -> None:
        self._spawn(work, "spoken menu")

    async def understand(self, question: bytes) -> tuple[int | None, float]:
        """Which phrase, and how sure that is; none when no worker has time or sense."""
        number = self._waiting.index(min(self._waiting))
        is_full = sum(self._waiting) >= RECOGNITION_WAITING_MAX
        answer = None if is_full else await self._ask(number, question)
        if answer is None:
            return None, 0.0
        told = json.loads(answer)
        return told["phrase"], told["confidence"]

    async def _warm_up(self, number: int, question: bytes) -> None:
        await self._ask(number, question)

    async def _ask(self, number: int, question: bytes) -> bytes | None:
        if self._crashes >= RECOGNITION_CRASHES_MAX and _now_s() < self._rests_until_s:
            return None
        self._waiting[number] += 1
        try:
            answer = await self._pool[number].ask(question)
        except WorkerDied as died:
            self._crashes += 1
            self._rests_until_s = _now_s() + self._rest_s
            self._complain(f"speech recognition failed ({died}); callers have their keys")
            return None
        finally:
            self._waiting[number] -= 1
        self._crashes = 0
        return answer


class _Hearing:
    """One party. A pause is tried at once, since it may be the end; only an utterance that is
    certainly over is told of as not understood."""

    def __init__(
        self,
        recogniser: SphinxRecogniser,
        forms: dict[tuple[str, ...], str],
        tell: HeardListener,
    ) -> None:
        self._recogniser = recogniser
        self._forms = list(forms)
        self._phrases = list(forms.values())
        self._tell = tell
        self._utterances: Utterances | None = None
        self._next: Utterance | None = None
        self._is_busy = self._is_closed = False

    def feed(self, pcm: bytes, rate_hz: int) -> None:
        if self._is_closed or not self._forms:
            return
        if self._utterances is None or self._utterances.rate_hz != rate_hz:
            self._utterances = Utterances(rate_hz)
        for utterance in self._utterances.feed(pcm):
            self._next = utterance
            if not self._is_busy:
                self._is_busy = True
                self._recogniser.start(self._understand(self._utterances))

    @property
    def is_amid_speech(self) -> bool:
        begun = self._utterances is not None and self._utterances.is_amid_speech
        return self._is_busy or begun

    def close(self) -> None:
        self._is_closed = True
        self._next = None

    def question(self, rate_hz: int, pcm: bytes = b"") -> bytes:
        wanted = {"phrases": self._forms, "rate_hz": rate_hz}
        text = json.dumps(wanted).encode()
        return struct.pack(">I", len(text)) + text + pcm

    def _heard(self, number: int, confidence: float) -> Heard:
        return Heard(self._phrases[number], confidence)

    def _is_certain(self, number: int, confidence: float) -> bool:
        """Nothing that may still come could make it another phrase."""
        return confidence >= ATTENDANT_SPEECH_SURE and not begins_another(
            self._forms[number], self._forms
        )

    async def _understand(self, utterances: Utterances) -> None:
        """What came while a worker was busy is its next question; the longest counts."""
        try:
            while (utterance := self._next) is not None:
                self._next = None
                question = self.question(utterances.rate_hz, utterance.pcm)
                number, confidence = await self._recogniser.understand(question)
                if self._is_closed:
                    return
                if utterance.is_over:
                    self._tell(NOTHING if number is None else self._heard(number, confidence))
                elif number is not None and self._is_certain(number, confidence):
                    utterances.forget()
                    self._next = None
                    self._tell(self._heard(number, confidence))
        finally:
            self._is_busy = False


def _now_s() -> float:
    return asyncio.get_running_loop().time()
