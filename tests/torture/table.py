"""The messages of RFC 4475 and RFC 5118, and what becomes of each.

The bytes in ``messages/`` are those of the archives in the RFCs, with these differences: ``baddn``
has the blank line at its end that only the text of RFC 4475 gives it (without it there is an
earlier fault than the one to be shown), and the lines of RFC 5118 end in CRLF instead of LF.

``server`` is what `callwright serve` answers, which asks for credentials before it takes a call or
a registration; ``agent`` is what an endpoint does whose owner takes everything. None: no answer.
"""

from dataclasses import dataclass, field
from enum import Enum

from tests.torture.reading import Facts


class Stream(Enum):
    """What happens to a TCP connection that brings the message."""

    GOES_ON = "goes on"
    WAITS = "waits"
    """The message announces more than it brings: nothing is answered until the rest comes, and the
    connection is closed when it does not."""
    ENDS = "ends"
    """It cannot be told where the message ends: the connection is closed behind the answer."""
    IS_LOST = "is lost"
    """The message announces less than it brings: what follows is not understood."""


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    section: str
    server: int | None
    """Status of the final answer."""
    agent: int | None
    facts: Facts = field(default_factory=dict)
    """What is understood; for messages that can be read."""
    fault: str = ""
    """Stands in the reason phrase; for messages that cannot."""
    stream: Stream = Stream.GOES_ON
    more_on_stream: tuple[int, ...] = ()
    """The answer to a second request in the file, which in a datagram is noise."""
    expected_failure: str = ""
    """Why the RFC cannot be obeyed."""

    @property
    def is_readable(self) -> bool:
        return not self.fault


def _invite(section: str, name: str, agent: int = 200, **facts: object) -> Case:
    return Case(name, section, 401, agent, _named(facts, method="INVITE"))


def _register(section: str, name: str, agent: int = 200, **facts: object) -> Case:
    return Case(name, section, 401, agent, _named(facts, method="REGISTER"))


def _options(section: str, name: str, status: int = 200, **facts: object) -> Case:
    return Case(name, section, status, status, _named(facts, method="OPTIONS"))


def _bad(section: str, name: str, fault: str, status: int = 400) -> Case:
    return Case(name, section, status, status, fault=fault)


def _named(facts: dict[str, object], **more: object) -> Facts:
    """``to__tag`` writes ``to.tag``, which is no name in Python."""
    return {name.replace("__", "."): value for name, value in (facts | more).items()}


UNUSUAL_USER = "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
UNUSUAL_METHOD = "!interesting-Method0123456789_*+`.%indeed'~"
WORKER = "\u0440\u0430\u0431\u043e\u0442\u0430\u044e\u0449\u0438\u0439"
LONG_CALLER = "amazinglylongcallername" * 5

