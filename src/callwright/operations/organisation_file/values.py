"""The single values of the file: what each may be, kept as the file words it.

A validator here returns its input unchanged; ``snapshot`` turns it into the model's type.
"""

import re
import unicodedata
import warnings
from collections.abc import Callable, Collection, Iterable, Sized
from datetime import date
from functools import lru_cache
from ipaddress import ip_address
from typing import Annotated, TypeVar
from zoneinfo import available_timezones

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, PlainValidator, StrictStr

from callwright.domains.attendants.model import NameSuffix, SearchBy
from callwright.domains.directory.phones import ProfilePhone
from callwright.domains.licences.model import Sku
from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.queues.model import RoutingMethod
from callwright.kernel.addresses import HostPort
from callwright.kernel.e164 import E164, LineNumber
from callwright.kernel.limits import configuration, credits, dialling, numbers
from callwright.kernel.money import MICROS_PER_UNIT, Money
from callwright.operations.organisation_file.mail_addresses import DOMAIN, check_email
from callwright.operations.organisation_file.pattern_cost import is_slow
from callwright.operations.organisation_file.refusal import (
    alternatives,
    needs_text,
    quoted,
    refused,
)
from callwright.operations.organisation_file.registers import CURRENCIES, LANGUAGES
from callwright.operations.organisation_file.told import told_bounds, told_choice

S = TypeVar("S", bound=Sized)

_KEY = re.compile(r"[a-z][a-z0-9._-]*")
_SERVER = re.compile(
    r"(?=.{1,253}\.?$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)*(?=[a-z0-9-]*[a-z])[a-z0-9-]{1,63}\.?"
)
"""A host name; one whose last label is all digits is a mistyped address (RFC 1123 §2.1)."""
_EXTENSION = re.compile(r"[0-9]{1,10}")
_PIN = re.compile(r"[0-9]{4,12}")
_DIAL_STRING = re.compile(r"[0-9]{2,8}")
_PREFIX = re.compile(r"\+[0-9]{0,15}")
_AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,6})?")
_NUMBER_RANGE = re.compile(r"(\+[0-9]+)\.\.(\+[0-9]+)")
_COUNTRIES = sorted(phonenumbers.SUPPORTED_REGIONS)
_NO_ZONES = frozenset({"Factory", "localtime", "posixrules"})
"""Names that a system's folder of zones has besides zones."""
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp", "Cn"})
_BYTE_ORDER_MARK = "\ufeff"
HIDDEN = "(secret)"
"""What is shown in the place of a secret."""


def is_printable(text: str) -> bool:
    """Whether text can be shown on one line and survives being written as YAML."""
    if text.isascii():
        return text.isprintable()
    return _BYTE_ORDER_MARK not in text and not any(
        unicodedata.category(character) in _UNPRINTABLE for character in text
    )


def _line_of_text(what: str, most: int) -> AfterValidator:
    def check(text: str) -> str:
        if not text.strip() or len(text) > most or not is_printable(text):
            raise refused(f"is not {what}; write 1 to {most} printable characters on one line")
        return text

    return AfterValidator(check)


def _check_secret(text: str) -> str:
    if text == HIDDEN:
        raise refused("only stands for a secret that is not shown; write the secret itself")
    if not 0 < len(text) <= configuration.SECRET_CHARS_MAX or not is_printable(text):
        raise refused(
            f"is not usable; write 1 to {configuration.SECRET_CHARS_MAX} printable characters"
        )
    return text


def _check_pin(text: str) -> str:
    if _PIN.fullmatch(text) is None:
        raise refused('does not fit; write 4 to 12 digits in quotes, such as "2468"')
    return text


def _check_key(text: str) -> str:
    if _KEY.fullmatch(text) is None or len(text) > configuration.NAME_CHARS_MAX:
        made = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._0123456789")
        example = f", such as {made[: configuration.NAME_CHARS_MAX]}" if made else ""
        raise refused(
            f"{quoted(text)} cannot be a key; write a small letter, then small letters, digits, "
            f"- . or _ (at most {configuration.NAME_CHARS_MAX} in all){example}"
        )
    return text


