"""From what was dialled to an E.164 number (SPEC 2.7)."""

import re

import phonenumbers

from callwright.domains.pstn.model import DialPlan
from callwright.domains.pstn.rules import translate
from callwright.kernel.e164 import E164
from callwright.kernel.policy import GLOBAL_POLICY
from callwright.routing.trail import Trail

DIAL_PLAN_PASSES = 2
"""A rule's output without a plus goes through the plan once more (SPEC 2.7)."""

_VISUAL_SEPARATORS = str.maketrans("", "", " -.()")
_DIALLABLE = frozenset("0123456789*#")
_EXTENSION = re.compile(r"(?i);ext=([0-9]{1,10})(?:;|$)")


def without_separators(dialled: str) -> str:
    """Strips what RFC 3966 §5.1.1 calls visual separators, and the parameters of a tel number.

    Names keep their dots and dashes.
    """
    number = dialled.removeprefix("tel:").partition(";")[0].translate(_VISUAL_SEPARATORS)
    return number if is_diallable(number) else dialled


def extension_of(dialled: str) -> str | None:
    """Returns which line of a shared number is dialled, ``+14255388701;ext=1001`` (RFC 3966)."""
    found = _EXTENSION.search(dialled) if ";" in dialled else None
    return None if found is None else found[1]


def is_diallable(text: str) -> bool:
    """Whether ``text`` is made of a telephone's keys, with an optional leading plus."""
    return bool(text) and _DIALLABLE.issuperset(text.removeprefix("+"))


def apply_dial_plan(plan: DialPlan | None, digits: str, trail: Trail) -> str:
    """Returns what the caller's rules make of ``digits``: the first that matches wins."""
    if plan is None or digits.startswith("+"):
        return digits
    for _ in range(DIAL_PLAN_PASSES):
        translated = translate(plan.rules, digits)
        if translated is None or translated.number == digits:
            break
        rule = translated.rule.name or translated.rule.pattern.pattern
        trail.note(f"{digits} becomes {translated.number}", _plan_text(plan, rule))
        digits = translated.number
        if digits.startswith("+"):
            break
    return digits


def _plan_text(plan: DialPlan, rule: str) -> str:
    if plan.name == GLOBAL_POLICY:
        return f"dial plan rule {rule}"
    return f"rule {rule} of dial plan {plan.name}"


def to_e164(country: str, digits: str, trail: Trail) -> E164 | None:
    """Returns the number; the country's own rules complete what has no plus (rows 95, 96)."""
    if digits.startswith("+"):
        return E164.parse_or_none(digits)
    number = _by_country(country, digits)
    if number is not None:
        trail.note(f"{digits} becomes {number}", f"the way numbers are dialled in {country}")
    return number


def _by_country(country: str, digits: str) -> E164 | None:
    """Reads the international prefix, the trunk prefix, or puts the country code in front."""
    if not digits.isdigit():
        return None
    try:
        parsed = phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        code = phonenumbers.country_code_for_region(country)
        return E164.parse_or_none(f"+{code}{digits}")
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return E164.parse_or_none(written)
