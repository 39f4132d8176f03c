"""URIs and name-addr values (RFC 3261 §19.1 and §20.10, RFC 3966)."""

import re
from dataclasses import replace
from ipaddress import IPv6Address
from urllib.parse import quote as percent_encode
from urllib.parse import unquote as percent_decode

from callwright.kernel.limits.signalling import SIP_PARAMETERS_MAX
from callwright.kernel.value import value
from callwright.sip.known import Known
from callwright.sip.syntax import (
    Parameters,
    find_parameter,
    format_parameters,
    parse_parameters,
    quote,
    read_number,
    read_quoted,
    split_list,
)

DEFAULT_PORTS = {"sip": 5060, "sips": 5061}

_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_TEL_NUMBER = re.compile(r"\+?[0-9A-Fa-f*#]+")
_TEL_SEPARATORS = str.maketrans("", "", "-.()")

_SAFE_IN_USER = "-_.!~*'()&=+$,;?/"
_SAFE_IN_PASSWORD = "-_.!~*'()&=+$,"
_SAFE_IN_PARAMETERS = "-_.!~*'()[]/:&+$%"
_SAFE_IN_HEADERS = "-_.!~*'()[]/?:+$"


class UriError(ValueError):
    """The text is not a URI or not a name-addr."""


@value
class Uri:
    """A SIP, SIPS or tel URI taken apart, or an other scheme's, which stays ``opaque``."""

    scheme: str
    """Lower case."""
    user: str = ""
    """Percent-decoded. Of a tel URI: the number without visual separators (``+4930123``)."""
    password: str | None = None
    host: str = ""
    """A name, IPv4 address, or IPv6 address without brackets; "" for other schemes than SIP's."""
    port: int | None = None
    parameters: Parameters = ()
    """As written, not percent-decoded."""
    headers: tuple[tuple[str, str], ...] = ()
    """What stands after "?", percent-decoded."""
    opaque: str = ""

    def parameter(self, name: str) -> str | None:
        """By lower-case name; "" for one without a value, None where it is absent."""
        return find_parameter(self.parameters, name) if self.parameters else None

    @property
    def is_sip(self) -> bool:
        return self.scheme == "sip" or self.scheme == "sips"

    def matches(self, other: "Uri") -> bool:
        """RFC 3261 §19.1.4, and RFC 3966 §5 for numbers. Absent and default port are the same
        here: phones leave 5060 out or write it as they like, and mean one address."""
        if (
            self.scheme != other.scheme
            or self.user != other.user
            or self.password != other.password
            or self.host.lower() != other.host.lower()
            or self.opaque != other.opaque
        ):
            return False
        default = DEFAULT_PORTS.get(self.scheme)
        if (self.port or default) != (other.port or default):
            return False
        return _same_parameters(self, other) and _folded(self.headers) == _folded(other.headers)

    def __str__(self) -> str:
        if not self.is_sip:
            number = self.opaque or self.user
            return f"{self.scheme}:{number}{_format_uri_parameters(self.parameters)}"
        parts = [self.scheme, ":"]
        if self.user:
            parts.append(_encode_user(self.user))
            if self.password is not None:
                parts.append(":" + percent_encode(self.password, _SAFE_IN_PASSWORD, **_CODEC))
            parts.append("@")
        parts.append(f"[{self.host}]" if ":" in self.host else self.host)
        if self.port is not None:
            parts.append(f":{self.port}")
        if self.parameters:
            parts.append(_format_uri_parameters(self.parameters))
        if self.headers:
            fields = [f"{_encode_header(n)}={_encode_header(v)}" for n, v in self.headers]
            parts.append("?" + "&".join(fields))
        return "".join(parts)


@value
class NameAddr:
    """The value of From, To, Contact, Route, Refer-To, P-Asserted-Identity, ..."""

    display: str
    """Without quotes and escapes."""
    uri: Uri
    parameters: Parameters = ()
    """Of the header, not of the URI."""
    tag: str | None = None
    """Of From and To, as read from the parameters; None: there is none."""

    def parameter(self, name: str) -> str | None:
        """By lower-case name; "" for one without a value, None where it is absent."""
        return find_parameter(self.parameters, name) if self.parameters else None

    def __str__(self) -> str:
        name = f"{quote(self.display)} " if self.display else ""
        return f"{name}<{self.uri}>{format_parameters(self.parameters)}"


