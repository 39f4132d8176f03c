"""Addresses of one device (RFC 5627)."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.sip.test_outbound import CONTACT, DESK, UDP, VIA

from callwright.sip.gruu import Device, GruuMint, call_id_mark, is_device
from callwright.sip.message import make_request
from callwright.sip.registrar import Binding, Registrar
from callwright.sip.uri import parse_uri


def mint(secret: bytes = b"secret", domain: str = "contoso.example") -> GruuMint:
    numbers = count(1)
    made = GruuMint(secret, lambda: f"token{next(numbers)}")
    made.domain = domain
    return made


def test_a_public_gruu_names_user_and_device() -> None:
    uri = str(mint().public("alice", DESK))
    assert uri == f"sip:alice@contoso.example;gr={DESK}"
    assert mint().device(uri) == Device("alice", DESK)


@given(st.text(min_size=1, max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_a_temporary_gruu_comes_back_as_what_it_was_made_of(
    aor: str, instance: str, call_id: str
) -> None:
    one = mint()
    aor, instance = aor.replace("\0", ""), instance.replace("\0", "")
    uri = str(one.temporary(aor, instance, call_id))
    assert one.device(uri) == Device(aor, instance, call_id_mark(call_id))


def test_two_temporary_gruus_share_nothing_but_their_kind() -> None:
    one = mint()
    first, second = (parse_uri(str(one.temporary("alice", DESK, "c"))).user for _ in range(2))
    same = sum(a == b for a, b in zip(first[6:], second[6:], strict=True))
    assert same < len(first) / 4


@pytest.mark.parametrize(
    "uri",
    [
        "sip:alice@contoso.example",
        "sip:alice@other.example;gr=urn:uuid:1",
        "sip:contoso.example;gr=urn:uuid:1",
        "sip:alice@contoso.example;gr",
        "sip:alice@contoso.example;group=1",
        "sip:tgruu.@contoso.example;gr",
        "sip:tgruu.abc@contoso.example;gr",
        "sip:tgruu.\u00e4@contoso.example;gr",
        f"sip:tgruu.{'a' * 600}@contoso.example;gr",
        "sip:@;gr",
    ],
)
def test_what_is_no_gruu_of_ours(uri: str) -> None:
    assert mint().device(uri) is None


def test_a_changed_or_foreign_temporary_gruu_leads_nowhere() -> None:
    uri = str(mint().temporary("alice", DESK, "c"))
    for position in range(len("sip:tgruu."), uri.index("@") - 1):
        changed = "a" if uri[position] != "a" else "b"
        assert mint().device(uri[:position] + changed + uri[position + 1 :]) is None
    assert mint(b"other").device(uri) is None


def binding(instance: str, call_id: str) -> Binding:
    return Binding(parse_uri("sip:a@h"), UDP, 10.0, call_id, 1, instance=instance)


def test_which_phone_a_gruu_means() -> None:
    public, temporary = Device("a", DESK), Device("a", DESK, call_id_mark("c1"))
    assert is_device(binding(DESK, "c1"), public)
    assert is_device(binding(DESK, "c2"), public)
    assert is_device(binding(DESK, "c1"), temporary)
    assert not is_device(binding(DESK, "c2"), temporary), "the phone started again since"
    assert not is_device(binding("urn:uuid:other", "c1"), public)


@pytest.mark.parametrize(("supported", "has_gruus"), [("gruu", True), ("path", False)])
def test_a_phone_that_asks_for_gruus_is_told_them(supported: str, has_gruus: bool) -> None:
    request = make_request(
        "REGISTER",
        "sip:contoso.example",
        via=VIA,
        from_="<sip:ann@contoso.example>;tag=1",
        to="<sip:ann@contoso.example>",
        call_id="c",
        cseq=1,
        headers=(
            ("Contact", f'{CONTACT};+sip.instance="<{DESK.upper().replace("URN", "urn")}>"'),
            ("Contact", "<sip:ann@192.0.2.8>"),
            ("Supported", supported),
        ),
    )
    answer = Registrar(mint=mint()).register("ann", request, UDP, now_s=0.0)
    named, nameless = [value for name, value in answer.headers if name == "Contact"]
    assert (f'pub-gruu="sip:ann@contoso.example;gr={DESK}"' in named) is has_gruus
    assert ('temp-gruu="sip:tgruu.' in named) is has_gruus
    assert "gruu" not in nameless
