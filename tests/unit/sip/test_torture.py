"""Messages in the manner of RFC 4475, by its names: strange but right, and wrong in one place each.

The messages are our own, each with the peculiarity that the RFC describes under its name.
"""

import pytest

from callwright.sip.message import Message, Request, Response, encode, make_response
from callwright.sip.parser import ParseError, parse
from callwright.sip.uri import UriError, parse_name_addr

VIA = "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKtorture"
USUAL = (
    VIA,
    "Max-Forwards: 70",
    "From: <sip:caller@example.com>;tag=f",
    "To: <sip:callee@example.net>",
    "Call-ID: torture.192.0.2.1",
)


def _wire(start: str, *lines: str, body: bytes = b"") -> bytes:
    """The usual headers are added unless the case brings its own; CSeq fits unless given."""
    names = {line.partition(":")[0].strip().lower() for line in lines}
    added = [line for line in USUAL if line.partition(":")[0].lower() not in names]
    if "cseq" not in names:
        method = start.partition(" ")[0] if not start.startswith("SIP/") else "INVITE"
        added.append(f"CSeq: 1 {method}")
    head = "\r\n".join([start, *added, *lines])
    return head.encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def _request(start: str, *lines: str, body: bytes = b"") -> Request:
    message = parse(_wire(start, *lines, body=body))
    assert isinstance(message, Request)
    _survives(message)
    return message


def _response(start: str, *lines: str) -> Response:
    message = parse(_wire(start, *lines))
    assert isinstance(message, Response)
    _survives(message)
    return message


def _survives(message: Message) -> None:
    again = parse(encode(message))
    kept = [pair for pair in message.headers if pair[0] != "Content-Length"]
    assert again.headers[:-1] == kept
    assert again.body == message.body


def _refusal(data: bytes) -> ParseError:
    with pytest.raises(ParseError) as caught:
        parse(data)
    return caught.value


# -- right, however strange (RFC 4475 §3.1.1) ---------------------------------------------------


def test_wsinv_white_space_and_folding_wherever_they_may_be() -> None:
    message = parse(
        b"INVITE sip:vivian@chair.example.com;unknownparam SIP/2.0\r\n"
        b"TO :\r\n sip:vivian@chair.example.com ;   tag    = 1918181833n\r\n"
        b'from   : "J Rosen \\\\\\""       <sip:jd@example.com>\r\n  ;\r\n  tag = 98asjd8\r\n'
        b"MaX-fOrWaRdS: 0068\r\n"
        b"Call-ID: wsinv.ndaksdj@192.0.2.1\r\n"
        b"Content-Length   : 5\r\n"
        b"cseq: 0009\r\n  INVITE\r\n"
        b"Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\n"
        b"s :\r\n"
        b"NewFangledHeader:   newfangled value\r\n continued newfangled value\r\n"
        b"UnknownHeaderWithUnusualValue: ;;,,;;,;\r\n"
        b"Content-Type: application/sdp\r\n"
        b"Route:\r\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\r\n"
        b"v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n"
        b"  branch  =   z9hG4bK9ikj8  ,\r\n SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n"
        b" z9hG4bK30239\r\n"
        b'm:"Quoted string \\"\\"" <sip:jd@example.com> ; newparam =\r\n'
        b"      newvalue ;\r\n  secondparam ; q = 0.33\r\n\r\nv=0\r\n"
    )
    assert isinstance(message, Request)
    assert (message.to.uri.user, message.to_tag) == ("vivian", "1918181833n")
    assert (message.from_.display, message.from_tag) == ('J Rosen \\"', "98asjd8")
    assert (message.max_forwards, message.cseq) == (68, (9, "INVITE"))
    assert [(via.transport, via.host, via.branch) for via in message.vias] == [
        ("UDP", "192.0.2.2", "390skdjuw"),
        ("TCP", "spindle.example.com", "z9hG4bK9ikj8"),
        ("UDP", "192.168.255.111", "z9hG4bK30239"),
    ]
    assert message.header("Subject") == ""
    fangled = message.header("Newfangledheader")
    assert fangled is not None
    assert fangled.split() == ["newfangled", "value", "continued", "newfangled", "value"]
    assert message.header("Unknownheaderwithunusualvalue") == ";;,,;;,;"
    route = parse_name_addr(message.header_values("Route")[0])
    assert route.uri.parameter("unknownwith") == "value"
    assert route.uri.parameter("unknown-no-value") == ""
    (contact,) = message.contacts
    assert (contact.display, contact.parameter("q")) == ('Quoted string ""', "0.33")
    assert (contact.parameter("newparam"), contact.parameter("secondparam")) == ("newvalue", "")
    assert message.body == b"v=0\r\n"


