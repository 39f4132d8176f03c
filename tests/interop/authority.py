"""A certificate authority of the test's own, and the certificates it signs."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from callwright.kernel.addresses import HostPort
from callwright.runtime.certificates import Certificates, client_context
from callwright.runtime.transports import TlsContexts

DAY = timedelta(days=1)


class Authority:
    """Signs for any name; ``file`` is what others are given to trust it."""

    def __init__(self, directory: Path, name: str = "Test Authority") -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.file = directory / "authority.pem"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        certificate = (
            self._builder(self._name, self._key, days=30)
            .add_extension(constraints, critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def sign(self, directory: Path, *names: str, label: str = "", days: int = 20) -> Path:
        """Writes ``LABEL.pem`` and ``LABEL.key`` for host names and addresses; returns the former.
        Negative days: it has expired."""
        directory.mkdir(parents=True, exist_ok=True)
        chain = directory / f"{label or names[0]}.pem"
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
        alternative = x509.SubjectAlternativeName([_general_name(name) for name in names])
        certificate = (
            self._builder(subject, key, days=days)
            .add_extension(alternative, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        chain.with_suffix(".key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return chain

    def peer(self, chain: Path | None = None) -> TlsContexts:
        """How somebody who trusts this authority opens connections, with a certificate or not."""
        context = client_context(self.file)
        if chain is not None:
            context.load_cert_chain(chain, chain.with_suffix(".key"))
        return TlsContexts(None, context)

    def sbc(self, chain: Path) -> TlsContexts:
        """How an SBC with this certificate opens and takes connections."""
        certificates = Certificates(chain.parent, self.file)
        return TlsContexts(certificates.for_accepting(), certificates.for_opening())

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, days: int
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 40 * DAY)
            .not_valid_after(now + days * DAY)
        )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def served_names(server: HostPort, sni: str | None) -> list[str]:
    """The names of the certificate that a server shows to who asks for ``sni``."""
    loose = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    loose.check_hostname = False
    loose.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection(server, timeout=5) as raw,
        loose.wrap_socket(raw, server_hostname=sni) as secured,
    ):
        der = secured.getpeercert(binary_form=True)
    assert der is not None
    certificate = x509.load_der_x509_certificate(der)
    extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return extension.value.get_values_for_type(x509.DNSName)