def _check_profile_phone(text: str) -> str:
    if ProfilePhone.parse_or_none(text) is None:
        raise refused(
            f"{quoted(text)} is no phone of a profile; write it with a plus, such as "
            '"+12065550199", "+12065550199;ext=5678", "+12065550199x5678" or "x5678"'
        )
    return text


def _check_number(text: str) -> str:
    if E164.parse_or_none(text) is None:
        digits = re.sub(r"[^0-9]", "", text)
        guess = f"+{digits}" if E164.parse_or_none(f"+{digits}") else "+14255550101"
        raise refused(
            f"{quoted(text)} is not an E.164 number; write a plus, the country code and the number "
            f'without separators, such as "{guess}"'
        )
    return text


def _check_line(text: str) -> str:
    if LineNumber.parse_or_none(text) is None:
        if ";" not in text:
            return _check_number(text)
        raise refused(
            f"{quoted(text)} is not a number with an extension; write the number as E.164, ;ext= "
            'and 1 to 10 digits, such as "+14255388701;ext=1001"'
        )
    return text


def check_private_line(value: object) -> str:
    """One number; whoever writes a list wants what ``alternate_numbers`` is for."""
    if isinstance(value, list):
        raise refused(
            "is a list, and a user has one private line; write one number, and the others under "
            "alternate_numbers"
        )
    if not isinstance(value, str):
        raise needs_text(value)
    return _check_number(value)


def split_range(text: str) -> tuple[str, str]:
    """Returns both ends of ``+14255550101..+14255550119``; refuses anything else."""
    ends = _NUMBER_RANGE.fullmatch(text)
    if ends is None:
        raise refused(f'{quoted(text)} is not a range; write "+14255550101..+14255550119"')
    first, last = _check_number(ends[1]), _check_number(ends[2])
    if len(first) != len(last):
        raise refused(f"{first} and {last} differ in length; write two ranges")
    if first > last:
        raise refused(f'the range runs backwards; write "{last}..{first}"')
    if int(last) - int(first) >= numbers.NUMBERS_PER_RANGE_MAX:
        raise refused(f"holds more than {numbers.NUMBERS_PER_RANGE_MAX} numbers; check both ends")
    return first, last


def _check_range(text: str) -> str:
    split_range(text)
    return text


def _check_amount(text: str) -> str:
    if _AMOUNT.fullmatch(text) is None:
        raise refused(
            f"{quoted(text)} is not an amount; write digits, a point and at most six decimals, "
            'such as "5.00"'
        )
    if Money.parse(text, "USD").micros > credits.AMOUNT_UNITS_MAX * MICROS_PER_UNIT:
        raise refused(f"{text} is too much; write at most {credits.AMOUNT_UNITS_MAX}")
    return text


def _check_pattern(text: str) -> str:
    if not 0 < len(text) <= dialling.PATTERN_CHARS_MAX or not is_printable(text):
        raise refused(f"is no usable pattern; write 1 to {dialling.PATTERN_CHARS_MAX} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(text)
            is_too_slow = is_slow(text)
    except (re.error, Warning, OverflowError, RecursionError) as error:
        raise refused(
            f"{quoted(text)} is not a regular expression: {error}; "
            "close what it opens, and write \\+ for a plus"
        ) from None
    if is_too_slow:
        raise refused(
            f"{quoted(text)} can match one number in too many ways and would keep the system busy; "
            "repeat nothing that repeats itself, and count digits, as in \\d{7}"
        )
    return text


@lru_cache(maxsize=1_024)
def compiled(pattern: str) -> re.Pattern[str]:
    """Returns the pattern of a text that was checked; raises re.error otherwise."""
    return re.compile(pattern)


def _check_translation(text: str) -> str:
    if len(text) > dialling.TRANSLATION_CHARS_MAX or not is_printable(text):
        raise refused(f"is too long; write at most {dialling.TRANSLATION_CHARS_MAX} characters")
    return text


def _check_address(text: str) -> str:
    try:
        host, port = HostPort.parse(text, default_port=-1)
    except ValueError:
        raise refused(
            f"{quoted(text)} is not HOST:PORT; write for example 127.0.0.1:5060"
        ) from None
    if port == 0:
        raise refused(f"{quoted(text)} has no usable port; write a port from 1 to 65535")
    try:
        ip_address(host)
    except ValueError:
        if _SERVER.fullmatch(host.lower()) is None:
            raise refused(
                f"{quoted(host)} is neither an address nor a host name; "
                "write for example 192.0.2.10:5060 or sbc1.contoso.test"
            ) from None
    else:
        if port < 0:
            raise refused(f"{quoted(text)} is not HOST:PORT; write for example 127.0.0.1:5060")
    return text


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones()) - _NO_ZONES