def test_intmeth_every_character_a_token_may_have() -> None:
    method = "!interesting-Method0123456789_*+`.%indeed'~"
    message = _request(
        f"{method} sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
        ":&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0",
        'To: "BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f" <sip:1_unusual@example.com>',
        "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;"
        "fromParam''~+*_!.-%=\"\u2014\\\"\\\\\";tag=_token~1'+`*%!-.",
        f"CSeq: 139122385 {method}",
        "extensionHeader-!.%*+_`'~: \ufeff\u5927\u505c\u96fb",
    )
    assert message.method == method
    assert message.to.display == "BEL:\x07 NUL:\x00 DEL:\x7f"
    assert message.from_tag == "_token~1'+`*%!-."
    assert message.from_.parameter("fromparam''~+*_!.-%") == '\u2014"\\'
    assert message.parsed_uri.host == "example.com"
    assert message.parsed_uri.user == "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"


def test_esc01_escapes_are_the_characters_they_stand_for() -> None:
    message = _request(
        "INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0",
        "To: <sip:%75se%72@example.com>",
        "From: <sip:I%20have%20spaces@example.net>;tag=93",
        "Contact: <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>",
    )
    assert message.parsed_uri.user == "sips:user@example.com"
    assert message.parsed_uri.host == "example.net"
    assert message.to.uri.user == "user"
    assert message.from_.uri.user == "I have spaces"
    # The parameter stays as written: "%6C%72" is not the "lr" that routes.
    assert message.contacts[0].uri.parameter("lr") is None


def test_escnull_a_zero_octet_in_a_user() -> None:
    message = _request(
        "REGISTER sip:example.com SIP/2.0",
        "To: sip:null-%00-null@example.com",
        "From: sip:null-%00-null@example.com;tag=839923423",
        "Contact: <sip:%00@host5.example.com>",
        "Contact: <sip:%00%00@host5.example.com>",
    )
    assert message.to.uri.user == "null-\0-null"
    first, second = message.contacts
    assert (first.uri.user, second.uri.user) == ("\0", "\0\0")
    assert not first.uri.matches(second.uri)


def test_esc02_a_percent_sign_that_escapes_nothing() -> None:
    message = _request(
        "RE%47IST%45R sip:registrar.example.com SIP/2.0",
        'To: "%Z%45" <sip:resource@example.com>',
        'From: "%Z%45" <sip:resource@example.com>;tag=f232jadfj23',
        "Contact: <sip:alias1@host1.example.com>",
        "C%6Fntact: <sip:alias2@host2.example.com>",
    )
    assert message.method == "RE%47IST%45R"
    assert message.to.display == "%Z%45"
    assert [contact.uri.user for contact in message.contacts] == ["alias1"]


def test_lwsdisp_no_space_before_the_bracket() -> None:
    message = _request(
        "OPTIONS sip:user@example.com SIP/2.0", "From: caller<sip:caller@example.com>;tag=323"
    )
    assert (message.from_.display, message.from_tag) == ("caller", "323")


def test_longreq_long_values_everywhere() -> None:
    user = "user" + "longvalue" * 30
    message = _request(
        f"INVITE sip:{user}@example.com SIP/2.0",
        f'To: "I have {"a " * 200}long name" <sip:{user}@example.net>',
        f"From: sip:{user}@example.net;tag=12{'982424' * 50};unknown={'verylong' * 60};x",
        f"Call-ID: longreq.one{'really' * 40}longcallid",
        f"Unknown-{'Long' * 40}-Name: value; {'parameter=value;' * 50}",
        *[f"Via: SIP/2.0/TCP sip{number}.example.com" for number in range(33, 0, -1)],
        f"Via: SIP/2.0/UDP 192.0.2.1;branch=very{'long' * 60}branch",
        f"Contact: <sip:{user}@host.example.com:5060;x={'y' * 900}>",
    )
    assert message.parsed_uri.user == user
    assert len(message.vias) == 34
    assert message.from_tag == "12" + "982424" * 50
    assert message.contacts[0].uri.port == 5060


def test_dblreq_a_second_message_in_the_datagram_is_not_read() -> None:
    first = _wire("REGISTER sip:example.com SIP/2.0", "Content-Length: 0")
    message = parse(first + _wire("INVITE sip:joe@example.com SIP/2.0"))
    assert isinstance(message, Request)
    assert (message.method, message.body) == ("REGISTER", b"")


