"""Digest authentication, from both sides."""

import hashlib
import sys
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.kernel.limits.signalling import DIGEST_NONCE_S, DIGEST_NONCES_MAX
from callwright.sip.digest import (
    Authenticator,
    Verdict,
    authorization_for,
    parse_digest,
    username_of,
)
from callwright.sip.syntax import quote

REALM = "contoso.example"
URI = "sip:contoso.example"


def _authenticator() -> Authenticator:
    return Authenticator(REALM, b"secret of this process")


def _prove(
    challenge: str,
    password: str = "pass",
    *,
    nc: int = 1,
    method: str = "REGISTER",
    uri: str = URI,
) -> str:
    return authorization_for(
        challenge, method=method, uri=uri, username="ann", password=password, cnonce="c", nc=nc
    )


def _verify(
    authenticator: Authenticator,
    proof: str | None,
    *,
    password: str | None = "pass",
    method: str = "REGISTER",
    uri: str = URI,
    now_s: float = 100.0,
) -> Verdict:
    return authenticator.verify(proof, method=method, uri=uri, password=password, now_s=now_s)


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_rfc_7616_section_3_9_1(algorithm: str, response: str) -> None:
    proof = authorization_for(
        'Digest realm="http-auth@example.org", qop="auth, auth-int", '
        f"algorithm={algorithm}, "
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
        method="GET",
        uri="/dir/index.html",
        username="Mufasa",
        password="Circle of Life",
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )
    fields = parse_digest(proof)
    assert fields is not None
    assert fields["response"] == response
    assert (fields["nc"], fields["qop"], fields["algorithm"]) == ("00000001", "auth", algorithm)
    assert fields["opaque"] == "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"


def test_the_example_of_rfc_7616_section_3_9_2() -> None:
    """With the response of its erratum 4897; the name goes into it as it is, not hashed."""
    proof = authorization_for(
        'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, '
        'nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK"',
        method="GET",
        uri="/doe.json",
        username="J\u00e4s\u00f8n Doe",
        password="Secret, or not?",
        cnonce="NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
    )
    fields = parse_digest(proof)
    assert fields is not None
    assert fields["response"] == "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('Digest a="b", c=d', {"a": "b", "c": "d"}),
        ('digest  A = "b" ,c=d ', {"a": "b", "c": "d"}),
        ('Digest a="b,c=d",e="f"', {"a": "b,c=d", "e": "f"}),
        ('Digest a="b\\"c", d=""', {"a": 'b"c', "d": ""}),
        ("Digest a=b==, c=", {"a": "b==", "c": ""}),
        ("Digest a=b,", {"a": "b"}),
        ("Digest a=b, ,c=d", {"a": "b", "c": "d"}),
        ('Digest a="b<c>",d=e', {"a": "b<c>", "d": "e"}),
        ('Digest a="b",, c="",', {"a": "b", "c": ""}),
        ('Digest a="b', None),
        ('Digest a="b"c', None),
        ("Digest a=b, A=c", None),
        ("Digest a=b, c", None),
        ("Digest =b", None),
        ("Digest ", None),
        ("Basic a=b", None),
    ],
)
def test_fields_come_apart(text: str, fields: dict[str, str] | None) -> None:
    assert parse_digest(text) == fields


@pytest.mark.parametrize("text", ["a", " ", "a ", "a=", 'a="', "a=b "])
def test_nonsense_is_read_once_only(text: str) -> None:
    """A pattern that tried again at each character would take hours."""
    assert len(parse_digest(f"Digest {text * 1_000_000}") or ()) <= 1


@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,4}", fullmatch=True), st.text(max_size=9), min_size=1)
)
def test_any_value_may_stand_in_quotes(fields: dict[str, str]) -> None:
    text = "Digest " + ", ".join(f"{name}={quote(value)}" for name, value in fields.items())
    read = {name: value.replace("\r", " ").replace("\n", " ") for name, value in fields.items()}
    assert parse_digest(text) == read


def test_what_old_phones_know_is_offered_first() -> None:
    challenges = [parse_digest(value) for value in _authenticator().challenges(now_s=1.0)]
    assert [fields and fields["algorithm"] for fields in challenges] == [
        "MD5",
        "SHA-256",
        "SHA-512-256",
    ]
    assert all(fields and fields["realm"] == REALM for fields in challenges)
    assert all(fields and fields["qop"] == "auth" for fields in challenges)
    assert all(fields and "stale" not in fields for fields in challenges)


@pytest.mark.parametrize("choice", [0, 1, 2])
def test_the_right_password_is_ok_with_each_algorithm(choice: int) -> None:
    authenticator = _authenticator()
    proof = _prove(authenticator.challenges(now_s=100.0)[choice])
    assert username_of(proof) == "ann"
    assert _verify(authenticator, proof) is Verdict.OK


