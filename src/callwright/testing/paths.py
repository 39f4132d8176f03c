"""Who hears whom in the simulated engine, worked out from the state of this instant."""

from collections.abc import Iterable

from callwright.kernel.addresses import HostPort
from callwright.testing.handset import SILENCE, Handset, Sources
from callwright.testing.locks import can_read, checks_succeed, fingerprint_of
from callwright.testing.network import Fate, Host
from callwright.testing.simulated_leg import SimulatedLeg

RELATCH_S = 2.0
"""After so long without a packet from the latched source another one may take its place."""

ENGINE_FINGERPRINT = fingerprint_of("the engine")


class Paths:
    """Between the engine on ``host`` and the handsets, over the network as it is now."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.handsets: list[Handset] = []

    def heard_by(self, handset: Handset, legs: Iterable[SimulatedLeg]) -> Sources:
        stream = handset.stream
        if stream is None or not stream.receive:
            return SILENCE
        heard: set[str] = set()
        for leg in legs:
            if leg.is_sending and self.reaches(leg, handset) and self._is_readable(leg, handset):
                assert leg.remote is not None
                garbled = leg.remote.format.codec.name != stream.codec
                heard |= {f"garbled {s}" if garbled else s for s in self.sent_on(leg)}
        for other in self.handsets:
            if other is not handset and self._reaches_directly(other, handset):
                heard |= {other.name} if other.is_talking else set()
        return frozenset(heard)

    def sent_on(self, leg: SimulatedLeg) -> Sources:
        """What the leg's party is sent: its play, and its peers' voices unless that hides them."""
        played = SILENCE
        if leg.play is not None:
            played = leg.play.now(self.host.network.loop.time())
            if not leg.play.under:
                return played
        if leg.room is not None:
            return played.union(*(self.said_on(peer) for peer in leg.room.heard_by(leg)))
        return played if leg.peer is None else played | self.said_on(leg.peer)

    def tones_said_on(self, leg: SimulatedLeg) -> tuple[int, ...]:
        """What a recording of the leg's party holds."""
        if not self.said_on(leg):
            return ()
        return tuple(sorted({h.frequency_hz for h in self.accepted(leg) if h.is_talking}))

    def tones_sent_on(self, leg: SimulatedLeg) -> tuple[int, ...]:
        """What a recording holds of what the leg's party hears. Prompts have no sound here."""
        names = self.sent_on(leg)
        tones = {h.frequency_hz for h in self.handsets if h.name in names}
        tones |= {int(name.removesuffix(" Hz")) for name in names if name.endswith(" Hz")}
        return tuple(sorted(tones))

    def has_audio_for(self, leg: SimulatedLeg) -> bool:
        """True while packets go to the leg's party, whether they hold sound or not."""
        if not leg.is_sending:
            return False
        if leg.play is not None or leg.room is not None:
            return True
        return leg.peer is not None and bool(self.accepted(leg.peer))

    def takes_from(self, leg: SimulatedLeg, handset: Handset) -> bool:
        """True when a single packet of the handset, a key for instance, would be accepted now."""
        stream, remote = handset.stream, leg.remote
        if stream is None or remote is None or not stream.send:
            return False
        route = handset.host.network.route(handset.host, handset.port, stream.remote)
        if route.host is not self.host or route.fate is not Fate.ON_ITS_WAY:
            return False
        if not self._is_welcome(leg, handset, route.source):
            return False
        return leg.latched in (None, route.source) or self._may_latch_anew(leg)

    def said_on(self, leg: SimulatedLeg) -> Sources:
        """What the leg's party says."""
        remote = leg.remote
        if remote is None or not remote.receive:
            return SILENCE
        return frozenset(
            h.name
            if h.stream and h.stream.codec == remote.format.codec.name
            else f"garbled {h.name}"
            for h in self.accepted(leg)
            if h.is_talking
        )

    def accepted(self, leg: SimulatedLeg) -> list[Handset]:
        """Phones whose packets the leg takes (see RemoteMedia.ip): those of the source that it is
        latched to, and of another one when that fell silent."""
        known = [
            (handset, source)
            for handset, source in self.arriving(leg)
            if self._is_welcome(leg, handset, source)
        ]
        if known and leg.latched not in [source for _, source in known]:
            if leg.latched is not None and not self._may_latch_anew(leg):
                return []
            leg.latched = known[0][1]
        return [handset for handset, source in known if source == leg.latched]

    def _is_welcome(self, leg: SimulatedLeg, handset: Handset, source: HostPort) -> bool:
        """From the right place, or found by checks; and protected with the right keys."""
        remote, stream = leg.remote, handset.stream
        if remote is None or stream is None or not checks_succeed(remote.ice, stream.ice):
            return False
        if remote.ice is None and source.host not in (remote.ip, remote.also_accept):
            return False
        return can_read(
            remote.protection,
            stream.protection,
            hears=ENGINE_FINGERPRINT,
            speaks=handset.fingerprint,
        )

    def _is_readable(self, leg: SimulatedLeg, handset: Handset) -> bool:
        """What the leg sends, for the handset."""
        remote, stream = leg.remote, handset.stream
        if remote is None or stream is None or not checks_succeed(remote.ice, stream.ice):
            return False
        return can_read(
            stream.protection,
            remote.protection,
            hears=handset.fingerprint,
            speaks=ENGINE_FINGERPRINT,
        )

    def _may_latch_anew(self, leg: SimulatedLeg) -> bool:
        return self.host.network.loop.time() - leg.last_packet_s >= RELATCH_S

    def arriving(self, leg: SimulatedLeg) -> list[tuple[Handset, HostPort]]:
        """Phones whose packets get to the leg's port, and where they seem to come from."""
        here = HostPort(self.host.ip, leg.port)
        arriving = []
        for handset in self.handsets:
            if handset.is_sending and handset.stream is not None and handset.stream.remote == here:
                route = handset.host.network.route(handset.host, handset.port, here)
                if route.host is self.host and route.fate is Fate.ON_ITS_WAY:
                    arriving.append((handset, route.source))
        return arriving

    def reaches(self, leg: SimulatedLeg, handset: Handset) -> bool:
        """True when what the leg sends gets to the handset."""
        self.accepted(leg)  # a phone that sends latches before it is sent to
        target, nat = leg.target, handset.host.nat
        if target is None or target.host not in (handset.host.ip, nat.ip if nat else None):
            return False
        return self._leads_to(self.host, leg.port, target, handset)

    def _reaches_directly(self, speaker: Handset, listener: Handset) -> bool:
        if speaker.stream is None or not speaker.is_sending:
            return False
        remote = speaker.stream.remote
        if remote.host == self.host.ip:
            return False
        return self._leads_to(speaker.host, speaker.port, remote, listener)

    def _leads_to(self, sender: Host, port: int, target: HostPort, handset: Handset) -> bool:
        route = self.host.network.route(sender, port, target)
        if route.fate is not Fate.ON_ITS_WAY:
            return False
        return route.host is handset.host and route.port == handset.port
