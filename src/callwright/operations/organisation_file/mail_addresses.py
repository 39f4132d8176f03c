"""E-mail addresses that mail from here can go to."""

import re
from email.errors import MessageError
from email.headerregistry import Address as MailAddress

from callwright.kernel.limits.configuration import EMAIL_CHARS_MAX
from callwright.operations.organisation_file.refusal import quoted, refused

DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9-]{1,63}")
_PLAIN_LOCAL_PART = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*")


def check_email(text: str) -> str:
    """Takes what can stand in a mail's To and in SMTP, which is less than some systems give out.

    The parser takes a quarter of a millisecond, which most addresses need not wait for.
    """
    local, _, domain = text.partition("@")
    is_plain = _PLAIN_LOCAL_PART.fullmatch(local) and DOMAIN.fullmatch(domain.lower())
    if is_plain and len(text) <= EMAIL_CHARS_MAX:
        return text
    try:
        address = MailAddress(addr_spec=text)
        is_usable = address.addr_spec == text and len(text) <= EMAIL_CHARS_MAX
        is_usable = is_usable and DOMAIN.fullmatch(address.domain.lower()) is not None
    except (ValueError, LookupError, AttributeError, MessageError):
        is_usable = False  # the parser has a different exception for each kind of nonsense
    if not is_usable:
        raise refused(
            f"{quoted(text)} is not an e-mail address; write one such as alice@contoso.test, "
            "without a name, in ASCII (a domain with other letters as xn--...)"
        )
    return text
