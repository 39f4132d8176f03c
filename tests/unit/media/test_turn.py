"""Time-limited credentials for TURN servers."""

from datetime import UTC, datetime, timedelta

import pytest

from callwright.media.turn import BadTurnServer, turn_address, turn_credentials

SECRET = b"north wind and the sun"
NOW = datetime(2026, 3, 1, 8, 0, 0, 999, tzinfo=UTC)


def test_the_name_says_until_when_and_the_password_proves_it() -> None:
    made = turn_credentials("bob", SECRET, now=NOW, lifetime=timedelta(hours=8))
    assert made.username == "1772380800:bob"
    assert made.expires_at == datetime(2026, 3, 1, 16, tzinfo=UTC)
    # printf 1772380800:bob | openssl dgst -sha1 -hmac 'north wind and the sun' -binary | base64
    assert made.password == "tUve0D63JskKX4X3Eh+uk6sI+cQ="


def test_the_password_is_not_shown_by_accident() -> None:
    made = turn_credentials("bob", SECRET, now=NOW, lifetime=timedelta(hours=8))
    assert made.password not in repr(made)


def test_a_secret_that_could_be_found_is_refused() -> None:
    with pytest.raises(BadTurnServer, match="shorter than 16"):
        turn_credentials("bob", b"fifteen letters", now=NOW, lifetime=timedelta(hours=8))


@pytest.mark.parametrize(
    "text",
    [
        "turn:turn.contoso.test",
        "turn:192.0.2.1:3478",
        "turns:turn.contoso.test:5349?transport=tcp",
        "turn:[2001:db8::1]:3478?transport=udp",
    ],
)
def test_addresses_are_those_of_browsers(text: str) -> None:
    assert turn_address(text) == text


@pytest.mark.parametrize(
    "text",
    ["turn.contoso.test:3478", "stun:192.0.2.1", "turn:", "turn:a?transport=tls", "turn:a b"],
)
def test_what_no_browser_takes_is_refused(text: str) -> None:
    with pytest.raises(BadTurnServer, match="is no TURN server"):
        turn_address(text)
