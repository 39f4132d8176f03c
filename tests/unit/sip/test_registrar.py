"""Bindings of addresses of record (RFC 3261 §10.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.kernel.addresses import HostPort
from callwright.sip.flow import Flow
from callwright.sip.message import Request, make_request
from callwright.sip.registrar import Binding, RegisterAnswer, Registrar
from callwright.sip.uri import parse_name_addr, parse_uri

AOR = "ann@contoso.example"
UDP = Flow("udp", HostPort("127.0.0.1", 5060), HostPort("127.0.0.1", 40_001))
TCP1 = Flow("tcp", HostPort("127.0.0.1", 5060), HostPort("127.0.0.1", 40_002), connection=1)
TCP2 = Flow("tcp", HostPort("127.0.0.1", 5060), HostPort("127.0.0.1", 40_002), connection=2)


def _request(
    *contacts: str,
    expires: str | None = None,
    call_id: str = "phone-1",
    cseq: int = 1,
    headers: tuple[tuple[str, str], ...] = (),
) -> Request:
    fields = [("Contact", contact) for contact in contacts]
    fields += [] if expires is None else [("Expires", expires)]
    return make_request(
        "REGISTER",
        "sip:contoso.example",
        via="SIP/2.0/UDP 127.0.0.1:40001;branch=z9hG4bK1",
        from_=f"<sip:{AOR}>;tag=1",
        to=f"<sip:{AOR}>",
        call_id=call_id,
        cseq=cseq,
        headers=(*fields, *headers),
    )


def _registrar() -> Registrar:
    return Registrar(default_s=3_600, min_s=60, max_s=7_200, nat_max_s=7_200, bindings_max=3)


def _users(registrar: Registrar, now_s: float = 0.0) -> list[str]:
    return [binding.contact.user for binding in registrar.bindings(AOR, now_s=now_s)]


def _expires_of(answer: RegisterAnswer) -> list[str | None]:
    return [parse_name_addr(value).parameter("expires") for _, value in answer.headers]


def test_a_phone_registers() -> None:
    registrar = _registrar()
    answer = registrar.register(
        AOR,
        _request(
            '"Ann" <sip:ann@10.0.0.9:5070;ob>;q=0.5',
            expires="600",
            headers=(("User-Agent", "Phone 1"), ("Path", "<sip:edge.example;lr>")),
        ),
        UDP,
        now_s=100.0,
    )
    assert (answer.status, answer.reason) == (200, "OK")
    assert answer.headers == (
        ("Contact", "<sip:ann@10.0.0.9:5070;ob>;expires=600;q=0.5"),
        ("Path", "<sip:edge.example;lr>"),
    )
    assert registrar.bindings(AOR, now_s=100.0) == (
        Binding(
            contact=parse_uri("sip:ann@10.0.0.9:5070;ob"),
            flow=UDP,
            expires_at_s=700.0,
            call_id="phone-1",
            cseq=1,
            q=0.5,
            path=("<sip:edge.example;lr>",),
            user_agent="Phone 1",
        ),
    )
    assert registrar.bindings("bob@contoso.example", now_s=100.0) == ()


@pytest.mark.parametrize(
    ("contact", "expires", "granted"),
    [
        ("<sip:a@h>", None, "3600"),
        ("<sip:a@h>", "600", "600"),
        ("<sip:a@h>;expires=300", "600", "300"),
        ("<sip:a@h>;expires=soon", "600", "600"),
        ("<sip:a@h>;expires=soon", None, "3600"),
        ("<sip:a@h>", "nonsense", "3600"),
        ("<sip:a@h>;expires=60", None, "60"),
        ("<sip:a@h>;expires=999999", None, "7200"),
        ("<sip:a@h>;expires=99999999999999999999", None, "7200"),
        ("sip:a@h;expires=300", None, "300"),
    ],
)
def test_how_long_a_binding_lives(contact: str, expires: str | None, granted: str) -> None:
    registrar = _registrar()
    answer = registrar.register(AOR, _request(contact, expires=expires), UDP, now_s=0.0)
    assert _expires_of(answer) == [granted]
    assert _users(registrar, int(granted) - 0.1) == ["a"]
    assert _users(registrar, int(granted)) == []


def test_too_brief_an_interval_names_the_shortest_and_changes_nothing() -> None:
    registrar = _registrar()
    answer = registrar.register(AOR, _request("<sip:a@h>", "<sip:b@h>;expires=59"), UDP, now_s=0.0)
    assert (answer.status, answer.headers) == (423, (("Min-Expires", "60"),))
    assert _users(registrar) == []


def test_a_refresh_moves_the_end_and_the_flow() -> None:
    registrar = _registrar()
    registrar.register(AOR, _request("<sip:a@h>"), TCP1, now_s=0.0)
    answer = registrar.register(AOR, _request("<sip:a@H:5060>", cseq=2), TCP2, now_s=1_000.0)
    assert _expires_of(answer) == ["3600"]
    (binding,) = registrar.bindings(AOR, now_s=1_000.0)
    assert (binding.flow, binding.expires_at_s, binding.cseq) == (TCP2, 4_600.0, 2)


def test_a_query_lists_what_is_left() -> None:
    registrar = _registrar()
    registrar.register(AOR, _request("<sip:a@h>", "<sip:b@h>;expires=100"), UDP, now_s=0.0)
    answer = registrar.register(AOR, _request(cseq=2), UDP, now_s=99.5)
    assert answer.headers == (
        ("Contact", "<sip:a@h>;expires=3501"),
        ("Contact", "<sip:b@h>;expires=1"),
    )


def test_expires_0_removes_one() -> None:
    registrar = _registrar()
    registrar.register(AOR, _request("<sip:a@h>", "<sip:b@h>"), UDP, now_s=0.0)
    answer = registrar.register(AOR, _request("<sip:a@h>;expires=0", cseq=2), UDP, now_s=1.0)
    assert answer.status == 200
    assert _users(registrar) == ["b"]
    registrar.register(AOR, _request("<sip:nobody@h>", expires="0", cseq=3), UDP, now_s=1.0)
    assert _users(registrar) == ["b"]
    registrar.register(AOR, _request("<sip:b@h>", expires="0", cseq=4), UDP, now_s=1.0)
    assert list(registrar.aors()) == []


def test_a_star_removes_all() -> None:
    registrar = _registrar()
    registrar.register(AOR, _request("<sip:a@h>"), UDP, now_s=0.0)
    registrar.register(AOR, _request("<sip:b@h>", call_id="phone-2"), UDP, now_s=0.0)
    answer = registrar.register(AOR, _request("*", expires="0", cseq=2), UDP, now_s=1.0)
    assert answer == RegisterAnswer(200, "OK", ())
    assert _users(registrar) == []


@pytest.mark.parametrize(
    "request_",
    [
        _request("*", cseq=2),
        _request("*", expires="60", cseq=2),
        _request("*", "<sip:a@h>", expires="0", cseq=2),
        _request("*, *", expires="0", cseq=2),
        _request("<tel:+4930123>", cseq=2),
        _request("<sip:b@h>", "<http://example.org>", cseq=2),
        _request("<sip:a@h>", cseq=1),
        _request("<sip:a@h>;expires=0", cseq=1),
        _request("*", expires="0", cseq=1),
    ],
)
def test_what_is_refused_changes_nothing(request_: Request) -> None:
    registrar = _registrar()
    registrar.register(AOR, _request("<sip:a@h>"), UDP, now_s=0.0)
    before = registrar.bindings(AOR, now_s=1.0)
    assert registrar.register(AOR, request_, TCP1, now_s=1.0).status == 400
    assert registrar.bindings(AOR, now_s=1.0) == before


def test_a_contact_keeps_its_headers() -> None:
    """RFC 4475 §3.3.14: they come back to whoever asks, whatever becomes of them in a request."""
    registrar = _registrar()
    contact = "<sip:a@h?Route=%3Csip:x%3E>"
    answer = registrar.register(AOR, _request(contact), UDP, now_s=0.0)
    assert answer.headers == (("Contact", f"{contact};expires=3600"),)


def test_a_phone_that_restarted_counts_anew() -> None:
    registrar = _registrar()
    registrar.register(AOR, _request("<sip:a@h>", cseq=50), UDP, now_s=0.0)
    answer = registrar.register(AOR, _request("<sip:a@h>", call_id="other"), UDP, now_s=1.0)
    assert answer.status == 200
    assert _users(registrar) == ["a"]


def test_one_phone_named_twice_is_one_binding() -> None:
    registrar = _registrar()
    contacts = ("<sip:a@h>;expires=100", "<sip:a@H>;expires=200")
    assert _expires_of(registrar.register(AOR, _request(*contacts), UDP, now_s=0.0)) == ["200"]


def test_beyond_the_bound_the_phone_that_registered_longest_ago_gives_way() -> None:
    registrar = _registrar()
    registrar.register(AOR, _request("<sip:a@h>", "<sip:b@h>", "<sip:c@h>"), UDP, now_s=0.0)
    newcomer = _request("<sip:d@h>", call_id="phone-2")
    assert registrar.register(AOR, newcomer, UDP, now_s=59.0).status == 200
    assert _users(registrar) == ["d", "c", "b"]


def test_more_contacts_at_once_than_the_bound_are_refused() -> None:
    registrar = _registrar()
    crowd = _request(*(f"<sip:{user}@h>" for user in "abcd"))
    assert registrar.register(AOR, crowd, UDP, now_s=0.0).status == 403
    assert _users(registrar) == []


@pytest.mark.parametrize(
    ("q", "value"),
    [("0.7", 0.7), ("0", 0.0), ("1.0", 1.0), ("7", 1.0), ("x", 1.0), ("-1", 1.0), (".", 1.0),
     ("0.1234567", 1.0), (".5", 0.5), ("1e-9", 1.0)],
)  # fmt: skip
def test_preference(q: str, value: float) -> None:
    registrar = _registrar()
    assert registrar.register(AOR, _request(f"<sip:a@h>;q={q}"), UDP, now_s=0.0).status == 200
    assert registrar.bindings(AOR, now_s=0.0)[0].q == value


def test_best_preference_first_then_the_newest() -> None:
    registrar = _registrar()
    for cseq, contact in enumerate(("<sip:a@h>;q=0.5", "<sip:b@h>", "<sip:c@h>;q=0.5")):
        registrar.register(AOR, _request(contact, cseq=cseq), UDP, now_s=0.0)
    assert _users(registrar) == ["b", "c", "a"]
    registrar.register(AOR, _request("<sip:a@h>;q=0.5", cseq=9), UDP, now_s=1.0)
    assert _users(registrar) == ["b", "a", "c"]


def test_a_lost_connection_takes_its_bindings_along() -> None:
    registrar = _registrar()
    registrar.register(AOR, _request("<sip:a@h>"), TCP1, now_s=0.0)
    registrar.register(AOR, _request("<sip:b@h>", call_id="2"), TCP2, now_s=0.0)
    registrar.register("bob", _request("<sip:bob@h>", call_id="3"), TCP1, now_s=0.0)
    registrar.drop_flow(TCP1)
    assert _users(registrar) == ["b"]
    assert list(registrar.aors()) == [AOR]
    registrar.drop_flow(TCP1)
    registrar.drop_flow(TCP2)
    assert list(registrar.aors()) == []


def test_a_binding_that_moved_on_outlives_its_first_connection() -> None:
    registrar = _registrar()
    registrar.register(AOR, _request("<sip:a@h>"), TCP1, now_s=0.0)
    registrar.register(AOR, _request("<sip:a@h>", cseq=2), TCP2, now_s=0.0)
    registrar.drop_flow(TCP1)
    assert _users(registrar) == ["a"]


def test_what_expired_is_forgotten_and_counted() -> None:
    registrar = _registrar()
    registrar.register(AOR, _request("<sip:a@h>;expires=60", "<sip:b@h>"), UDP, now_s=0.0)
    registrar.register("bob", _request("<sip:c@h>;expires=60", call_id="3"), UDP, now_s=0.0)
    assert registrar.remove_expired(now_s=59.0) == 0
    assert registrar.remove_expired(now_s=60.0) == 2
    assert registrar.remove_expired(now_s=60.0) == 0
    assert list(registrar.aors()) == [AOR]


def test_what_was_stored_comes_back() -> None:
    before, after = _registrar(), _registrar()
    before.register(AOR, _request("<sip:a@h>", "<sip:b@h>;q=0.1"), UDP, now_s=0.0)
    for aor in before.aors():
        after.restore(aor, before.bindings(aor, now_s=0.0)[::-1])
    assert after.bindings(AOR, now_s=0.0) == before.bindings(AOR, now_s=0.0)


FLOWS = st.sampled_from([UDP, TCP1, TCP2])


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcd"),
            st.sampled_from([0, 60, 100, 7_200]),
            FLOWS,
            st.sampled_from([0.0, 1.0, 59.0, 61.0]),
            st.booleans(),
        ),
        max_size=25,
    )
)
def test_the_registrar_knows_what_a_plain_table_knows(
    acts: list[tuple[str, int, Flow, float, bool]],
) -> None:
    registrar = _registrar()
    table: dict[str, tuple[float, Flow]] = {}
    now_s = 0.0
    for cseq, (user, expires_s, flow, pause_s, drops) in enumerate(acts):
        now_s += pause_s
        table = {name: entry for name, entry in table.items() if entry[0] > now_s}
        if drops:
            registrar.drop_flow(flow)
            if flow.is_reliable:
                table = {name: entry for name, entry in table.items() if entry[1] != flow}
        else:
            request = _request(f"<sip:{user}@h>;expires={expires_s}", cseq=cseq)
            assert registrar.register(AOR, request, flow, now_s=now_s).status == 200
            table.pop(user, None)
            if expires_s:
                table[user] = (now_s + expires_s, flow)
            table = dict(list(table.items())[-3:])
        found = registrar.bindings(AOR, now_s=now_s)
        assert {b.contact.user: (b.expires_at_s, b.flow) for b in found} == table
