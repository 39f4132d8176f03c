"""Which numbers a certificate speaks for (RFC 8226 §9, the TNAuthList), read from its DER."""

from dataclasses import dataclass

TN_AUTH_LIST = "1.3.6.1.5.5.7.1.26"
ENTRIES_MAX = 1_000
_SEQUENCE, _INTEGER, _IA5 = 0x30, 0x02, 0x16
_SERVICE_PROVIDER, _RANGE, _ONE = 0xA0, 0xA1, 0xA2


@dataclass(frozen=True, slots=True)
class NumbersAllowed:
    """``is_everything``: a service provider's certificate, which names no numbers."""

    is_everything: bool
    ranges: tuple[tuple[int, int], ...] = ()
    """First and last, both included."""

    def covers(self, number: str) -> bool:
        """``number`` is canonical: digits without plus."""
        if self.is_everything:
            return True
        if not number.isdecimal():
            return False
        value = int(number)
        return any(first <= value <= last for first, last in self.ranges)


EVERYTHING = NumbersAllowed(is_everything=True)


def numbers_allowed(der: bytes) -> NumbersAllowed:
    """Reads the extension's value; raises ValueError."""
    tag, content, rest = _read(der)
    if tag != _SEQUENCE or rest:
        raise ValueError("a TNAuthList is a sequence")
    is_everything = False
    ranges: list[tuple[int, int]] = []
    while content:
        if len(ranges) >= ENTRIES_MAX:
            raise ValueError("the TNAuthList is too long")
        tag, entry, content = _read(content)
        if tag == _SERVICE_PROVIDER:
            is_everything = True
        elif tag == _ONE:
            number = _number(entry)
            ranges.append((number, number))
        elif tag == _RANGE:
            ranges.append(_range(entry))
        else:
            raise ValueError("an entry of the TNAuthList is of no known kind")
    return NumbersAllowed(is_everything, tuple(ranges))


def _range(entry: bytes) -> tuple[int, int]:
    tag, pair, _ = _read(entry)
    if tag != _SEQUENCE:
        raise ValueError("a range is a sequence")
    _, _, rest = _read(pair)
    first = _number(pair)
    tag, count, _ = _read(rest)
    if tag != _INTEGER:
        raise ValueError("a range has a count")
    return first, first + int.from_bytes(count, "big") - 1


def _number(der: bytes) -> int:
    tag, text, _ = _read(der)
    if tag != _IA5 or not text.isdigit() or len(text) > 15:
        raise ValueError("a number of the TNAuthList has up to 15 digits")
    return int(text)


def _read(der: bytes) -> tuple[int, bytes, bytes]:
    """Tag, content and what follows."""
    if len(der) < 2:
        raise ValueError("the TNAuthList is cut off")
    length, start = der[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(der[2:start], "big")
    if start > 5 or len(der) < start + length:
        raise ValueError("the TNAuthList is cut off")
    return der[0], der[start : start + length], der[start + length :]
