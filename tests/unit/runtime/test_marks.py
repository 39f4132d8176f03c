"""Which node a message comes back to, whatever form its headers have."""

import pytest

from callwright.runtime.marks import FIRST, marked, number_in_request, number_in_response

TOKEN = "0123456789abcdef0123456789abcdef"


def test_the_first_marks_nothing() -> None:
    def new_token() -> str:
        return TOKEN

    assert marked(new_token, FIRST) is new_token
    assert marked(new_token, 7)() == f"{TOKEN}.7"


def response(via: str) -> bytes:
    return f"SIP/2.0 200 OK\r\n{via}\r\nTo: <sip:a@b>;tag=x.9\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("via", "number"),
    [
        (f"Via: SIP/2.0/UDP h:5060;branch=z9hG4bK{TOKEN}.7;rport", 7),
        (f"Via: SIP/2.0/UDP h:5060;branch=z9hG4bK{TOKEN};rport", FIRST),
        (f"v:SIP/2.0/TCP h;received=1.2.3.4;branch=z9hG4bK{TOKEN}.12", 12),
        (f"VIA : SIP/2.0/UDP h ; Branch = z9hG4bK{TOKEN}.3, SIP/2.0/UDP x;branch=z9.8", 3),
        (f"Via: SIP/2.0/UDP x, SIP/2.0/UDP h;branch=z9hG4bK{TOKEN}.3", FIRST),
        (f"Via: SIP/2.0/UDP h;branch=z9hG4bKnat{TOKEN[-18:]}.7;rport", 7),
        ("Via: SIP/2.0/UDP h;branch=z9hG4bK.", FIRST),
        ("Via: SIP/2.0/UDP h;branch=z9hG4bK.99999999999999999999", FIRST),
        ("X: y", FIRST),
    ],
)
def test_responses_by_the_topmost_branch(via: str, number: int) -> None:
    assert number_in_response(response(via)) == number


def request(to: str, method: str = "BYE") -> bytes:
    lines = [f"{method} sip:a@b SIP/2.0", "From: <sip:c@d>;tag=y.5", to, "Call-ID: z.8"]
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.mark.parametrize(
    ("to", "number"),
    [
        (f"To: <sip:a@b>;tag={TOKEN}.7", 7),
        (f"t: <sip:a@b>;tag={TOKEN}.7", 7),
        (f"TO  :sip:a@b ; Tag = {TOKEN}.7;x=y", 7),
        (f"To: <sip:a@b>\r\n ;tag={TOKEN}.7", 7),
        (f'To: "a>b;tag=x.1" <sip:a@b;tag=x.2>;tag={TOKEN}.7', 7),
        (f"To: <sip:a@b>;tag={TOKEN}", FIRST),
        ("To: <sip:a@b>;tag=made.by.somebody.else", FIRST),
        ("To: <sip:a@b;tag=x.2>", None),
        ("To: <sip:a@b>", None),
        ("X: y", None),
    ],
)
def test_requests_by_the_tag_in_to(to: str, number: int | None) -> None:
    assert number_in_request(request(to)) == number


def test_a_tag_means_nothing_to_a_registrar() -> None:
    assert number_in_request(request("To: <sip:a@b>;tag=x.7", method="REGISTER")) is None
