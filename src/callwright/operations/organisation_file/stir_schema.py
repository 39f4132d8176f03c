"""The shape of ``pstn.stir``: how calls are signed and verified (RFC 8224, RFC 8588)."""

from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, StrictStr

from callwright.operations.organisation_file.refusal import quoted, refused
from callwright.operations.organisation_file.section import Section, example

PATH_CHARS_MAX = 1_024
URL_CHARS_MAX = 512


def _check_path(text: str) -> str:
    is_clean = text.isprintable() and len(text) <= PATH_CHARS_MAX
    if not is_clean or not PurePosixPath(text).is_absolute():
        raise refused(
            f"{quoted(text[:PATH_CHARS_MAX])} is not an absolute path; "
            "write one that begins with /, such as /etc/callwright/stir.key"
        )
    return text


def _check_url(text: str) -> str:
    is_plain = text.isascii() and text.isprintable() and len(text) <= URL_CHARS_MAX
    if not is_plain or not text.startswith("https://") or set(text) & set(' <>"\\'):
        raise refused(
            f"{quoted(text[:URL_CHARS_MAX])} is not an address of a certificate; "
            "write one that begins with https://"
        )
    return text


FilePath = Annotated[StrictStr, AfterValidator(_check_path)]
CertificateUrl = Annotated[StrictStr, AfterValidator(_check_url)]


class SigningSettings(Section):
    key: FilePath = example("key: /etc/callwright/stir.key")
    certificate_url: CertificateUrl = example("certificate_url: https://contoso.test/stir.pem")


class VerificationSettings(Section):
    certificates: FilePath = example("certificates: /var/lib/callwright/stir")
    reject_failed: bool = False
    required: bool = False
    show_verstat: bool = False


class StirSettings(Section):
    sign: SigningSettings | None = None
    verify: VerificationSettings | None = None