def _check_timezone(text: str) -> str:
    if text not in _zones():
        remedy = alternatives(text, sorted(_zones()), label="write an IANA name such as")
        raise refused(f"no time zone is called {quoted(text)}; {remedy}")
    return text


def _check_date(text: str) -> str:
    try:
        if len(text) != len("2026-12-25"):
            raise ValueError(text)
        date.fromisoformat(text)
    except ValueError:
        raise refused(
            f'{quoted(text)} is not a date; write year-month-day, such as "2026-12-25"'
        ) from (None)
    return text


def _check_codes(codes: list[int]) -> list[int]:
    for position, code in enumerate(codes):
        if not 400 <= code <= 699:
            raise refused(f"{code} is not a SIP failure; write 400 to 699", at=[position])
    return codes


def _matching(form: re.Pattern[str], remedy: str) -> AfterValidator:
    def check(text: str) -> str:
        if form.fullmatch(text) is None:
            raise refused(f"{quoted(text)} does not fit; {remedy}")
        return text

    return AfterValidator(check)


def one_of(what: str, known: Collection[str], label: str = "write one of") -> AfterValidator:
    """``what`` begins the mistake, ``no country is called``; ``label`` the remedy."""

    def check(text: str) -> str:
        if text not in known:
            raise refused(f"{what} {quoted(text)}; {alternatives(text, known, label=label)}")
        return text

    return told_choice(check, known)


def whole(low: int, high: int) -> AfterValidator:
    """Bounds a whole number, both ends included."""

    def check(number: int) -> int:
        if not low <= number <= high:
            raise refused(f"{number} is out of bounds; write {low} to {high}")
        return number

    return told_bounds(check, low, high)


def seconds(low: int, high: int) -> PlainValidator:
    """Bounds seconds that may have a fraction; a whole number stays one."""

    def check(value: object) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise refused(f"must be a number of seconds; write {low} to {high} without quotes")
        if not low <= value <= high:
            raise refused(f"{value} is out of bounds; write {low} to {high}")
        return value

    return PlainValidator(check)


def chosen(values: Iterable[int]) -> AfterValidator:
    """Bounds a whole number to a few values."""
    known = tuple(values)

    def check(number: int) -> int:
        if number not in known:
            raise refused(f"{number} is not offered; write {', '.join(map(str, known))}")
        return number

    return told_choice(check, known)


def at_most(count: int, what: str) -> Callable[[S], S]:
    """Returns a check that a list or mapping has at most ``count`` of ``what``."""

    def check(items: S) -> S:
        if len(items) > count:
            raise refused(f"has {len(items)} {what}; write at most {count}")
        return items

    return check


def _check_filled(items: list[str]) -> list[str]:
    if not items:
        raise refused("is an empty list; write at least one")
    return items


