"""`callwright turn-credentials`: what a page needs to reach us through a TURN server."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from callwright.cli.civil_time import for_programs, utc_now
from callwright.cli.tables import print_json
from callwright.media.turn import BadTurnServer, turn_address, turn_credentials


def show(user: str, servers: Sequence[str], secret_file: Path, *, hours: float) -> None:
    """Prints an RTCIceServer of the W3C's WebRTC, and until when it holds. Raises BadTurnServer."""
    try:
        secret = secret_file.read_bytes().strip()
    except OSError as error:
        raise BadTurnServer(f"{secret_file}: {error.strerror}") from error
    urls = [turn_address(server) for server in servers]
    credentials = turn_credentials(user, secret, now=utc_now(), lifetime=timedelta(hours=hours))
    print_json(
        {
            "urls": urls,
            "username": credentials.username,
            "credential": credentials.password,
            "expires_at": for_programs(credentials.expires_at),
        }
    )
