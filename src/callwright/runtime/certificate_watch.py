"""Looks for new certificate files, and warns before the old ones expire."""

import asyncio
from datetime import timedelta

import structlog

from callwright.kernel.clock import Clock
from callwright.kernel.limits.certificates import CERTIFICATE_WARNING_DAYS, CERTIFICATES_LOOK_S
from callwright.runtime.certificates import Certificates

log = structlog.get_logger("callwright.certificates")


class CertificateWatch:
    """Loads what changed; every certificate is warned of once."""

    def __init__(self, certificates: Certificates, clock: Clock) -> None:
        self._certificates = certificates
        self._clock = clock
        self._warned: set[tuple[str, float]] = set()
        self._wanted = asyncio.Event()

    async def run(self) -> None:
        while True:
            self._warn()
            try:
                async with asyncio.timeout(CERTIFICATES_LOOK_S):
                    await self._wanted.wait()
            except TimeoutError:
                pass
            self._wanted.clear()
            if await asyncio.to_thread(self._certificates.reload):
                self._certificates.serve_anew()
                labels = [certificate.label for certificate in self._certificates.serving]
                log.info("certificates are loaded", serving=labels)

    def look_now(self) -> None:
        """Does not wait for the next round; for a signal."""
        self._wanted.set()

    def seconds_left(self) -> float:
        """Until the first one expires; negative when it has."""
        now = self._clock.utc()
        return min((one.expires_at - now).total_seconds() for one in self._certificates.serving)

    def _warn(self) -> None:
        soon = self._clock.utc() + timedelta(days=CERTIFICATE_WARNING_DAYS)
        for one in self._certificates.serving:
            key = (one.label, one.expires_at.timestamp())
            if one.expires_at < soon and key not in self._warned:
                self._warned.add(key)
                log.warning(
                    "a certificate expires soon", name=one.label, at=one.expires_at.isoformat()
                )