def test_wrong_password_user_method_and_uri() -> None:
    authenticator = _authenticator()
    challenge = authenticator.challenges(now_s=100.0)[0]
    assert _verify(authenticator, _prove(challenge, "guess")) is Verdict.WRONG
    assert _verify(authenticator, _prove(challenge), password=None) is Verdict.WRONG
    assert _verify(authenticator, _prove(challenge), method="INVITE") is Verdict.WRONG
    proof = _prove(challenge, uri="sip:102@contoso.example")
    assert _verify(authenticator, proof, uri="sip:900@contoso.example") is Verdict.WRONG
    assert _verify(authenticator, _prove(challenge)) is Verdict.OK


def test_a_user_who_does_not_exist_has_no_secret_password() -> None:
    authenticator = _authenticator()
    proof = _prove(authenticator.challenges(now_s=100.0)[0], "\0")
    assert _verify(authenticator, proof, password=None) is Verdict.WRONG


def test_a_user_who_does_not_exist_takes_the_same_work() -> None:
    """Counted in calls, which are the same on a busy machine, for each way to be wrong."""

    def work(password: str | None, proof: str) -> list[str]:
        parse_digest.cache_clear()
        done: list[str] = []

        def note(frame: FrameType, event: str, argument: object) -> None:
            if event == "call":
                done.append(frame.f_code.co_name)
            elif event == "c_call":
                done.append(getattr(argument, "__name__", ""))

        authenticator = _authenticator()
        sys.setprofile(note)
        try:
            verdict = _verify(authenticator, proof, password=password)
        finally:
            sys.setprofile(None)
        assert verdict is Verdict.WRONG
        return done

    for challenge in _authenticator().challenges(now_s=100.0):
        guess = _prove(challenge, "guess")
        assert work(None, guess) == work("pass", guess)
        assert "hexdigest" in work(None, guess)


def test_the_uri_may_be_written_differently() -> None:
    authenticator = _authenticator()
    proof = _prove(authenticator.challenges(now_s=100.0)[0])
    assert _verify(authenticator, proof, uri="sip:CONTOSO.example:5060") is Verdict.OK


@pytest.mark.parametrize(
    ("proven", "requested", "verdict"),
    [
        ("sip:192.0.2.1:5060", "sip:102@192.0.2.1", Verdict.OK),
        ("sip:Contoso.Example", "sip:102@pbx.test", Verdict.OK),
        ("sip:198.51.100.1:5070", "sip:102@contoso.example", Verdict.OK),
        ("sip:contoso.example", "urn:service:sos", Verdict.OK),
        ("sip:evil.test", "sip:102@contoso.example", Verdict.WRONG),
        ("sip:evil.test", "urn:service:sos", Verdict.WRONG),
        ("tel:102", "sip:102@contoso.example", Verdict.WRONG),
    ],
)
def test_a_proof_may_name_this_server_instead_of_who_is_called(
    proven: str, requested: str, verdict: Verdict
) -> None:
    authenticator = _authenticator()
    proof = _prove(authenticator.challenges(now_s=100.0)[0], method="INVITE", uri=proven)
    found = authenticator.verify(
        proof, method="INVITE", uri=requested, password="pass", now_s=100.0, server="198.51.100.1"
    )
    assert found is verdict


@pytest.mark.parametrize("proof", [None, "", "Basic YTpi", "Digest", "Digest x", "Digest a=1, a=2",
                                   'Digest username="ann', 'Digest a="b"c'])  # fmt: skip
def test_what_is_no_proof_is_missing(proof: str | None) -> None:
    assert _verify(_authenticator(), proof) is Verdict.MISSING
    assert proof is None or username_of(proof) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("algorithm=MD5", "algorithm=SHA-512-256"),
        ("qop=auth", "qop=auth-int"),
        ("nc=00000001", "nc=1"),
        ("nc=00000001", "nc=00000000"),
        ("nc=00000001", "nc=+0000001"),
        ("nc=00000001", "nc=0x000001"),
        ('cnonce="c"', 'cnonce=""'),
        (f'realm="{REALM}"', 'realm="other"'),
        (f'uri="{URI}"', 'uri="not a uri"'),
    ],
)
def test_a_proof_with_an_other_field_is_wrong(old: str, new: str) -> None:
    authenticator = _authenticator()
    proof = _prove(authenticator.challenges(now_s=100.0)[0])
    assert old in proof
    assert _verify(authenticator, proof.replace(old, new)) is Verdict.WRONG


def test_a_replayed_proof_is_stale_and_the_next_count_is_ok() -> None:
    authenticator = _authenticator()
    challenge = authenticator.challenges(now_s=100.0)[0]
    assert _verify(authenticator, _prove(challenge, nc=1)) is Verdict.OK
    assert _verify(authenticator, _prove(challenge, nc=1)) is Verdict.STALE
    assert _verify(authenticator, _prove(challenge, nc=3)) is Verdict.OK
    assert _verify(authenticator, _prove(challenge, nc=2)) is Verdict.STALE


def test_an_old_nonce_is_stale_only_with_the_right_password() -> None:
    authenticator = _authenticator()
    challenge = authenticator.challenges(now_s=100.0)[0]
    in_time, late = 100.0 + DIGEST_NONCE_S, 101.0 + DIGEST_NONCE_S
    assert _verify(authenticator, _prove(challenge, nc=1), now_s=in_time) is Verdict.OK
    assert _verify(authenticator, _prove(challenge, nc=2), now_s=late) is Verdict.STALE
    assert _verify(authenticator, _prove(challenge, "guess"), now_s=late) is Verdict.WRONG
    assert all("stale=true" in value for value in authenticator.challenges(now_s=late, stale=True))