VALID_SYNTAX = (
    Case(
        # Its To has a tag, so whoever does not know that dialog says so (RFC 3261 §12.2.2).
        "wsinv", "RFC 4475 §3.1.1.1", 481, 481,
        _named({}, method="INVITE",
        uri__user="vivekg", uri__uri_parameters={"unknownparam": None},
        to__user="vivekg", to__tag="1918181833n",
        from__display='J Rosenberg \\"', from__tag="98asjd8",
        max_forwards=68, cseq=(9, "INVITE"), call_id="wsinv.ndaksdj@192.0.2.1",
        vias=[
            "UDP 192.0.2.2:None 390skdjuw",
            "TCP spindle.example.com:None z9hG4bK9ikj8",
            "UDP 192.168.255.111:None z9hG4bK30239",
        ],
        contact__display='Quoted string ""', contact__user="jdrosen",
        contact__parameters={"newparam": "newvalue", "secondparam": None, "q": "0.33"},
        content_type="application/sdp", body=150, codecs=("PCMU", "QCELP"),
        audio="192.0.2.4 49217"),
    ),
    Case(
        "intmeth", "RFC 4475 §3.1.1.2", 501, 501,
        _named(
            {}, method=UNUSUAL_METHOD, cseq=(139122385, UNUSUAL_METHOD), max_forwards=255,
            uri__user=UNUSUAL_USER, uri__host="example.com",
            uri__password="&it+has=1,weird!*pas$wo~d_too.(doesn't-it)",
            vias=["TCP host1.example.com:None z9hG4bK-.!%66*_+`'~"],
            to__display="BEL:\x07 NUL:\x00 DEL:\x7f", to__user=UNUSUAL_USER,
            from__display="token1~` token2'+_ token3*%!.-", from__tag="_token~1'+`*%!-.",
            from__parameters={
                "fromParam''~+*_!.-%": WORKER,
                "tag": "_token~1'+`*%!-.",
            },
            call_id="intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{", body=0,
        ),
    ),
    _invite(
        "RFC 4475 §3.1.1.3", "esc01",
        uri__user="sips:user@example.com", uri__host="example.net", to__user="user",
        from__user="I have spaces", contact__user="caller",
        contact__uri_parameters={"%6C%72": None, "n%61me": "v%61lue%25%34%31"},
        call_id="esc01.239409asdfakjkn23onasd0-3234", body=150, codecs=("PCMU", "QCELP"),
    ),
    _register(
        "RFC 4475 §3.1.1.4", "escnull",
        to__user="null-\0-null", from__user="null-\0-null",
        contacts=["<sip:%00@host5.example.com>", "<sip:%00%00@host5.example.com>"], body=0,
    ),
    Case(
        "esc02", "RFC 4475 §3.1.1.5", 501, 501,
        _named(
            {}, method="RE%47IST%45R", to__display="%Z%45", from__display="%Z%45",
            contacts=["<sip:alias1@host1.example.com>", "<sip:alias3@host3.example.com>"],
            vias=["TCP host.example.com:None z9hG4bK209%fzsnel234"],
        ),
    ),
    _options(
        "RFC 4475 §3.1.1.6", "lwsdisp",
        from__display="caller", from__user="caller", from__tag="323", cseq=(60, "OPTIONS"),
    ),
    _invite(
        "RFC 4475 §3.1.1.7", "longreq",
        to__display="I have a user name of " + "extreme" * 10 + " proportion", to__port=6000,
        to__uri_parameters={
            "unknownparam1": "very" + "long" * 20 + "value",
            "longparam" + "name" * 25: "shortvalue",
            "very" + "long" * 25 + "ParameterNameWithNoValue": None,
        },
        from__user=LONG_CALLER, from__tag="12" + "982" * 50 + "424",
        call_id="longreq.one" + "really" * 20 + "longcallid", cseq=(3882340, "INVITE"),
        vias=[f"TCP sip{number}.example.com:None " for number in range(33, 0, -1)]
        + ["TCP host.example.com:None very" + "long" * 50 + "branchvalue"],
        contact__user=LONG_CALLER, body=150, codecs=("PCMU", "QCELP"),
    ),
    Case(
        "dblreq", "RFC 4475 §3.1.1.8", 401, 200,
        _named(
            {}, method="REGISTER", to__user="j.user", body=0, cseq=(8, "REGISTER"),
            call_id="dblreq.0ha0isndaksdj99sdfafnl3lk233412",
        ),
        stream=Stream.IS_LOST, more_on_stream=(400,),
    ),
    _options(
        "RFC 4475 §3.1.1.9", "semiuri",
        uri__user="user;par=u@example.net", uri__host="example.com", uri__uri_parameters={},
    ),
    _options(
        "RFC 4475 §3.1.1.10", "transports",
        vias=[
            "UDP t1.example.com:None z9hG4bKkdjuw",
            "SCTP t2.example.com:None z9hG4bKklasjdhf",
            "TLS t3.example.com:None z9hG4bK2980unddj",
            "UNKNOWN t4.example.com:None z9hG4bKasd0f3en",
            "TCP t5.example.com:None z9hG4bK0a9idfnee",
        ],
    ),
    Case(
        "mpart01", "RFC 4475 §3.1.1.11", 401, 405,
        _named(
            {}, method="MESSAGE", content_type="multipart/mixed", body=553,
            to__user="kumiko", from__user="fluffy", cseq=(1, "MESSAGE"),
        ),
    ),
    Case(
        "unreason", "RFC 4475 §3.1.1.12", None, None,
        _named(
            {}, status=200, cseq=(35, "INVITE"), to__tag="2229", body=154,
            reason="= 2**3 * 5**2 \u043d\u043e \u0441\u0442\u043e "
            "\u0434\u0435\u0432\u044f\u043d\u043e\u0441\u0442\u043e "
            "\u0434\u0435\u0432\u044f\u0442\u044c - \u043f\u0440\u043e\u0441\u0442\u043e\u0435",
        ),
    ),
    Case(
        "noreason", "RFC 4475 §3.1.1.13", None, None,
        _named({}, status=100, reason="", to__tag="902jndnke3", body=0),
    ),
)  # fmt: skip

