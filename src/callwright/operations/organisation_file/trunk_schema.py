"""The shape of what a carrier needs of an SBC: logins, registration, header rules."""

from typing import Annotated

from pydantic import AfterValidator, StrictStr, model_validator

from callwright.domains.pstn.headers import PLACEHOLDERS, PROTECTED
from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.kernel.limits.trunks import (
    HEADER_RULES_MAX,
    HEADER_VALUE_CHARS_MAX,
    TRUNK_CALLS_PER_S_RANGE,
    TRUNK_EXPIRES_S_DEFAULT,
    TRUNK_EXPIRES_S_RANGE,
)
from callwright.operations.organisation_file import values
from callwright.operations.organisation_file.refusal import quoted, refused
from callwright.operations.organisation_file.section import Section, example
from callwright.sip.header_names import canonical_name

LOGIN_CHARS_MAX = 256
_FORBIDDEN_IN_LOGIN = set('"\\')


def _check_login_word(text: str) -> str:
    is_clean = text.isprintable() and not set(text) & _FORBIDDEN_IN_LOGIN
    if not is_clean or not 0 < len(text) <= LOGIN_CHARS_MAX:
        raise refused(
            f"is not usable; write 1 to {LOGIN_CHARS_MAX} printable characters without quotes"
        )
    return text


def _check_trunk_user(text: str) -> str:
    is_plain = text.isascii() and text.isprintable() and not set(text) & set(' <>"\\@:;?,%')
    if not is_plain or not 0 < len(text) <= NAME_CHARS_MAX:
        raise refused(
            f"{quoted(text)} cannot be the user part of an address; "
            "write what the carrier gave you, such as +14255550100 or trunk-4711"
        )
    return text


def _check_header_name(text: str) -> str:
    name = canonical_name(text)
    if name is None:
        raise refused(f"{quoted(text)} is not the name of a header; write one such as X-Account")
    if name in PROTECTED:
        raise refused(f"{name} holds the call together and cannot be touched; write another one")
    return text


def _check_header_value(text: str) -> str:
    if not text.isprintable() or len(text) > HEADER_VALUE_CHARS_MAX:
        most = HEADER_VALUE_CHARS_MAX
        raise refused(f"does not fit; write at most {most} printable characters")
    rest = text
    for word in PLACEHOLDERS:
        rest = rest.replace(f"{{{word}}}", "")
    if "{" in rest or "}" in rest:
        known = ", ".join(f"{{{word}}}" for word in PLACEHOLDERS)
        raise refused(f"{quoted(text)} names something unknown in {{ }}; there are {known}")
    return text


def _check_calls_per_s(rate: int | float) -> int | float:
    least, most = TRUNK_CALLS_PER_S_RANGE
    if isinstance(rate, bool) or not least <= rate <= most:
        raise refused(f"{rate} does not fit; write a number from {least:g} to {most:g}")
    return rate


LoginWord = Annotated[StrictStr, AfterValidator(_check_login_word)]
TrunkUser = Annotated[StrictStr, AfterValidator(_check_trunk_user)]
HeaderName = Annotated[StrictStr, AfterValidator(_check_header_name)]
HeaderValue = Annotated[StrictStr, AfterValidator(_check_header_value)]
CallsPerSecond = Annotated[int | float, AfterValidator(_check_calls_per_s)]


class CredentialsSettings(Section):
    username: LoginWord = example("username: trunk-4711")
    password: values.Secret = example("password: SECRET")
    realm: LoginWord | None = None


class AuthenticateSettings(Section):
    username: LoginWord = example("username: carrier")
    password: values.Secret = example("password: SECRET")


class RegistrationSettings(Section):
    user: TrunkUser = example("user: trunk-4711")
    contact_user: TrunkUser | None = None
    registrar: values.Address | None = None
    expires_s: Annotated[int, values.whole(*TRUNK_EXPIRES_S_RANGE)] = TRUNK_EXPIRES_S_DEFAULT


class HeaderRuleSettings(Section):
    """Exactly one of the three acts, with its object."""

    set: HeaderName | None = None
    value: HeaderValue | None = None
    remove: HeaderName | None = None
    rename: HeaderName | None = None
    to: HeaderName | None = None

    @model_validator(mode="after")
    def _check_act(self) -> "HeaderRuleSettings":
        acts = [act for act in ("set", "remove", "rename") if getattr(self, act) is not None]
        if len(acts) != 1:
            raise refused(
                "does one thing; write {set: NAME, value: TEXT}, {remove: NAME} "
                "or {rename: NAME, to: NAME}"
            )
        if (self.value is not None) != (acts == ["set"]):
            raise refused("set and value go together; write {set: NAME, value: TEXT}")
        if (self.to is not None) != (acts == ["rename"]):
            raise refused("rename and to go together; write {rename: NAME, to: NAME}")
        return self


HeaderRules = Annotated[
    list[HeaderRuleSettings], AfterValidator(values.at_most(HEADER_RULES_MAX, "rules"))
]


class HeadersSettings(Section):
    inbound: HeaderRules = []
    outbound: HeaderRules = []
