"""The number in a URI of any shape (RFC 3966, RFC 3261 §19.1.6)."""

import re

from callwright.sip.uri import Uri

_DIGITS = "+0123456789*#-.()"
_EXTENSION = re.compile(r"(?i);ext=([0-9.()-]+)")
_SEPARATORS = str.maketrans("", "", "-.()")
USER_IS_PHONE = (("user", "phone"),)
"""The parameter of a SIP URI whose user part is a number (RFC 3261 §19.1.1)."""


def number_of(uri: Uri) -> str:
    """The number or name that ``uri`` means; "" for a URI of another scheme.

    ``tel:5550101;phone-context=+1425`` is ``+14255550101``; of ``sip:+1425…;ext=1@host`` what
    stands behind the semicolon is dropped. A context that is a domain says nothing about digits.
    """
    if uri.scheme == "tel":
        return _in_context(uri.user, uri.parameter("phone-context"))
    if not uri.is_sip:
        return ""
    if ";" not in uri.user:
        return uri.user
    number, _, parameters = uri.user.partition(";")
    if number.strip(_DIGITS):
        return uri.user  # a name, where a semicolon means nothing
    for piece in parameters.split(";"):
        name, _, value = piece.partition("=")
        if name.lower() == "phone-context":
            return _in_context(number, value)
    return number


def line_of(uri: Uri) -> str:
    """``number_of``, with the extension that tells lines of one number apart:
    ``+14255388701;ext=1001`` (RFC 3966 §5.3)."""
    number = number_of(uri)
    if uri.scheme == "tel":
        extension = uri.parameter("ext")
    else:
        found = _EXTENSION.search(uri.user) if ";" in uri.user else None
        extension = None if found is None or number == uri.user else found[1]
    extension = extension and extension.translate(_SEPARATORS)
    return f"{number};ext={extension}" if extension else number


def phone_uri(address: str, host: str, port: int | None = None) -> Uri:
    """``sip:+1425…@host;user=phone``; an address that is no global number has no parameter."""
    is_number = address.startswith("+") and address[1:].isdecimal()
    return Uri("sip", address, host=host, port=port, parameters=USER_IS_PHONE if is_number else ())


def _in_context(number: str, context: str | None) -> str:
    is_local = not number.startswith("+")
    return f"{context}{number}" if is_local and context and context.startswith("+") else number
