"""Ids and tokens that need time and randomness."""

import secrets
import time
from collections import deque

from callwright.kernel.ids import CallId

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = tuple([one + other for one in _ALPHABET for other in _ALPHABET])
"""The two characters of ten bits."""
_TIME_SHIFTS, _CHANCE_SHIFTS = range(40, -1, -10), range(70, -1, -10)
_OF_OCTET = bytes([ord(_ALPHABET[octet % 32]) for octet in range(256)])
"""One character of an octet's five lowest bits."""
TOKEN_BYTES = 16
TOKENS_AT_ONCE = 128
_tokens: deque[str] = deque()


def sortable_id(milliseconds: int, random_bits: int) -> str:
    """26 characters of Crockford's base 32: 48 bits of time, then 80 bits of chance."""
    pairs = _pairs_of(milliseconds)
    pairs += [_PAIRS[(random_bits >> shift) & 0x3FF] for shift in _CHANCE_SHIFTS]
    return "".join(pairs)


def new_sortable_id() -> str:
    """``sortable_id`` of now and of 80 bits that nobody can guess."""
    pairs = _pairs_of(time.time_ns() // 1_000_000)
    pairs.append(bytes.fromhex(new_token()).translate(_OF_OCTET).decode())
    return "".join(pairs)


def _pairs_of(milliseconds: int) -> list[str]:
    return [_PAIRS[(milliseconds >> shift) & 0x3FF] for shift in _TIME_SHIFTS]


def new_call_id() -> CallId:
    return CallId(f"call_{new_sortable_id()}")


def new_token() -> str:
    """128 bits that nobody can guess: tags, branches, Call-IDs. A call needs a dozen, and asking
    the system for each would cost as much as reading a message."""
    try:
        return _tokens.popleft()
    except IndexError:
        digits = secrets.token_hex(TOKEN_BYTES * TOKENS_AT_ONCE)
        size = 2 * TOKEN_BYTES
        _tokens.extend([digits[at : at + size] for at in range(size, len(digits), size)])
        return digits[:size]
