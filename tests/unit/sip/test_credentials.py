"""What we answer to challenges (RFC 7616, RFC 8760)."""

from itertools import count

import pytest

from callwright.sip.credentials import Keyring, Login
from callwright.sip.digest import Authenticator, Verdict, parse_digest
from callwright.sip.message import Request, Response, make_request, make_response

URI = "sip:carrier.test"


def keyring(realm: str | None = None, password: str = "secret") -> Keyring:
    numbers = count()
    return Keyring(Login("trunk", password, realm), lambda: f"token{next(numbers)}")


def asked(proofs: list[tuple[str, str]] | None = None, method: str = "REGISTER") -> Request:
    return make_request(
        method, URI, via="SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1", from_="<sip:trunk@carrier.test>",
        to="<sip:trunk@carrier.test>", call_id="1", cseq=1, headers=proofs or (),
    )  # fmt: skip


def challenge(request: Request, *values: str, status: int = 401) -> Response:
    name = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
    return make_response(request, status, headers=[(name, value) for value in values])


def test_the_example_of_the_rfc() -> None:
    """RFC 7616 §3.9.1, with its cnonce."""
    nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
    ring = Keyring(
        Login("Mufasa", "Circle of Life"),
        lambda: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )
    request = Request("GET", "/dir/index.html", [])
    for algorithm, response in (
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ):
        value = (
            f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
            f'nonce="{nonce}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
        )
        [(name, text)] = ring.answer(request, challenge(request, value)) or []
        fields = parse_digest(text)
        assert fields is not None
        assert (name, fields["response"]) == ("Authorization", response)
        assert (fields["qop"], fields["nc"]) == ("auth", "00000001")
        assert fields["opaque"] == "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
        ring.forget()


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_our_own_authenticator_takes_it(algorithm: str) -> None:
    registrar = Authenticator("carrier.test", b"secret")
    ring = keyring()
    [value] = registrar.challenges(now_s=0, algorithms=(algorithm,))
    proofs = ring.answer(asked(), challenge(asked(), value))
    assert proofs is not None
    for _ in range(3):
        assert _judged(registrar, proofs) is Verdict.OK
        proofs = ring.proofs("REGISTER", URI)


def _judged(registrar: Authenticator, proofs: list[tuple[str, str]]) -> Verdict:
    [(_, value)] = proofs
    return registrar.verify(value, method="REGISTER", uri=URI, password="secret", now_s=1)


def test_the_strongest_algorithm_that_we_know_is_taken() -> None:
    values = [
        f'Digest realm="r", nonce="n", qop="auth", algorithm={algorithm}'
        for algorithm in ("MD5", "SHA-3", "SHA-512-256", "SHA-256")
    ]
    [(_, text)] = keyring().answer(asked(), challenge(asked(), *values)) or []
    assert "algorithm=SHA-512-256" in text


def test_a_proxy_is_answered_in_its_own_field_and_both_may_ask() -> None:
    ring = keyring()
    first = challenge(asked(), 'Digest realm="proxy", nonce="p", qop="auth"', status=407)
    [(name, _)] = ring.answer(asked(), first) or []
    assert name == "Proxy-Authorization"
    second = challenge(asked(), 'Digest realm="registrar", nonce="r", qop="auth"')
    names = [name for name, _ in ring.answer(asked(), second) or []]
    assert names == ["Proxy-Authorization", "Authorization"]


def test_a_wrong_password_is_not_tried_again() -> None:
    ring = keyring()
    proofs = ring.answer(asked(), challenge(asked(), 'Digest realm="r", nonce="1", qop="auth"'))
    again = asked(proofs)
    assert ring.answer(again, challenge(again, 'Digest realm="r", nonce="2", qop="auth"')) is None


def test_a_nonce_that_grew_old_is_replaced() -> None:
    ring = keyring()
    ring.answer(asked(), challenge(asked(), 'Digest realm="r", nonce="1", qop="auth"'))
    later = asked(ring.proofs("REGISTER", URI))
    assert "nc=00000002" in (later.header("Authorization") or "")
    [(_, text)] = (
        ring.answer(later, challenge(later, 'Digest realm="r", nonce="2", qop="auth"')) or []
    )
    assert 'nonce="2"' in text
    assert "nc=00000001" in text


def test_stale_says_that_the_password_is_right() -> None:
    ring = keyring()
    proofs = ring.answer(asked(), challenge(asked(), 'Digest realm="r", nonce="1"'))
    again = asked(proofs)
    assert ring.answer(again, challenge(again, 'Digest realm="r", nonce="2", stale=TRUE'))


def test_an_other_realm_is_told_nothing() -> None:
    ring = keyring("carrier.test")
    assert ring.answer(asked(), challenge(asked(), 'Digest realm="evil", nonce="1"')) is None
    assert ring.proofs("REGISTER", URI) == []


@pytest.mark.parametrize(
    "value",
    [
        "Basic realm=x",
        'Digest realm="r"',
        'Digest realm="r", nonce="1", algorithm=SHA-3',
        'Digest realm="r", nonce="1", qop="auth-int"',
        "Digest " + "x" * 100,
    ],
)
def test_what_cannot_be_answered_is_left(value: str) -> None:
    assert keyring().answer(asked(), challenge(asked(), value)) is None


def test_session_algorithms_are_answered() -> None:
    value = 'Digest realm="r", nonce="n", qop="auth", algorithm=MD5-sess'
    [(_, text)] = keyring().answer(asked(), challenge(asked(), value)) or []
    assert "algorithm=MD5-sess" in text


def test_a_refusal_of_another_kind_is_no_challenge() -> None:
    assert keyring().answer(asked(), make_response(asked(), 403)) is None


def test_the_password_is_in_no_text() -> None:
    assert "hunter2" not in repr(Login("trunk", "hunter2"))