INVALID_SYNTAX = (
    _bad("RFC 4475 §3.1.2.1", "badinv01", "parameter"),
    Case("clerr", "RFC 4475 §3.1.2.2", 400, 400, fault="Content-Length", stream=Stream.WAITS),
    Case("ncl", "RFC 4475 §3.1.2.3", 400, 400, fault="Content-Length", stream=Stream.ENDS),
    _bad("RFC 4475 §3.1.2.4", "scalar02", "CSeq"),
    Case("scalarlg", "RFC 4475 §3.1.2.5", None, None, fault="CSeq"),
    _bad("RFC 4475 §3.1.2.6", "quotbal", "To: the quotes"),
    _bad("RFC 4475 §3.1.2.7", "ltgtruri", "request line"),
    _bad("RFC 4475 §3.1.2.8", "lwsruri", "request line"),
    _bad("RFC 4475 §3.1.2.9", "lwsstart", "request line"),
    _bad("RFC 4475 §3.1.2.10", "trws", "request line"),
    _bad("RFC 4475 §3.1.2.11", "escruri", "Request-URI"),
    _invite(
        "RFC 4475 §3.1.2.12", "baddate",
        from__tag="2234923", cseq=(1392934, "INVITE"), body=150, codecs=("PCMU", "QCELP"),
    ),
    _bad("RFC 4475 §3.1.2.13", "regbadct", "Contact"),
    _bad("RFC 4475 §3.1.2.14", "badaspec", "To: a URI has no spaces"),
    _bad("RFC 4475 §3.1.2.15", "baddn", "From: the display name"),
    _bad("RFC 4475 §3.1.2.16", "badvers", "Version", 505),
    _bad("RFC 4475 §3.1.2.17", "mismatch01", "CSeq"),
    _bad("RFC 4475 §3.1.2.18", "mismatch02", "CSeq", 501),
    Case("bigcode", "RFC 4475 §3.1.2.19", None, None, fault="status line"),
)  # fmt: skip

ABOVE_SYNTAX = (
    _options(
        "RFC 4475 §3.2.1", "badbranch", vias=["UDP 192.0.2.1:None z9hG4bK"], from__tag="33242"
    ),
    _bad("RFC 4475 §3.3.1", "insuf", "Call-ID is missing"),
    _options(
        "RFC 4475 §3.3.2", "unkscm", 416,
        uri__scheme="nobodyknowsthisscheme", uri__opaque="totallyopaquecontent",
    ),
    _options(
        "RFC 4475 §3.3.3", "novelsc", 416,
        uri__scheme="soap.beep", uri__opaque="//192.0.2.103:3002",
    ),
    Case(
        "unksm2", "RFC 4475 §3.3.4", 400, 400,
        _named(
            {}, method="REGISTER", to__scheme="isbn", to__opaque="2983792873",
            from__scheme="http", from__tag="3234233", contacts=["<name:John_Smith>"],
        ),
    ),
    _options("RFC 4475 §3.3.5", "bext01", 420, to__user="j_user", from__tag="242etr"),
    Case(
        "invut", "RFC 4475 §3.3.6", 415, 415,
        _named({}, method="INVITE", content_type="application/unknownformat", body=40),
    ),
    _register("RFC 4475 §3.3.7", "regaut01", to__user="j.user", cseq=(9338, "REGISTER")),
    _bad("RFC 4475 §3.3.8", "multi01", "More than one CSeq"),
    Case("mcl01", "RFC 4475 §3.3.9", 400, 400, fault="Content-Length", stream=Stream.ENDS),
    Case(
        "bcast", "RFC 4475 §3.3.10", None, None,
        _named(
            {}, status=200, reason="OK",
            vias=["UDP 192.0.2.198:None z9hG4bK1324923",
                  "UDP 255.255.255.255:None z9hG4bK1saber23"],
        ),
    ),
    _options("RFC 4475 §3.3.11", "zeromf", max_forwards=0),
    _register(
        "RFC 4475 §3.3.12", "cparam01",
        contact__user="+19725552222", contact__parameters={"unknownparam": None},
        contact__uri_parameters={},
    ),
    _register(
        "RFC 4475 §3.3.13", "cparam02",
        contact__user="+19725552222", contact__parameters={},
        contact__uri_parameters={"unknownparam": None},
    ),
    _register(
        "RFC 4475 §3.3.14", "regescrt",
        contact__user="user", contact__uri_headers={"Route": "<sip:sip.example.com>"},
    ),
    Case(
        "sdp01", "RFC 4475 §3.3.15", 406, 406,
        _named({}, method="INVITE", codecs=("PCMU", "QCELP"), body=150),
    ),
    Case(
        "inv2543", "RFC 4475 §3.4.1", 401, 200,
        _named(
            {}, method="INVITE", uri__user="UserB", from__tag=None, max_forwards=None,
            from__user="+13035551111", vias=["UDP iftgw.example.com:None "], contacts=[],
            to__user="+16505552222", to__parameters={"user": "phone"}, body=105,
            codecs=("PCMU",), audio="192.0.2.5 49217",
        ),
        stream=Stream.ENDS,
    ),
)  # fmt: skip