def test_semiuri_a_semicolon_in_the_user() -> None:
    message = _request("OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0")
    assert message.parsed_uri.user == "user;par=u@example.net"
    assert message.parsed_uri.host == "example.com"


def test_transports_of_every_kind_in_via() -> None:
    message = _request(
        "OPTIONS sip:user@example.com SIP/2.0",
        "Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw",
        "Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf",
        "Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj",
        "Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en",
        "Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee",
    )
    assert [via.transport for via in message.vias] == ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]


def test_mpart01_a_body_of_several_parts_with_any_octets() -> None:
    body = (
        b"--7a9cbec02ceef655\r\nContent-Type: text/plain\r\n\r\nHello\r\n"
        b"--7a9cbec02ceef655\r\nContent-Type: application/octet-stream\r\n\r\n"
        + bytes(range(256))
        + b"\r\n\r\n--7a9cbec02ceef655--\r\n"
    )
    message = _request(
        "MESSAGE sip:kumiko@example.org SIP/2.0",
        "Content-Type: multipart/mixed;boundary=7a9cbec02ceef655",
        f"Content-Length: {len(body)}",
        body=body,
    )
    assert (message.content_type, message.body) == ("multipart/mixed", body)


def test_unreason_a_phrase_in_an_other_script() -> None:
    phrase = "= 2**3 * 9**2 \u043d\u043e \u0441\u0442\u043e \u0434\u0435\u0432\u044f\u043d\u043e"
    response = _response(f"SIP/2.0 200 {phrase}")
    assert (response.status, response.reason) == (200, phrase)


def test_noreason_a_phrase_of_nothing() -> None:
    for start in ("SIP/2.0 100 ", "SIP/2.0 100"):
        response = _response(start)
        assert (response.status, response.reason) == (100, "")


# -- wrong in one place (RFC 4475 §3.1.2) --------------------------------------------------------

