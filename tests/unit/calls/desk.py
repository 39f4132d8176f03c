"""A desk where legs live, with an engine that notes what it is told."""

from collections.abc import Callable, Sequence

from tests.ladders.sip.rig import Pair

from callwright.calls.leg import Failure, Leg, Party, TransferRequest
from callwright.calls.media_leg import MediaRoom
from callwright.calls.ports import RtpPorts
from callwright.calls.sip_leg import SipLeg
from callwright.kernel.addresses import HostPort
from callwright.kernel.ids import LegId, PromptId, RoomId
from callwright.kernel.prompt import Prompt
from callwright.media.engine import RecordSide
from callwright.media.events import LegStatistics, MediaEvent, RecordEnd, RecordFinished
from callwright.media.library import LoadedPrompt, Progress, unseen
from callwright.media.remote import RemoteMedia
from callwright.sip.flow import Flow
from callwright.sip.sdp import LocalAudio, format_offer
from callwright.sip.session.session import InviteSession

FLOW = Flow("udp", HostPort("192.0.2.2", 5060), HostPort("198.51.100.7", 5060))

HERS = LocalAudio("192.0.2.1", 4_000)


class Engine:
    """Notes its commands; a recording ends as soon as it is stopped (``MediaEngine``)."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self._listener: Callable[[MediaEvent], None] = lambda event: None
        self._token = 0

    @property
    def fingerprint(self) -> str:
        return ":".join(["AB"] * 32)

    def open_leg(self, leg: LegId, local_ip: str, rtp_port: int) -> None: ...

    def set_remote(self, leg: LegId, remote: RemoteMedia) -> None:
        way = f"{'send' if remote.send else ''}{'receive' if remote.receive else ''}"
        self.commands.append(f"remote {remote.format.codec.name} {remote.rtp_port} {way}")

    def bridge(self, one: LegId, other: LegId) -> None: ...

    def unbridge(self, leg: LegId) -> None: ...

    def load_prompt(self, prompt: PromptId, pcm: bytes) -> None: ...

    def unload_prompt(self, prompt: PromptId) -> None: ...

    def play(
        self,
        leg: LegId,
        prompts: Sequence[PromptId],
        *,
        loop: bool,
        token: int,
        start_ms: int = 0,
        under: float = 0.0,
    ) -> None: ...

    def join_room(self, leg: LegId, room: RoomId) -> None: ...

    def leave_room(self, leg: LegId) -> None: ...

    def set_gain(self, speaker: LegId, listener: LegId, gain: float) -> None: ...

    def pause_record(self, leg: LegId) -> None: ...

    def resume_record(self, leg: LegId) -> None: ...

    def stop_play(self, leg: LegId) -> None: ...

    def tone(self, leg: LegId, frequency_hz: int, duration_ms: int, token: int) -> None: ...

    def send_dtmf(self, leg: LegId, digits: str, *, duration_ms: int = 100) -> None:
        self.commands.append(f"key {digits}")

    def record(
        self,
        leg: LegId,
        path: str,
        *,
        max_ms: int,
        silence_ms: int,
        stop_digits: str,
        token: int,
        side: RecordSide = RecordSide.LEG,
    ) -> None:
        self._token = token

    def stop_record(self, leg: LegId) -> None:
        self._listener(RecordFinished(leg, self._token, "", 900, RecordEnd.STOPPED))

    def listen(self, leg: LegId, token: int) -> None:
        self.commands.append(f"listen {token}")

    def stop_listening(self, leg: LegId) -> None:
        self.commands.append("stop listening")

    def set_media_timeout(self, leg: LegId, timeout_s: float) -> None:
        self.commands.append(f"timeout {timeout_s:g}")

    def statistics(self, leg: LegId) -> LegStatistics | None:
        return None

    def close_leg(self, leg: LegId) -> None: ...

    def on_event(self, listener: Callable[[MediaEvent], None]) -> None:
        self._listener = listener

    def close(self) -> None: ...


class Silence:
    """No prompts (``PromptLibrary``)."""

    async def prepare(
        self,
        prompts: frozenset[Prompt],
        *,
        later: frozenset[Prompt] = frozenset(),
        progress: Progress = unseen,
    ) -> None: ...

    def get(self, prompt: Prompt) -> LoadedPrompt | None:
        return None

    async def fetch(self, prompt: Prompt) -> LoadedPrompt | None:
        return None


class Observer:
    """Notes how a leg fails or ends (``LegObserver``)."""

    def __init__(self) -> None:
        self.failures: list[Failure] = []
        self.ends = 0

    def leg_trying(self, leg: Leg) -> None: ...

    def leg_ringing(self, leg: Leg) -> None: ...

    def leg_early_media(self, leg: Leg) -> None: ...

    def leg_answered(self, leg: Leg) -> None: ...

    def leg_failed(self, leg: Leg, failure: Failure) -> None:
        self.failures.append(failure)

    def leg_ended(self, leg: Leg) -> None:
        self.ends += 1

    def leg_hold(self, leg: Leg, held: bool) -> None: ...

    def leg_transfer(self, leg: Leg, request: TransferRequest) -> None: ...


class Desk:
    """alice has a phone; bob is where legs live."""

    def __init__(self, *, with_keys: bool = True) -> None:
        self.engine = Engine()
        self.room = MediaRoom(self.engine, Silence(), RtpPorts(10_000, 10_100), ["192.0.2.2"])
        self.pair = Pair()
        self.with_keys = with_keys
        self.observer = Observer()
        self.legs: list[SipLeg] = []
        self.pair.bob.on_ring = self._ring

    def offer(self, version: int = 1) -> bytes:
        return format_offer(
            HERS,
            codecs=("PCMA", "PCMU"),
            with_keys=self.with_keys,
            session_id=7,
            version=version,
        )

    def answered_call(self) -> InviteSession:
        """alice calls and a leg answers; what the engine did until now is forgotten."""
        hers = self.pair.alice.call(self.pair.bob, body=self.offer())
        self.pair.run()
        self.leg.answer()
        self.pair.run()
        self.engine.commands.clear()
        return hers

    def outgoing_leg(self) -> SipLeg:
        """A leg calls alice."""
        leg = SipLeg(Party("alice"), self.room, FLOW)
        leg.observer = self.observer
        body = leg.first_offer(("PCMU", "PCMA"))
        leg.attach(self.pair.bob.call(self.pair.alice, body=body, listener=leg))  # type: ignore[arg-type]
        self.pair.run()
        return leg

    @property
    def leg(self) -> SipLeg:
        return self.legs[-1]

    @property
    def last_answer(self) -> bytes:
        """What alice got last in a 200."""
        return self.pair.alice.listener.responses[-1].body

    def _ring(self, session: InviteSession) -> None:
        leg = SipLeg(Party("alice"), self.room, FLOW, session)
        leg.observer = self.observer
        self.legs.append(leg)
