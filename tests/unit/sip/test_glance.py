"""What is seen of a message without parsing it, and what of it nobody else may see."""

import pytest

from callwright.sip.glance import call_id_of, without_secrets


def request(*headers: str, method: str = "INVITE", body: str = "") -> bytes:
    lines = [f"{method} sip:bob@example.test SIP/2.0", *headers]
    return ("\r\n".join([*lines, "", ""]) + body).encode()


@pytest.mark.parametrize(
    "header", ["Call-ID: one@two", "CALL-ID:one@two", "call-id  :  one@two  ", "i: one@two"]
)
def test_a_call_id_is_found_however_its_name_is_written(header: str) -> None:
    assert call_id_of(request("Via: x", header, "CSeq: 1 INVITE")) == b"one@two"


def test_a_body_names_no_call_id_where_the_headers_do() -> None:
    message = request("Call-ID: mine", body="Call-ID: of somebody else\r\n")
    assert call_id_of(message) == b"mine"


@pytest.mark.parametrize("junk", [b"", b"\r\n\r\n", b"\0" * 40, b"INVITE sip:x SIP/2.0\r\n\r\n"])
def test_what_has_no_call_id_has_an_empty_one(junk: bytes) -> None:
    assert call_id_of(junk) == b""


@pytest.mark.parametrize(
    "header",
    [
        'Authorization: Digest username="alice", response="5ec4e7", nonce="n"',
        'Proxy-Authorization: Digest username="alice",RESPONSE = "5ec4e7", nonce="n"',
        "AUTHORIZATION: Digest username=alice, response=5ec4e7, nonce=n",
        'Authorization: Digest username="alice",\r\n response="5ec4e7",\r\n nonce="n"',
    ],
)
def test_a_proof_is_covered_and_the_rest_stays(header: str) -> None:
    message = request("Call-ID: a", header, body="response=5ec4e7 is only text here")
    covered = without_secrets(message)
    assert len(covered) == len(message)
    head, _, body = covered.partition(b"\r\n\r\n")
    assert b"5ec4e7" not in head
    assert b"xxxxxx" in head
    assert b"alice" in head
    assert body == b"response=5ec4e7 is only text here"


def test_a_proof_is_covered_behind_empty_lines() -> None:
    message = b"\r\n\r\n" + request("Call-ID: a", "Authorization: Digest response=5ec4e7")
    covered = without_secrets(message)
    assert covered == message.replace(b"5ec4e7", b"xxxxxx")


@pytest.mark.parametrize("end", ["", "\r\n", "\r\n\r\n"])
def test_the_key_of_media_is_covered_in_either_direction(end: str) -> None:
    line = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0c2VjcmV0|2^20|1:4\r\n"
    for start in ("INVITE sip:x@y SIP/2.0", "SIP/2.0 200 OK"):
        covered = without_secrets(f"{start}\r\nCall-ID: a\r\n\r\nv=0\r\n{line}{end}".encode())
        assert b"c2VjcmV0" not in covered
        assert b"|2^20|1:4\r\n" in covered


@pytest.mark.parametrize(
    "body", ["Signal=7\r\nDuration=160\r\n", "signal = 7\r\n", "7", "7\r\n\r\n"]
)
def test_a_pressed_key_is_covered(body: str) -> None:
    covered = without_secrets(request("Call-ID: a", method="INFO", body=body))
    assert b"7" not in covered.partition(b"\r\n\r\n")[2]


def test_an_ordinary_message_is_the_same_object() -> None:
    message = request("Call-ID: a", body="v=0\r\nm=audio 4000 RTP/AVP 0\r\n")
    assert without_secrets(message) is message


def test_the_password_of_connectivity_checks_is_covered() -> None:
    covered = without_secrets(request("Call-ID: a", body="v=0\r\na=ice-pwd:VUTyULkWY5y/yfKjv\r\n"))
    assert b"a=ice-pwd:xxxxxxxxxxxxxxxxx\r\n" in covered
