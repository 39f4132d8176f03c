"""Whether two ends of a simulated stream understand each other: keys, certificates, checks."""

from hashlib import sha256

from callwright.media.remote import Dtls, IceSession, Sdes

Protection = Sdes | Dtls | None


def fingerprint_of(owner: str) -> str:
    """Of the certificate that ``owner`` shows, as SDP writes it."""
    return sha256(owner.encode()).digest().hex(":").upper()


def can_read(hearer: Protection, speaker: Protection, *, hears: str, speaks: str) -> bool:
    """``hears`` and ``speaks`` are the fingerprints of the two ends.

    Both plain; or the speaker's key is the one that the hearer was told; or both showed the
    certificates that were announced, and one of them began the handshake.
    """
    match hearer, speaker:
        case None, None:
            return True
        case Sdes(), Sdes():
            return (hearer.suite, hearer.remote_key) == (speaker.suite, speaker.local_key)
        case Dtls(), Dtls():
            return (
                hearer.is_client is not speaker.is_client
                and hearer.fingerprint == speaks
                and speaker.fingerprint == hears
            )
    return False


def checks_succeed(lite: IceSession | None, full: IceSession | None) -> bool:
    """The full agent's checks of the lite one carry the right names and passwords."""
    if lite is None or full is None:
        return lite is full
    return (lite.local_ufrag, lite.local_password) == (
        full.remote_ufrag,
        full.remote_password,
    ) and (lite.remote_ufrag, lite.remote_password) == (full.local_ufrag, full.local_password)
