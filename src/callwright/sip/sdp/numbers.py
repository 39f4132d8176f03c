"""Payload types of our offers: a number keeps its meaning in a session (RFC 3264 §8.3.2)."""

from functools import lru_cache

from callwright.sip.sdp.codecs import DTMF_NAME, DYNAMIC_NUMBERS, EVENT_NUMBERS, OFFERED
from callwright.sip.sdp.description import Payload

_LISTS = 256
"""Every call offers one of the same few."""

_Encoding = tuple[str, int, int]


@lru_cache(_LISTS)
def offered_payloads(
    codecs: tuple[str, ...], *, with_keys: bool, known: tuple[Payload, ...] = ()
) -> tuple[Payload, ...]:
    """The codecs by name, and telephone-events with each of their clocks (RFC 4733 §2.1).

    ``known``: what the peer named; its numbers are used, and not for anything else. Raises KeyError
    for a codec that is not known here.
    """
    numbers: dict[_Encoding, int] = {}
    for payload in known:
        numbers.setdefault((payload.name, payload.rate_hz, payload.channels), payload.number)
    taken = set(numbers.values())
    wanted = [OFFERED[name] for name in codecs]
    encodings = [((codec.name, codec.rate_hz, codec.channels), codec.number) for codec in wanted]
    if with_keys:
        clocks = dict.fromkeys(codec.rate_hz for codec in wanted)
        encodings += [
            ((DTMF_NAME, clock, 1), EVENT_NUMBERS[clock])
            for clock in clocks
            if clock in EVENT_NUMBERS
        ]
    payloads = []
    for encoding, usual in encodings:
        number = numbers.get(encoding)
        if number is None:
            number = _free_number(usual, taken)
            taken.add(number)
        payloads.append(Payload(number, *encoding))
    return tuple(payloads)


def _free_number(usual: int, taken: set[int]) -> int:
    """There are more dynamic numbers than one m-line of ours can fill."""
    if usual not in taken:
        return usual
    return next((number for number in DYNAMIC_NUMBERS if number not in taken), usual)