INVITE = "INVITE sip:user@example.com SIP/2.0"
REGISTER = "REGISTER sip:example.com SIP/2.0"
OPTIONS = "OPTIONS sip:user@example.com SIP/2.0"
WRONG = {
    "badinv01": _wire(INVITE, 'Contact: "Joe" <sip:joe@example.org>;;;;'),
    "clerr": _wire(INVITE, "Content-Length: 9999", body=b"v=0\r\n"),
    "ncl": _wire(INVITE, "Content-Length: -999", body=b"v=0\r\n"),
    "scalar02-cseq": _wire(REGISTER, "CSeq: 36893488147419103232 REGISTER"),
    "scalar02-max-forwards": _wire(REGISTER, "Max-Forwards: 300"),
    "quotbal": _wire(INVITE, 'To: "Mr. J. User <sip:j.user@example.com>'),
    "ltgtruri": _wire("INVITE <sip:user@example.com> SIP/2.0"),
    "lwsruri": _wire("INVITE sip:user@example.com; lr SIP/2.0"),
    "lwsstart": _wire("INVITE  sip:user@example.com  SIP/2.0"),
    "trws": _wire("OPTIONS sip:remote-target@example.com SIP/2.0  "),
    "escruri": _wire("INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0"),
    "regbadct": _wire(REGISTER, "Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E"),
    "badaspec": _wire(OPTIONS, 'To: "Watson, Thomas" < sip:t.watson@example.org >'),
    "baddn": _wire(OPTIONS, "From: Bell, Alexander <sip:a.g.bell@example.com>;tag=43"),
    "mismatch01": _wire(OPTIONS, "CSeq: 8 INVITE"),
    "mismatch02": _wire("NEWMETHOD sip:user@example.com SIP/2.0", "CSeq: 8 INVITE"),
    "insuf": _wire(INVITE, "To:").replace(b"Call-ID: torture.192.0.2.1\r\n", b""),
    "multi01": _wire(
        INVITE, "CSeq: 5 INVITE", "CSeq: 59 INVITE", "Call-ID: 1", "Call-ID: 2", "Max-Forwards: 70",
        "Max-Forwards: 5",
    ),
    "mcl01": _wire(OPTIONS, "Content-Length: 13", "Content-Length: 5", body=b"There's no way"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_request_is_answered_400(name: str) -> None:
    error = _refusal(WRONG[name])
    assert error.status == 400
    assert error.text
    assert error.partial is not None
    answer = encode(make_response(error.partial, 400, error.text, to_tag="t"))
    assert answer.startswith(b"SIP/2.0 400 ")
    assert VIA.encode() in answer
    if name != "insuf":
        assert b"Call-ID: " in answer


def test_badinv01_a_via_of_nothing_can_not_be_answered() -> None:
    error = _refusal(_wire(INVITE, "Via: SIP/2.0/UDP 192.0.2.15;;,;,,"))
    assert (error.status, error.partial) == (400, None)


def test_badvers_is_answered_505() -> None:
    error = _refusal(_wire("OPTIONS sip:t.watson@example.org SIP/7.0"))
    assert error.status == 505
    assert error.partial is not None
    assert make_response(error.partial, 505).call_id == "torture.192.0.2.1"


@pytest.mark.parametrize(
    "data",
    [
        _wire("SIP/2.0 503 Service Unavailable", "CSeq: 9292394834772304023312 OPTIONS"),
        _wire("SIP/2.0 4294967301 better not break the receiver"),
    ],
    ids=["scalarlg", "bigcode"],
)
def test_a_wrong_response_is_dropped(data: bytes) -> None:
    assert _refusal(data).partial is None


# -- to be decided above the parser ---------------------------------------------------------------


def test_baddate_does_not_matter_to_whom_does_not_read_it() -> None:
    message = _request(INVITE, "Date: Fri, 01 Jan 2010 16:00:00 EST")
    assert message.header("Date") == "Fri, 01 Jan 2010 16:00:00 EST"


def test_badbranch_the_cookie_alone_names_no_transaction() -> None:
    message = _request(OPTIONS, "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK")
    assert not message.top_via.has_unique_branch


def test_scalar02_an_interval_beyond_all_bounds_is_the_longest() -> None:
    message = _request(REGISTER, f"Expires: 1{'0' * 100}")
    assert message.expires == 2**32 - 1


@pytest.mark.parametrize(
    ("uri", "scheme"),
    [
        ("nobodyKnowsThisScheme:totallyopaquecontent", "nobodyknowsthisscheme"),
        ("soap.beep://192.0.2.103:3002", "soap.beep"),
    ],
    ids=["unkscm", "novelsc"],
)
def test_a_scheme_that_nobody_knows_is_told(uri: str, scheme: str) -> None:
    message = _request(f"OPTIONS {uri} SIP/2.0")
    assert (message.parsed_uri.scheme, message.parsed_uri.is_sip) == (scheme, False)
    assert str(message.parsed_uri).partition(":")[2] == uri.partition(":")[2]


def test_unksm2_unknown_schemes_in_from_to_and_contact() -> None:
    message = _request(
        REGISTER,
        "To: isbn:2983792873",
        "From: <http://www.example.com>;tag=3234233",
        "Contact: <name:John_Smith>",
    )
    assert (message.to.uri.scheme, message.from_.uri.scheme) == ("isbn", "http")
    assert message.contacts[0].uri.scheme == "name"


def test_a_request_uri_that_is_none_is_told_when_it_is_read() -> None:
    message = _request("OPTIONS sip:a%zz@example.com SIP/2.0")
    with pytest.raises(UriError):
        _ = message.parsed_uri


def test_zeromf_and_cparam_are_plain_values() -> None:
    message = _request(
        REGISTER,
        "Max-Forwards: 0",
        "Contact: sip:+19725552222@gw1.example.net;unknownparam",
        "Contact: <sip:+19725552222@gw1.example.net;unknownparam>",
    )
    assert message.max_forwards == 0
    bare, bracketed = message.contacts
    assert (bare.uri.parameter("unknownparam"), bare.parameter("unknownparam")) == (None, "")
    assert (bracketed.uri.parameter("unknownparam"), bracketed.parameter("unknownparam")) == (
        "",
        None,
    )


def test_inv2543_a_client_from_before_rfc_3261() -> None:
    message = parse(
        b"INVITE sip:UserB@example.com SIP/2.0\r\n"
        b"Via: SIP/2.0/UDP iftgw.example.com\r\n"
        b"From: <sip:+13035551111@ift.client.example.net;user=phone>\r\n"
        b"Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>\r\n"
        b"To: sip:+16505552222@ss1.example.net;user=phone\r\n"
        b"Call-ID: inv2543.1717@ift.client.example.com\r\n"
        b"CSeq: 56 INVITE\r\n\r\n"
    )
    assert isinstance(message, Request)
    assert (message.from_tag, message.max_forwards, message.top_via.branch) == (None, None, "")
