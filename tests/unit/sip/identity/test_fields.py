"""Fields that say who calls: read, written, and read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.kernel.limits.identity import HISTORY_ENTRIES_MAX
from callwright.sip.identity.alerting import asks_to_auto_answer
from callwright.sip.identity.asserted import asserted_identity, hides_remote_party
from callwright.sip.identity.diversion import DiversionValue, diversions, diversions_of
from callwright.sip.identity.early_media import early_media_is_open
from callwright.sip.identity.history import HistoryEntry, history_of, line_of
from callwright.sip.identity.numbers import number_of, phone_uri
from callwright.sip.identity.privacy import wants_anonymity
from callwright.sip.identity.reason import (
    ReasonValue,
    is_answered_elsewhere,
    last_words,
    parse_reason,
    reasons,
)
from callwright.sip.message import Request, Response
from callwright.sip.uri import Uri, UriError, parse_uri

Headers = list[tuple[str, str]]
SHOWN = ("From", "<sip:+12065550123@a.example>;tag=1")


def request(*headers: tuple[str, str], from_: tuple[str, str] = SHOWN) -> Request:
    return Request("INVITE", "sip:bob@b.example", [from_, *headers])


class TestNumbers:
    @pytest.mark.parametrize(
        ("uri", "number"),
        [
            ("tel:+1-425-555-0101", "+14255550101"),
            ("tel:5550101;phone-context=+1425", "+14255550101"),
            ("tel:7042;phone-context=example.com", "7042"),
            ("sip:+14255550101@h;user=phone", "+14255550101"),
            ("sip:+14255550101;ext=1001@h", "+14255550101"),
            ("sip:5550101;phone-context=+1425@h;user=phone", "+14255550101"),
            ("sip:alice@h", "alice"),
            ("sip:h", ""),
            ("urn:service:sos", ""),
        ],
    )
    def test_a_number_is_found_in_any_uri(self, uri: str, number: str) -> None:
        assert number_of(parse_uri(uri)) == number

    def test_only_global_numbers_are_marked_as_such(self) -> None:
        assert str(phone_uri("+14255550101", "h")) == "sip:+14255550101@h;user=phone"
        assert str(phone_uri("101", "h")) == "sip:101@h"


class TestPrivacy:
    @pytest.mark.parametrize(
        "value", ["id", "user", "header", "id;critical", "session; user", "ID"]
    )
    def test_a_hidden_caller(self, value: str) -> None:
        assert wants_anonymity(request(("Privacy", value)))

    @pytest.mark.parametrize("value", ["none", "session", "history", "critical", "", ";;"])
    def test_a_caller_who_is_shown(self, value: str) -> None:
        assert not wants_anonymity(request(("Privacy", value)))

    @pytest.mark.parametrize(
        "from_", ["<sip:anonymous@x>", "<sip:thisis@anonymous.invalid>", "<sip:Anonymous@x>"]
    )
    def test_an_anonymous_from_is_a_wish(self, from_: str) -> None:
        assert wants_anonymity(request(from_=("From", from_)))
        assert not wants_anonymity(request(("Privacy", "none"), from_=("From", from_)))


class TestAsserted:
    def test_of_two_the_tel_uri_is_taken(self) -> None:
        """The example of RFC 3325 §10.1 writes both."""
        both = '"Cullen Jennings" <sip:fluffy@cisco.com>, tel:+14085264000'
        found = asserted_identity(request(("P-Asserted-Identity", both)))
        assert found is not None
        assert number_of(found.uri) == "+14085264000"

    def test_assertion_goes_before_remote_party(self) -> None:
        found = asserted_identity(
            request(("Remote-Party-ID", "<sip:2@x>"), ("P-Asserted-Identity", "<sip:1@x>"))
        )
        assert found is not None
        assert found.uri.user == "1"

    @pytest.mark.parametrize(
        ("value", "number"),
        [
            ("<sip:2@x>", "2"),
            ("<sip:2@x>;party=calling;screen=yes", "2"),
            ("<sip:2@x>;party=called", None),
            ("<sip:2@", None),
        ],
    )
    def test_remote_party_of_old_gear(self, value: str, number: str | None) -> None:
        found = asserted_identity(request(("Remote-Party-ID", value)))
        assert (None if found is None else found.uri.user) == number

    @pytest.mark.parametrize(("wish", "hides"), [("full", True), ("uri", True), ("off", False)])
    def test_remote_party_hides_itself(self, wish: str, hides: bool) -> None:
        value = f"<sip:2@x>;party=calling;privacy={wish}"
        assert hides_remote_party(request(("Remote-Party-ID", value))) is hides


class TestReason:
    def test_the_examples_of_the_rfc(self) -> None:
        """RFC 3326 §2."""
        message = request(
            ("Reason", 'SIP ;cause=200 ;text="Call completed elsewhere"'),
            ("Reason", 'Q.850 ;cause=16 ;text="Terminated"'),
        )
        assert reasons(message) == [
            ReasonValue("SIP", 200, "Call completed elsewhere"),
            ReasonValue("Q.850", 16, "Terminated"),
        ]
        assert is_answered_elsewhere(message)
        assert last_words(message) == (
            'SIP;cause=200;text="Call completed elsewhere", Q.850;cause=16;text="Terminated"'
        )

    def test_other_protocols_say_nothing_about_another_phone(self) -> None:
        assert not is_answered_elsewhere(request(("Reason", "Q.850;cause=200")))
        assert last_words(request()) is None

    @given(st.from_regex(r"[A-Za-z0-9.-]{1,32}", fullmatch=True), st.integers(0, 999), st.text())
    def test_what_is_written_is_read_again(self, protocol: str, cause: int, text: str) -> None:
        text = text.replace("\r", "").replace("\n", "")
        value = ReasonValue(protocol, cause, text)
        assert parse_reason(str(value)) == value

    @given(st.text(max_size=60))
    def test_nothing_breaks_it(self, text: str) -> None:
        parse_reason(text)


NUMBERS = st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True)
TARGETS = st.lists(st.tuples(NUMBERS, st.sampled_from([302, 408, 486, 503])), max_size=30)


class TestHistory:
    def test_the_form_of_the_old_rfc(self) -> None:
        """RFC 4244 §4.5, shortened."""
        value = (
            "<sip:UserA@ims.example.com?Reason=SIP%3Bcause%3D302>;index=1;foo=bar, "
            "<sip:UserA@example.com?Reason=SIP%3Bcause%3D302%3Btext%3D%22Moved%22>;index=1.1,"
            "<sip:45432@192.0.2.3>;index=1.2"
        )
        entries = history_of(request(("History-Info", value)))
        assert [(e.uri.user, e.index, e.cause) for e in entries] == [
            ("UserA", "1", 302),
            ("UserA", "1.1", 302),
            ("45432", "1.2", None),
        ]

    def test_private_entries_are_known(self) -> None:
        value = "<sip:bob@x?Privacy=history&Reason=SIP%3Bcause%3D480>;index=1;rc=1"
        [entry] = history_of(request(("History-Info", value)))
        assert (entry.is_private, entry.cause) == (True, 480)

    def test_the_order_is_that_of_the_indices(self) -> None:
        value = "<sip:c@x>;index=1.10, <sip:a@x>;index=1, <sip:b@x>;index=1.2"
        entries = history_of(request(("History-Info", value)))
        assert [entry.uri.user for entry in entries] == ["a", "b", "c"]

    @pytest.mark.parametrize(
        "value", ["<sip:a@x>", "<sip:a@x>;index=x", "<sip:a", "<sip:a@x>;index=1..1"]
    )
    def test_what_cannot_be_read_is_left_out(self, value: str) -> None:
        assert history_of(request(("History-Info", value))) == []

    @given(TARGETS, NUMBERS)
    def test_what_is_written_is_read_again(self, targets: list[tuple[str, int]], last: str) -> None:
        line = line_of(targets, last, host="192.0.2.1")
        assert len(line) <= HISTORY_ENTRIES_MAX
        headers = [("History-Info", str(entry)) for entry in line]
        read = history_of(request(*headers))
        assert read == line
        assert [(e.number, e.cause) for e in read] == [
            *targets[-(HISTORY_ENTRIES_MAX - 1) :],
            (last, None),
        ]

    @given(st.text(max_size=80))
    def test_nothing_breaks_it(self, text: str) -> None:
        assert len(history_of(request(("History-Info", text)))) <= HISTORY_ENTRIES_MAX


class TestDiversion:
    def test_the_newest_stands_first(self) -> None:
        value = (
            "<sip:+12065550002@x>;reason=user-busy;counter=2, "
            '"Ann" <tel:+12065550001>;reason=time-of-day;privacy=full'
        )
        found = diversions_of(request(("Diversion", value)))
        assert [(d.number, d.cause, d.counter) for d in found] == [
            ("+12065550002", 486, 2),
            ("+12065550001", 404, 1),
        ]

    @given(TARGETS)
    def test_what_is_written_is_read_again(self, targets: list[tuple[str, int]]) -> None:
        written = diversions(targets[:20], host="192.0.2.1")
        read = diversions_of(request(*(("Diversion", str(value)) for value in written)))
        assert read == written
        assert [(d.number, d.cause) for d in reversed(read)] == targets[:20]

    def test_a_value_without_a_reason_is_unknown(self) -> None:
        assert diversions_of(request(("Diversion", "sip:1@x"))) == [
            DiversionValue(Uri("sip", "1", host="x"))
        ]


class TestAnswerModeAndEarlyMedia:
    @pytest.mark.parametrize("value", ["Auto", "auto;require", " AUTO "])
    @pytest.mark.parametrize("name", ["Answer-Mode", "Priv-Answer-Mode"])
    def test_auto_is_asked_for(self, name: str, value: str) -> None:
        assert asks_to_auto_answer(request((name, value)))

    @pytest.mark.parametrize("value", ["Manual", "automatic", ""])
    def test_anything_else_is_not(self, value: str) -> None:
        assert not asks_to_auto_answer(request(("Answer-Mode", value)))

    @pytest.mark.parametrize(
        ("value", "is_open"),
        [
            ("sendrecv", True),
            ("sendonly, inactive", True),
            ("inactive", False),
            ("RecvOnly", False),
            ("gated", None),
            ("supported, inactive", False),
        ],
    )
    def test_the_first_direction_counts(self, value: str, is_open: bool | None) -> None:
        response = Response(183, "Session Progress", [("P-Early-Media", value)])
        assert early_media_is_open(response) is is_open

    def test_without_the_field_nothing_is_said(self) -> None:
        assert early_media_is_open(Response(183, "Session Progress", [])) is None


def test_an_entry_with_an_odd_uri_is_written_so_that_it_can_be_read() -> None:
    entry = HistoryEntry(Uri("sip", 'a"b<c', host="x"), "1", 480, is_private=True)
    assert history_of(request(("History-Info", str(entry)))) == [entry]


def test_the_uri_parser_still_refuses_what_is_no_number() -> None:
    with pytest.raises(UriError):
        parse_uri("tel:nobody")