def test_a_nonce_of_an_other_process_or_of_nobody_is_stale() -> None:
    foreign = Authenticator(REALM, b"an other secret").challenges(now_s=100.0)[0]
    assert _verify(_authenticator(), _prove(foreign)) is Verdict.STALE
    for nonce in ("x", "-", "1-2", "64-1-" + "0" * 32, "ü" * 40):
        made_up = f'Digest realm="{REALM}", nonce="{nonce}", algorithm=MD5, qop="auth"'
        assert _verify(_authenticator(), _prove(made_up)) is Verdict.STALE


def test_phones_challenged_in_the_same_second_do_not_meet() -> None:
    authenticator = _authenticator()
    first, second = (authenticator.challenges(now_s=100.0)[0] for _ in range(2))
    assert _verify(authenticator, _prove(first)) is Verdict.OK
    assert _verify(authenticator, _prove(second)) is Verdict.OK


def test_a_client_without_qop_may_use_a_nonce_once() -> None:
    authenticator = _authenticator()
    fields = parse_digest(authenticator.challenges(now_s=100.0)[1])
    assert fields is not None

    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    response = md5(f"{md5(f'ann:{REALM}:pass')}:{fields['nonce']}:{md5(f'REGISTER:{URI}')}")
    proof = (
        f'Digest username="ann", realm="{REALM}", nonce="{fields["nonce"]}", uri="{URI}", '
        f'response="{response}"'
    )
    assert _verify(authenticator, proof) is Verdict.OK
    assert _verify(authenticator, proof) is Verdict.STALE


def test_memory_is_bounded_and_what_was_forgotten_cannot_be_replayed() -> None:
    authenticator = _authenticator()
    first = _prove(authenticator.challenges(now_s=100.0)[1])
    assert _verify(authenticator, first) is Verdict.OK
    for _ in range(DIGEST_NONCES_MAX):
        proof = _prove(authenticator.challenges(now_s=100.0)[1])
        assert _verify(authenticator, proof) is Verdict.OK
    assert _verify(authenticator, first) is Verdict.STALE
    assert _verify(authenticator, _prove(authenticator.challenges(now_s=100.0)[1])) is Verdict.OK


@pytest.mark.parametrize(
    "challenge",
    [
        'Basic realm="x"',
        'Digest realm="x"',
        'Digest realm="x", nonce="n", algorithm=SHA-512',
        'Digest realm="x", nonce="n", qop="auth-int"',
    ],
)
def test_a_challenge_the_client_cannot_meet(challenge: str) -> None:
    with pytest.raises(ValueError, match=r"Digest|algorithm|qop"):
        _prove(challenge)


@given(
    st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cs",)), max_size=20),
    st.text(max_size=20),
)
def test_any_name_and_password_prove_themselves(username: str, password: str) -> None:
    authenticator = Authenticator('a "realm"\\', b"s")
    proof = authorization_for(
        authenticator.challenges(now_s=5.0)[0],
        method="INVITE", uri=URI, username=username, password=password, cnonce='"c"',
    )  # fmt: skip
    assert username_of(proof) == username
    verdict = authenticator.verify(proof, method="INVITE", uri=URI, password=password, now_s=5.0)
    assert verdict is Verdict.OK


@given(st.text(max_size=80) | st.text('Digest uri="\\,=;nc0 ', max_size=60).map("Digest ".__add__))
def test_any_header_is_judged(value: str) -> None:
    assert _verify(_authenticator(), value) in (Verdict.MISSING, Verdict.STALE)


@given(st.text('="\\,;nc0 ', max_size=40))
def test_what_stands_beside_a_good_nonce_is_judged(rest: str) -> None:
    authenticator = _authenticator()
    fields = parse_digest(authenticator.challenges(now_s=100.0)[0])
    assert fields is not None
    proof = f'Digest nonce="{fields["nonce"]}"{rest}'
    assert _verify(authenticator, proof) in (Verdict.MISSING, Verdict.WRONG, Verdict.STALE)


@pytest.mark.parametrize("password", ["pass", "guess"])
@pytest.mark.parametrize("source", ["", "192.0.2.8", "2001:db8::7"])
def test_a_nonce_serves_only_the_source_that_it_was_sent_to(source: str, password: str) -> None:
    """Nobody is accused of what another sends in his name (forged datagrams)."""
    authenticator = _authenticator()
    [challenge, *_] = authenticator.challenges(now_s=100.0, source="192.0.2.7")
    proof = _prove(challenge, password)

    def verdict(source: str) -> Verdict:
        return authenticator.verify(
            proof, method="REGISTER", uri=URI, password="pass", now_s=100.0, source=source
        )

    assert verdict(source) is Verdict.STALE
    assert verdict("192.0.2.7") is (Verdict.OK if password == "pass" else Verdict.WRONG)
