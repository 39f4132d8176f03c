"""TLS certificates from files: which one serves which name, and new ones without a restart.

Two layouts are understood: ``NAME.pem`` beside ``NAME.key``, and what ACME clients leave,
``NAME/fullchain.pem`` beside ``NAME/privkey.pem``.
"""

import contextlib
import ssl
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from cryptography import x509

from callwright.kernel.limits.certificates import CERTIFICATES_MAX
from callwright.sip.certificate_names import speaks_for

log = structlog.get_logger("callwright.certificates")

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2; those of 1.3 are all good (RFC 9325 §4.2; SPEC 2.3)."""
FALLBACK = "default"


class CertificateError(Exception):
    """No certificate can be used; says which file and why."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """A certificate and its key."""

    label: str
    chain: Path
    key: Path
    changed_at: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Certificate:
    """One that serves."""

    label: str
    names: tuple[str, ...]
    begins_at: datetime
    expires_at: datetime
    context: ssl.SSLContext


class Certificates:
    """The certificates of a directory. Running connections keep what they began with."""

    def __init__(self, directory: Path, peer_ca: Path | None = None) -> None:
        """``peer_ca`` names who may vouch for SBCs, both those that connect to us (mutual TLS) and
        those that we connect to. Raises CertificateError when there is none to serve with."""
        self._directory = directory
        self._peer_ca = peer_ca
        self._pairs: tuple[_Pair, ...] = ()
        self._serving: tuple[Certificate, ...] = ()
        self._read_last: dict[str, _Pair] = {}
        """By label, as it was when it could be read."""
        self.unusable: dict[str, str] = {}
        """Why, by label, of those that were read last."""
        self._opening = client_context(peer_ca)
        self.reload()
        if not self.serving:
            raise CertificateError(
                f"{directory} holds no certificate that can be used; put NAME.pem and NAME.key"
                " there, or NAME/fullchain.pem and NAME/privkey.pem"
            )
        self._front = self._new_context()
        self._load(self._front, self._default())
        self._front.sni_callback = self._choose
        self._load(self._opening, self._default())

    @property
    def serving(self) -> tuple[Certificate, ...]:
        return self._serving

    def for_accepting(self) -> ssl.SSLContext:
        """Serves each name with its certificate, by whatever is loaded at the time."""
        return self._front

    def for_opening(self) -> ssl.SSLContext:
        """Verifies the peer's name, and proves ours where the peer asks."""
        return self._opening

    def reload(self) -> bool:
        """Takes over what changed on disk; True when something did. A pair that cannot be read
        leaves the one that serves in place, and so does an empty directory."""
        pairs = tuple(_pairs(self._directory))
        if pairs == self._pairs:
            return False
        serving = tuple(self._read_all(pairs))
        self._pairs = pairs
        if not serving and self._serving:
            log.error("no certificate is left; the former ones serve", place=str(self._directory))
            return False
        self._serving = serving
        return True

    def serve_anew(self) -> None:
        """Connections that we open show the certificate that was loaded last."""
        pair = self._default()
        if pair in self._pairs:  # else what is on disk by now is broken
            self._load(self._opening, pair)

    # -- inside ------------------------------------------------------------------------------------

    def _choose(
        self, connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _context: ssl.SSLContext
    ) -> None:
        """SNI (RFC 6066 §3); a name that nothing serves gets the first certificate."""
        chosen = next(
            (one for one in self._serving if name is not None and speaks_for(one.names, name)),
            None,
        )
        connection.context = (chosen or self._serving[0]).context

    def _read_all(self, pairs: Iterable[_Pair]) -> Iterator[Certificate]:
        former = {certificate.label: certificate for certificate in self._serving}
        self.unusable = {}
        for pair in pairs:
            try:
                certificate = self._read(pair)
            except (OSError, ValueError, CertificateError) as error:
                log.error("a certificate cannot be used", file=str(pair.chain), why=str(error))
                self.unusable[pair.label] = str(error)
                if pair.label in former:
                    yield former[pair.label]
            else:
                self._read_last[pair.label] = pair
                yield certificate

    def _default(self) -> _Pair:
        return self._read_last[self._serving[0].label]

    def _read(self, pair: _Pair) -> Certificate:
        context = self._new_context()
        self._load(context, pair)
        certificate = x509.load_pem_x509_certificate(pair.chain.read_bytes())
        return Certificate(
            pair.label,
            _names(certificate),
            certificate.not_valid_before_utc,
            certificate.not_valid_after_utc,
            context,
        )

    def _new_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(CIPHERS)
        if self._peer_ca is not None:
            _trust(context, self._peer_ca)
            context.verify_mode = ssl.CERT_OPTIONAL
        return context

    def _load(self, context: ssl.SSLContext, pair: _Pair) -> None:
        context.load_cert_chain(pair.chain, pair.key)


def client_context(peer_ca: Path | None = None) -> ssl.SSLContext:
    """Trusts the system's authorities and ``peer_ca``; the peer's name must be right.

    Raises CertificateError when ``peer_ca`` cannot be read.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    if peer_ca is not None:
        _trust(context, peer_ca)
    return context


def names_of(certificate: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The DNS names that a verified certificate speaks for, as ``getpeercert`` tells them; the
    common name only where it has no alternative name of any kind (RFC 5922 §7.1)."""
    if not certificate:
        return ()
    alternative = certificate.get("subjectAltName")
    names = [text for kind, text in alternative or () if kind == "DNS"]
    if alternative is None:
        parts = [part for parts in certificate.get("subject", ()) for part in parts]
        names = [text for kind, text in parts if kind == "commonName"]
    return tuple(names)


def _trust(context: ssl.SSLContext, authority: Path) -> None:
    try:
        context.load_verify_locations(authority)
    except (OSError, ssl.SSLError) as error:
        raise CertificateError(f"{authority} is no file of certificates: {error}") from error


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        names = extension.value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        names = []
    if not names:
        attributes = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        names = [str(attribute.value) for attribute in attributes]
    return tuple(names)


def _pairs(directory: Path) -> Iterable[_Pair]:
    """``default`` first, then by name: the first one serves whoever names nothing."""
    found = {}
    for chain in sorted(directory.glob("*.pem")):
        found[chain.stem] = (chain, chain.with_suffix(".key"))
    for chain in sorted(directory.glob("*/fullchain.pem")):
        found[chain.parent.name] = (chain, chain.with_name("privkey.pem"))
    order = sorted(found, key=lambda label: (label != FALLBACK, label))
    for label in order[:CERTIFICATES_MAX]:
        chain, key = found[label]
        with contextlib.suppress(OSError):  # without a key it is a chain only, or half written
            yield _Pair(label, chain, key, (chain.stat().st_mtime, key.stat().st_mtime))
