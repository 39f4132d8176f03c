"""The shape of ``sign_in``: an identity provider that people may sign in with."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, StrictStr

from callwright.kernel.limits.access import OIDC_TEXT_CHARS_MAX
from callwright.operations.organisation_file.refusal import quoted, refused
from callwright.operations.organisation_file.section import Section, example

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
ENVIRONMENT_PREFIX = "CALLWRIGHT_OIDC_"
"""Of no other variable the value goes out to a provider."""
_ENVIRONMENT = re.compile(rf"env:{ENVIRONMENT_PREFIX}[A-Z0-9_]{{1,64}}")
_FILE = re.compile(r"file:[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def is_safe_url(text: str, *, may_be_loopback: bool = True) -> bool:
    """Whether nobody on the way can read or change what is asked there."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    is_local = parts.scheme == "http" and host in LOOPBACK and may_be_loopback
    is_whole = bool(host) and port != 0 and "@" not in parts.netloc and text.isprintable()
    return is_whole and len(text) <= OIDC_TEXT_CHARS_MAX and (parts.scheme == "https" or is_local)


def is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in LOOPBACK


def _check_url(text: str) -> str:
    if not is_safe_url(text) or "?" in text or "#" in text:
        raise refused(f"{quoted(text)} is no https URL; write https://login.example.com")
    return text.rstrip("/")


def _check_text(text: str) -> str:
    if not text or len(text) > OIDC_TEXT_CHARS_MAX or not text.isprintable():
        raise refused("is empty or too long; write what the provider shows")
    return text


def _check_reference(text: str) -> str:
    if not _ENVIRONMENT.fullmatch(text) and not _FILE.fullmatch(text):
        raise refused(
            f"is no reference; write env:{ENVIRONMENT_PREFIX}SECRET for a variable, or file:NAME "
            "for a file in the folder secrets of the data directory"
        )
    return text


Url = Annotated[StrictStr, AfterValidator(_check_url)]


class OidcSettings(Section):
    issuer: Url = example("issuer: https://login.example.com")
    client_id: Annotated[StrictStr, AfterValidator(_check_text)] = example("client_id: callwright")
    client_secret: Annotated[StrictStr, AfterValidator(_check_reference)] | None = None
    """Where it is found; the secret itself is never in the file."""


class SignInSettings(Section):
    url: Url | None = None
    """Of this server, as browsers reach it; left out, it is what the browser asked for."""
    oidc: OidcSettings | None = None