IPV6 = (
    _register(
        "RFC 5118 §4.1", "ipv6-good",
        uri__host="2001:db8::10", uri__port=None, contact__host="2001:db8::1",
        vias=["UDP 2001:db8::9:1:None z9hG4bKas3-111"],
    ),
    Case("ipv6-bad", "RFC 5118 §4.2", 400, 400, fault="is not a port"),
    _register(
        "RFC 5118 §4.3", "port-ambiguous", uri__host="2001:db8::10:5070", uri__port=None
    ),
    _register("RFC 5118 §4.4", "port-unambiguous", uri__host="2001:db8::10", uri__port=5070),
    Case(
        "via-received-param-with-delim", "RFC 5118 §4.5", 481, 481,
        _named({}, method="BYE", to__tag="bd76ya", received=["2001:db8::9:255"]),
    ),
    _options(
        "RFC 5118 §4.5", "via-received-param-no-delim",
        received=["2001:db8::9:255"], contact__host="2001:db8::9:1",
    ),
    Case(
        "ipv6-in-sdp", "RFC 5118 §4.6", 401, 200,
        _named(
            {}, method="INVITE", uri__user="user", uri__host="2001:db8::10",
            codecs=("G726-32",), audio="2001:db8::20 6000",
        ),
        stream=Stream.WAITS,
        expected_failure="Its Content-Length is 268 and its body 251 bytes: RFC 3261 §18.3 "
        "has such a datagram refused",
    ),
    Case(
        "mult-ip-in-header", "RFC 5118 §4.7", 481, 481,
        _named(
            {}, method="BYE", uri__user="user", to__tag="9817--94",
            vias=[
                "UDP 2001:db8::9:1:6050 z9hG4bKas3-111",
                "UDP 192.0.2.1:None z9hG4bKjhja8781hjuaij65144",
                "TCP 2001:db8::9:255:None z9hG4bK451jj",
            ],
            received=[None, None, "192.0.2.200"],
        ),
    ),
    Case(
        "mult-ip-in-sdp", "RFC 5118 §4.8", 401, 200,
        _named(
            {}, method="INVITE", codecs=("PCMU",), audio="192.0.2.1 22334", body=181,
            streams=["audio 192.0.2.1 22334", "video 2001:db8::1 6024"],
        ),
        stream=Stream.IS_LOST,
    ),
    Case(
        "ipv4-mapped-ipv6", "RFC 5118 §4.9", 401, 200,
        _named(
            {}, method="INVITE", codecs=("G726-32",), audio="::ffff:c000:202 6000", body=236,
            vias=["UDP ::ffff:192.0.2.10:19823 z9hG4bKbh19",
                  "UDP ::ffff:192.0.2.2:None z9hG4bKas3-111"],
            contact__display="T. desk phone", contact__host="::ffff:192.0.2.2",
        ),
        stream=Stream.IS_LOST,
    ),
    _options(
        "RFC 5118 §4.10", "ipv6-bug-abnf-3-colons",
        uri__host="2001:db8::192.0.2.1", to__host="2001:db8::192.0.2.1",
    ),
    _options(
        "RFC 5118 §4.10", "ipv6-correct-abnf-2-colons",
        uri__host="2001:db8::192.0.2.1", to__host="2001:db8::192.0.2.1",
    ),
)  # fmt: skip

CASES = (*VALID_SYNTAX, *INVALID_SYNTAX, *ABOVE_SYNTAX, *IPV6)
