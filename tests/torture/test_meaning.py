"""Each message through the parser: understood as its RFC explains it, or refused with the fault
named, and written again without a loss."""

from collections import Counter

import pytest
from tests.torture.reading import MESSAGES, facts_of, fault_in, message_bytes
from tests.torture.table import CASES, Case

from callwright.sip.message import encode, make_response
from callwright.sip.parser import ParseError, parse
from callwright.sip.uri import UriError


def cases(*, readable: bool) -> list[object]:
    return [
        pytest.param(
            case,
            id=case.name,
            marks=pytest.mark.xfail(reason=case.expected_failure, raises=ParseError)
            if case.expected_failure
            else (),
        )
        for case in CASES
        if case.is_readable is readable
    ]


def test_the_table_is_complete() -> None:
    files = {path.stem for path in MESSAGES.glob("*.sip")}
    assert files == {case.name for case in CASES}
    assert len(files) == len(CASES)
    by_rfc = Counter(case.section[:8] for case in CASES)
    assert by_rfc == {"RFC 4475": 49, "RFC 5118": 12}


@pytest.mark.parametrize("case", cases(readable=True))
def test_a_message_is_understood(case: Case) -> None:
    facts = facts_of(parse(message_bytes(case.name)))
    assert {name: facts[name] for name in case.facts} == case.facts


@pytest.mark.parametrize("case", cases(readable=True))
def test_a_message_means_the_same_when_it_is_written_again(case: Case) -> None:
    message = parse(message_bytes(case.name))
    again = parse(encode(message))
    assert facts_of(again) == facts_of(message)
    assert again.body == message.body
    assert [pair for pair in again.headers if pair[0] != "Content-Length"] == [
        pair for pair in message.headers if pair[0] != "Content-Length"
    ]


@pytest.mark.parametrize("case", cases(readable=False))
def test_a_fault_is_named(case: Case) -> None:
    with pytest.raises((ParseError, UriError)) as caught:
        # A Request-URI is read by who needs it.
        _ = getattr(parse(message_bytes(case.name)), "parsed_uri", None)
    assert case.fault in str(caught.value)
    if isinstance(caught.value, ParseError):
        assert case.server in (None, caught.value.status)
        assert (caught.value.partial is None) == (case.server is None)


@pytest.mark.parametrize("case", cases(readable=False))
def test_what_cannot_be_read_can_be_answered(case: Case) -> None:
    fault = fault_in(message_bytes(case.name))
    if fault is None or fault.partial is None:
        assert case.name in ("ipv6-bad", "scalarlg", "bigcode")
        return
    answer = encode(make_response(fault.partial, fault.status, fault.text, to_tag="t"))
    assert answer.startswith(b"SIP/2.0 %d " % fault.status)
    via = next(line for line in message_bytes(case.name).split(b"\r\n") if line[:3] == b"Via")
    assert via.partition(b":")[2].strip() in answer


def test_ipv6_in_a_session_description_with_its_length_set_right() -> None:
    case = next(case for case in CASES if case.name == "ipv6-in-sdp")
    data = message_bytes(case.name)
    assert data.count(b"268") == 1
    facts = facts_of(parse(data.replace(b"268", b"251")))
    assert {name: facts[name] for name in case.facts} == case.facts


def test_a_datagram_that_ends_in_its_headers_is_answered() -> None:
    """As the archive of RFC 4475 has ``baddn``: without the blank line."""
    with pytest.raises(ParseError) as caught:
        parse(message_bytes("baddn").removesuffix(b"\r\n"))
    assert caught.value.text == "The headers do not end"
    assert caught.value.partial is not None
    assert caught.value.partial.header("Call-ID") == "baddn.31415@c.example.com"