def parse_uri(text: str) -> Uri:
    """Takes a URI apart; raises UriError."""
    return _URIS[text]


def parse_name_addr(text: str) -> NameAddr:
    """``"Ann" <sip:ann@example.org>;tag=1`` or ``sip:ann@example.org;tag=1``; raises UriError.

    Without < and > everything behind a semicolon belongs to the header (RFC 3261 §20.10).
    """
    return NAME_ADDRS[text]


def as_request_uri(text: str) -> str:
    """Without the headers, which a Request-URI cannot have and which ask for more than we do for a
    stranger's Contact (RFC 3261 §19.1.1, §19.1.5)."""
    if "?" not in text:
        return text
    try:
        return str(replace(parse_uri(text), headers=()))
    except UriError:
        return text


def parse_host_port(text: str) -> tuple[str, int | None]:
    """``host``, ``host:5060`` or ``[2001:db8::1]:5060``; raises UriError."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and rest[0] != ":") or "%" in host:
            raise UriError("an IPv6 address stands in brackets")
        if ":::" in host:  # written by the grammar of RFC 3261, which erred (RFC 5118 §4.10)
            host = host.replace(":::", "::")
        try:
            IPv6Address(host)
        except ValueError:
            raise UriError(f"{host!r} is not an IPv6 address") from None
        colon, port_text = rest[:1], rest[1:]
    else:
        host, colon, port_text = text.partition(":")
        if _HOST.fullmatch(host) is None:
            raise UriError(f"{host!r} is not a host")
    if not colon:
        return host, None
    port = read_number(port_text, most=65_535)
    if not port:
        raise UriError(f"{port_text!r} is not a port")
    return host, port


def _parse_uri(text: str) -> Uri:
    scheme, colon, rest = text.partition(":")
    if not colon:
        raise UriError("a URI has a scheme")
    if not text.isprintable() or " " in text or "<" in text or ">" in text or '"' in text:
        raise UriError("a URI has no spaces, quotes, brackets or control characters")
    scheme = scheme.lower()
    if scheme == "sip" or scheme == "sips":
        return _parse_sip_uri(scheme, rest)
    if scheme == "tel":
        return _parse_tel_uri(rest)
    if not rest or _SCHEME.fullmatch(scheme) is None:
        raise UriError("a URI has a scheme and something behind it")
    return Uri(scheme, opaque=rest)


def _parse_sip_uri(scheme: str, rest: str) -> Uri:
    user_text, at, host_text = rest.partition("@")
    user, password = "", None
    if not at:
        host_text = rest
    else:
        user_text, colon, password_text = user_text.partition(":")
        if not user_text:
            raise UriError("the user before @ is missing")
        user = _decode(user_text)
        password = _decode(password_text) if colon else None
    host_text, question, header_text = host_text.partition("?")
    host_text, semicolon, parameter_text = host_text.partition(";")
    host, port = parse_host_port(host_text)
    parameters = _parse_uri_parameters(parameter_text) if semicolon else ()
    headers = _parse_uri_headers(header_text) if question else ()
    return Uri(scheme, user, password, host, port, parameters, headers)


def _parse_tel_uri(rest: str) -> Uri:
    number, semicolon, parameter_text = rest.partition(";")
    number = number.translate(_TEL_SEPARATORS)
    if _TEL_NUMBER.fullmatch(number) is None:
        raise UriError(f"{number!r} is not a number")
    parameters = _parse_uri_parameters(parameter_text) if semicolon else ()
    return Uri("tel", number, parameters=parameters)


def _parse_uri_parameters(text: str) -> Parameters:
    parameters: list[tuple[str, str | None]] = []
    if text.count(";") >= SIP_PARAMETERS_MAX:
        raise UriError("too many parameters of the URI")
    for piece in text.split(";"):
        name, equals, value = piece.partition("=")
        if not name or (equals and not value) or ("%" in piece and _BAD_ESCAPE.search(piece)):
            raise UriError("a parameter of the URI has no name, no value or a broken escape")
        parameters.append((name, value if equals else None))
    return tuple(parameters)


def _parse_uri_headers(text: str) -> tuple[tuple[str, str], ...]:
    headers: list[tuple[str, str]] = []
    for piece in text.split("&"):
        name, equals, value = piece.partition("=")
        if not name or not equals:
            raise UriError("a header of the URI is NAME=VALUE")
        headers.append((_decode(name), _decode(value)))
    return tuple(headers)


def _parse_name_addr(text: str) -> NameAddr:
    address, mark, tag = text.partition(">;tag=")
    if mark and tag.isalnum() and tag.isascii():  # From and To of nearly all
        bare = NAME_ADDRS[address + ">"]
        return NameAddr(bare.display, bare.uri, (("tag", tag),), tag)
    display = ""
    if text.startswith('"'):
        quoted = read_quoted(text)
        if quoted is None:
            raise UriError("the quotes of the display name do not close")
        display, rest = quoted
        rest = rest.lstrip(" \t")
        if not rest.startswith("<"):
            raise UriError("a display name stands before <")
    else:
        start = text.find("<")
        if start < 0:
            return _parse_addr_spec(text)
        display, rest = text[:start].strip(" \t"), text[start:]
        if display and ('"' in display or "," in display or ";" in display or ">" in display):
            raise UriError("the display name needs quotes")
    uri_text, bracket, parameter_text = rest[1:].partition(">")
    if not bracket:
        raise UriError("a < does not close")
    try:
        parameters = parse_parameters(parameter_text) if parameter_text else ()
    except ValueError as error:
        raise UriError(str(error)) from None
    return NameAddr(display, parse_uri(uri_text), parameters, _tag_of(parameters))


def _parse_addr_spec(text: str) -> NameAddr:
    uri_text, semicolon, rest = text.partition(";")
    if "?" in uri_text or "," in uri_text:
        raise UriError("a URI with headers or a comma stands between < and >")
    try:
        parameters = parse_parameters(semicolon + rest)
    except ValueError as error:
        raise UriError(str(error)) from None
    return NameAddr("", parse_uri(uri_text.strip(" \t")), parameters, _tag_of(parameters))


def _tag_of(parameters: Parameters) -> str | None:
    return find_parameter(parameters, "tag") if parameters else None


_URIS = Known(_parse_uri, entries_max=2_048, characters_max=200)
NAME_ADDRS = Known(_parse_name_addr, entries_max=2_048, characters_max=200)
"""What ``parse_name_addr`` answers. Texts of a dialog come again in each of its messages; longer
ones are not worth keeping."""


def _parse_contacts(text: str) -> tuple[NameAddr, ...]:
    return tuple([NAME_ADDRS[part] for part in split_list(text) if part and part != "*"])


CONTACTS = Known(_parse_contacts, entries_max=1_024, characters_max=500)
"""The addresses of a Contact line; raises UriError."""


# Bytes that are no UTF-8 must survive: the far end compares them octet by octet.
_CODEC = {"encoding": "utf-8", "errors": "surrogateescape"}


def _decode(text: str) -> str:
    if "%" not in text:
        return text
    if _BAD_ESCAPE.search(text):
        raise UriError("a % is followed by two hexadecimal digits")
    return percent_decode(text, **_CODEC)


def _encode_user(user: str) -> str:
    if user.isascii() and user.removeprefix("+").isalnum():
        return user
    return percent_encode(user, _SAFE_IN_USER, **_CODEC)


def _encode_header(text: str) -> str:
    return percent_encode(text, _SAFE_IN_HEADERS, **_CODEC)


def _format_uri_parameters(parameters: Parameters) -> str:
    written = ""
    for name, content in parameters:
        written += f";{_encode_parameter(name)}"
        if content is not None:
            written += f"={_encode_parameter(content)}"
    return written


def _encode_parameter(text: str) -> str:
    return text if text.isascii() and text.isalnum() else _encode_odd_parameter(text)


def _encode_odd_parameter(text: str) -> str:
    # "=" and "@" are not legal here, yet phones write them; they come back as they came.
    return percent_encode(text, _SAFE_IN_PARAMETERS + "=@", **_CODEC)


def _same_parameters(one: Uri, other: Uri) -> bool:
    """A parameter in both must agree; of those in one only, these four count (§19.1.4)."""
    if one.parameters == other.parameters:
        return True
    left, right = _folded(one.parameters), _folded(other.parameters)
    if any(left[name] != right[name] for name in left.keys() & right.keys()):
        return False
    return not (left.keys() ^ right.keys()) & {"user", "ttl", "method", "maddr"}


def _folded(pairs: tuple[tuple[str, str | None], ...]) -> dict[str, str]:
    return {name.lower(): (value or "").lower() for name, value in pairs}
