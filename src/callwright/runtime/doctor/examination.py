"""All checks, one after the other."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from callwright.kernel.addresses import HostPort
from callwright.runtime.doctor import (
    certificate_dates,
    hairpin,
    listeners,
    path,
    public_address,
    rtp_range,
    self_call,
    wall_clock,
)
from callwright.runtime.doctor.finding import Finding, Verdict
from callwright.runtime.doctor.self_call import PlaceCall
from callwright.runtime.transports import Listening

ANY_HOST = ("0.0.0.0", "::")
CALL_PORTS = 4
"""RTP ports that the call to itself takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What is looked at: what `serve` would be told, and whom to ask outside."""

    listening: Listening
    http: HostPort
    rtp_low: int
    rtp_high: int
    certificates: Path | None = None
    peer_ca: Path | None = None
    stun: tuple[HostPort, ...] = ()
    ntp: HostPort | None = None
    peers: tuple[HostPort, ...] = ()


async def examine(
    patient: Patient, place_call: PlaceCall, utc: Callable[[], datetime]
) -> AsyncIterator[Finding]:
    """Findings as they come; nothing that a running server does is disturbed."""
    listening = patient.listening
    seen = await listeners.observe(listening, patient.http)
    for listener in seen:
        yield listeners.judge(listener)
    usable = [one for one in seen if one.transport == "udp" and (not one.error or one.is_ours)]
    for listener in usable:
        async for finding in _reached(patient, listener):
            yield finding
    for peer in patient.peers:
        on_the_way = await path.observe(peer, _host_towards(peer, usable))
        yield path.judge(on_the_way)
        yield path.judge_fragments(on_the_way)
    if not patient.peers:
        yield Finding(
            path.CHECK,
            "-",
            Verdict.NOT_TRIED,
            "no peer was named",
            "name a phone's or carrier's address with --peer HOST",
        )
    called = await _called(patient, usable[0], place_call) if usable else None
    yield self_call.judge(called)
    yield path.judge_size(called.largest_bytes, called.largest) if called else path.judge_size(None)
    is_needed = bool(listening.tls or listening.wss)
    dates = certificate_dates.observe(patient.certificates, patient.peer_ca, is_needed=is_needed)
    for finding in certificate_dates.judge(dates, utc()):
        yield finding
    clock = await wall_clock.observe(patient.ntp, utc)
    yield wall_clock.judge(clock)
    yield wall_clock.judge_zones(clock)


async def _reached(patient: Patient, listener: listeners.ListenerSeen) -> AsyncIterator[Finding]:
    """Whether peers reach one SIP address, and the audio beside it."""
    bind, advertised = listener.bind, patient.listening.advertised
    public = await public_address.observe(bind, advertised, patient.stun)
    yield public_address.judge_told(public)
    yield public_address.judge(public)
    ports = await _ports(patient, listener)
    yield rtp_range.judge(ports)
    yield rtp_range.judge_overlap(ports)
    if listener.is_ours or bind.port:
        yield hairpin.judge(
            await hairpin.observe(
                "SIP",
                bind,
                public.told,
                is_own=public.is_told_own,
                is_running=listener.is_ours,
            )
        )
    if run := rtp_range.free_run(ports, 1):
        audio = HostPort(bind.host, run[0])
        yield hairpin.judge(
            await hairpin.observe(
                "RTP", audio, public.told, is_own=public.is_told_own, is_running=False
            )
        )


async def _called(
    patient: Patient, listener: listeners.ListenerSeen, place_call: PlaceCall
) -> self_call.CallSeen | None:
    run = rtp_range.free_run(await _ports(patient, listener), CALL_PORTS)
    if run is None:
        return None
    is_beside = listener.is_ours
    port = 0 if is_beside else listener.bind.port
    return await place_call(HostPort(listener.bind.host, port), run, is_beside)


def _host_towards(peer: HostPort, usable: list[listeners.ListenerSeen]) -> str:
    """The address that packets to the peer would leave from."""
    is_v6 = ":" in peer.host
    hosts = (one.bind.host for one in usable if (":" in one.bind.host) == is_v6)
    return next((host for host in hosts if not listeners.is_loopback(host)), ANY_HOST[is_v6])


async def _ports(patient: Patient, listener: listeners.ListenerSeen) -> rtp_range.RangeSeen:
    return await rtp_range.observe(
        listener.bind.host,
        patient.rtp_low,
        patient.rtp_high,
        is_running=listener.is_ours,
        listening=frozenset(bind.port for bind in patient.listening.sip),
    )
