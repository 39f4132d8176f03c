"""A world's media with real packets: the pure core on the node, phones that speak RTP.

Every phone and every prompt has a tone of its own; phones tell by ear what they hear.
"""

from collections.abc import Sequence

import numpy as np

from callwright.kernel.ids import LegId, PromptId
from callwright.media.events import AudioHeard
from callwright.media.levels import SAMPLE_RATE_HZ, to_s16
from callwright.testing.core_media import CoreMedia
from callwright.testing.handset import Handset, Sources, Stream
from callwright.testing.media import FIRST_HANDSET_PORT, PORTS_END
from callwright.testing.network import Host
from callwright.testing.rtp_line import RtpLine
from callwright.testing.tone_line import AMPLITUDE

FIRST_FREQUENCY_HZ, FREQUENCY_STEP_HZ = 400, 40
FREQUENCIES_MAX = 75
"""Below 3,400 Hz, and as far apart as a tenth of a second can tell."""
FULL_SCALE = 32_768


class RtpMedia(CoreMedia):
    """A `WorldMedia` whose calls are packets on the simulated network."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._lines: dict[Handset, RtpLine] = {}
        self._next_ports: dict[Host, int] = {}
        self._tones: dict[str, int] = {}
        """Hz by name."""
        self._unvoiced: dict[PromptId, int] = {}
        """Lengths in samples of prompts that nobody has heard yet."""
        self._names: dict[PromptId, str] = {}
        self._listeners: dict[LegId, int] = {}
        """Tokens."""

    # -- phones ------------------------------------------------------------------------------------

    def handset(self, host: Host, name: str) -> Handset:
        """The audio of one phone call, on the next even port of the host; none is used again
        soon, so that packets for a call that is over miss the next one."""
        port = self._next_ports.get(host, FIRST_HANDSET_PORT)
        self._next_ports[host] = port + 2 if port + 2 < PORTS_END else FIRST_HANDSET_PORT
        handset = Handset(self, host, port, name, self._tone_of(name))
        self._lines[handset] = RtpLine(handset, self._tones)
        return handset

    def handset_changed(self, handset: Handset, former: Stream | None) -> None:
        if handset in self._lines:
            self._lines[handset].follow(handset.stream)

    def key_pressed(self, handset: Handset, digit: str) -> None:
        self._lines[handset].press(digit)

    def said(self, handset: Handset, text: str) -> None:
        """Phones have tones for voices, so words come to their listener beside the packets."""
        stream = handset.stream
        for leg, port in () if stream is None else self.open_legs.items():
            if leg in self._listeners and stream is not None and stream.remote.port == port:
                heard = AudioHeard(leg, self._listeners[leg], SAMPLE_RATE_HZ, text.encode())
                self._loop.call_soon(self._tell, heard)

    def listen(self, leg: LegId, token: int) -> None:
        self._listeners[leg] = token

    def stop_listening(self, leg: LegId) -> None:
        self._listeners.pop(leg, None)

    def heard_by(self, handset: Handset) -> Sources:
        line = self._lines.get(handset)
        return frozenset() if line is None else line.hears()

    def forget(self, handset: Handset) -> None:
        line = self._lines.pop(handset, None)
        if line is not None:
            line.close()

    # -- prompts -----------------------------------------------------------------------------------

    def load_prompt(self, prompt: PromptId, pcm: bytes) -> None:
        """Only its length counts: it becomes a tone when it is first played."""
        self._unvoiced[prompt] = len(pcm) // 2
        self._names[prompt] = f"prompt {prompt}"

    def name_prompt(self, prompt: PromptId, name: str) -> None:
        """What phones report when they hear it."""
        self._names[prompt] = name

    def unload_prompt(self, prompt: PromptId) -> None:
        self._unvoiced.pop(prompt, None)
        super().unload_prompt(prompt)

    def play(
        self,
        leg: LegId,
        prompts: Sequence[PromptId],
        *,
        loop: bool,
        token: int,
        start_ms: int = 0,
        under: float = 0.0,
    ) -> None:
        for prompt in prompts:
            self._give_voice(prompt)
        super().play(leg, prompts, loop=loop, token=token, start_ms=start_ms, under=under)

    def _give_voice(self, prompt: PromptId) -> None:
        length = self._unvoiced.pop(prompt, None)
        if length is None:
            return
        turns = self._tone_of(self._names[prompt]) * np.arange(length) / SAMPLE_RATE_HZ
        voice = AMPLITUDE / FULL_SCALE * np.sin(2 * np.pi * turns)
        super().load_prompt(prompt, to_s16(voice))

    def _tone_of(self, name: str) -> int:
        if name not in self._tones:
            number = len(self._tones)
            assert number < FREQUENCIES_MAX, "nobody could tell so many voices apart"
            self._tones[name] = FIRST_FREQUENCY_HZ + FREQUENCY_STEP_HZ * number
        return self._tones[name]