Name = Annotated[StrictStr, _line_of_text("a name", configuration.NAME_CHARS_MAX)]
RuleName = Annotated[StrictStr, _line_of_text("a name", dialling.TRANSLATION_NAME_CHARS_MAX)]
Secret = Annotated[StrictStr, AfterValidator(_check_secret)]
PostalAddress = Annotated[
    StrictStr, _line_of_text("an address", configuration.POSTAL_ADDRESS_CHARS_MAX)
]
Key = Annotated[StrictStr, AfterValidator(_check_key)]
"""Names something; a ``Reference`` to it is looked up by ``checks``."""
Reference = StrictStr
Number = Annotated[StrictStr, AfterValidator(_check_number)]
ProfilePhoneText = Annotated[StrictStr, AfterValidator(_check_profile_phone)]
LineText = Annotated[StrictStr, AfterValidator(_check_line)]
"""A number, or one of the lines that share it: ``+14255388701;ext=1001``."""
PrivateLine = Annotated[StrictStr, PlainValidator(check_private_line)]
RangeText = Annotated[StrictStr, AfterValidator(_check_range)]
Amount = Annotated[StrictStr, AfterValidator(_check_amount)]
PatternText = Annotated[StrictStr, AfterValidator(_check_pattern)]
Translation = Annotated[StrictStr, AfterValidator(_check_translation)]
Address = Annotated[StrictStr, AfterValidator(_check_address)]
Timezone = Annotated[StrictStr, AfterValidator(_check_timezone)]
DateText = Annotated[StrictStr, AfterValidator(_check_date)]
Codes = Annotated[list[int], AfterValidator(_check_codes)]
Filled = AfterValidator(_check_filled)

Domain = Annotated[
    StrictStr, _matching(DOMAIN, "write a domain in small letters, such as contoso.test")
]
Email = Annotated[StrictStr, AfterValidator(check_email)]
Extension = Annotated[StrictStr, _matching(_EXTENSION, 'write 1 to 10 digits, such as "101"')]
Pin = Annotated[StrictStr, AfterValidator(_check_pin)]
DialString = Annotated[
    StrictStr, _matching(_DIAL_STRING, 'write what is dialled, 2 to 8 digits, such as "911"')
]
Prefix = Annotated[StrictStr, _matching(_PREFIX, 'write a plus and digits, such as "+44"')]
Country = Annotated[
    StrictStr, one_of("no country has the code", _COUNTRIES, "write an ISO 3166 code:")
]
Language = Annotated[StrictStr, one_of("no voice speaks", LANGUAGES)]
Currency = Annotated[
    StrictStr, one_of("no currency has the code", CURRENCIES, "write an ISO 4217 code:")
]
SkuName = Annotated[StrictStr, one_of("no licence is called", [sku.value for sku in Sku])]
Kind = Annotated[StrictStr, one_of("no kind is called", [kind.value for kind in NumberKind])]
Source = Annotated[StrictStr, one_of("no source is called", [s.value for s in NumberSource])]
Method = Annotated[StrictStr, one_of("no routing is called", [m.value for m in RoutingMethod])]
Transport = Annotated[StrictStr, one_of("no transport is called", ("udp", "tcp", "tls"))]
SbcMatch = Annotated[StrictStr, one_of("no match is called", ("address", "credentials"))]
Redirects = Annotated[StrictStr, one_of("no policy is called", ("refuse", "follow"))]
MediaEncryption = Annotated[
    StrictStr,
    BeforeValidator(lambda value: "off" if value is False else value),  # YAML 1.1 reads off so
    one_of("no policy is called", ("required", "optional", "off")),
]
ReverseLookup = Annotated[StrictStr, one_of("no look-up is called", ("internal", "skip-internal"))]
Directory = Annotated[StrictStr, one_of("no directory is called", [by.value for by in SearchBy])]
NameSuffixWord = Annotated[
    StrictStr, one_of("no suffix is called", [suffix.value for suffix in NameSuffix])
]
Provider = Annotated[StrictStr, one_of("no payment provider is called", ("none",))]
MenuKey = Annotated[StrictStr, one_of("no phone has the key", (*"0123456789*#",))]
