"""Who agrees with whom on protection, and what has to stay as it was."""

import pytest
from tests.unit.sip import sdp_offers as offers
from tests.unit.sip.sdp_sides import Side, her, talk

from callwright.sip.sdp import (
    DtlsRole,
    Encryption,
    IcePair,
    Proposal,
    SdesKeys,
)


@pytest.mark.parametrize("proposal", list(Proposal))
@pytest.mark.parametrize("encryption", list(Encryption))
@pytest.mark.parametrize("does_she_offer", [True, False])
def test_who_meets_whom(proposal: Proposal, encryption: Encryption, does_she_offer: bool) -> None:
    ours, hers = Side(encryption=encryption), her(proposal)
    if not does_she_offer:
        ours.proposal = proposal
        hers.exchange.encryption = encryption
        ours, hers = hers, ours
        ours.exchange.is_lite, hers.exchange.is_lite = True, False
    wants_encryption = proposal is not Proposal.PLAIN
    can_do_without = proposal in (Proposal.PLAIN, Proposal.OPPORTUNISTIC)
    meets = {
        Encryption.OFF: can_do_without,
        Encryption.OPTIONAL: True,
        Encryption.REQUIRED: wants_encryption,
    }[encryption]
    assert talk(hers, ours) is meets
    if not meets:
        assert ours.exchange.agreed is None
        assert hers.exchange.agreed is None
        return
    is_encrypted = wants_encryption and encryption is not Encryption.OFF
    assert (ours.agreed.protection is not None) is is_encrypted
    match ours.agreed.protection, hers.agreed.protection:
        case SdesKeys() as mine, SdesKeys() as theirs:
            assert (mine.suite, mine.local_key, mine.remote_key) == (
                theirs.suite,
                theirs.remote_key,
                theirs.local_key,
            )
        case DtlsRole() as mine, DtlsRole() as theirs:
            assert {mine.is_client, theirs.is_client} == {True, False}
            assert ours.ice == IcePair(hers.ice.remote, hers.ice.local)
        case mine, theirs:
            assert mine is theirs is None


def test_an_answer_without_keys_is_none_to_an_offer_that_needs_them() -> None:
    ours = Side(proposal=Proposal.SDES)
    answered = her().answer(ours.offer().replace(b"RTP/SAVP", b"RTP/AVP"))
    assert answered is not None
    plain = [line for line in answered if not line.startswith("a=crypto")]
    assert not ours.take(("\r\n".join(plain) + "\r\n").encode())
    assert ours.exchange.agreed is None


@pytest.mark.parametrize("change", [("crypto:1", "crypto:9"), ("SHA1_80", "SHA1_32")])
def test_a_key_for_a_line_that_was_not_offered_is_none(change: tuple[str, str]) -> None:
    ours, hers = Side(proposal=Proposal.SDES), her()
    assert hers.answer(ours.offer()) is not None
    assert not ours.take(hers.description.replace(change[0].encode(), change[1].encode()))


def test_a_phone_may_answer_opportunistic_keys_with_the_encrypted_profile() -> None:
    ours, hers = Side(proposal=Proposal.OPPORTUNISTIC), her()
    hers.answer(ours.offer())
    assert ours.take(hers.description.replace(b"RTP/AVP", b"RTP/SAVP"))
    assert ours.keys.local_key == hers.keys.remote_key


def test_keys_that_were_passed_over_are_not_offered_again() -> None:
    ours, hers = Side(proposal=Proposal.OPPORTUNISTIC), her(encryption=Encryption.OFF)
    assert talk(ours, hers)
    assert ours.exchange.agreed is not None
    assert ours.exchange.agreed.protection is None
    assert b"a=crypto" not in ours.offer()


@pytest.mark.parametrize(
    "missing",
    [b"a=fingerprint:sha-256 " + offers.FINGERPRINT.encode() + b"\r\n", b"a=fingerprint:sha-256"],
)
def test_a_certificate_that_is_not_named_by_sha_256_is_none(missing: bytes) -> None:
    body = offers.SIP_JS_TRICKLING.replace(missing, missing.replace(b"sha-256", b"sha-1"))
    assert Side().answer(body) is None


@pytest.mark.parametrize(
    ("setup", "ours", "is_client"),
    [("actpass", "passive", False), ("active", "passive", False), ("passive", "active", True)],
)
def test_who_begins_the_handshake(setup: str, ours: str, is_client: bool) -> None:
    side = Side()
    body = offers.SIP_JS_TRICKLING.replace(b"setup:actpass", f"setup:{setup}".encode())
    lines = side.answer(body)
    assert lines is not None
    assert f"a=setup:{ours}" in lines
    assert isinstance(side.agreed.protection, DtlsRole)
    assert side.agreed.protection.is_client is is_client


# -- what stays ------------------------------------------------------------------------------------


PROPOSALS = pytest.mark.parametrize("proposal", list(Proposal))


@PROPOSALS
def test_hold_and_resume_keep_keys_checks_and_roles(proposal: Proposal) -> None:
    ours, hers = Side(), her(proposal)
    assert talk(hers, ours)
    before = ours.agreed
    for direction in ("sendonly", "inactive", "sendrecv"):
        assert ours.answer(hers.offer(direction)) is not None
        assert hers.take(ours.description)
        after = ours.agreed
        assert (after.protection, after.ice, after.format) == (
            before.protection,
            before.ice,
            before.format,
        )
    assert ours.agreed == before


@PROPOSALS
def test_each_side_may_offer_again_and_nothing_changes(proposal: Proposal) -> None:
    ours, hers = Side(), her(proposal)
    assert talk(hers, ours)
    before = ours.agreed
    for _ in range(2):
        assert talk(ours, hers)
        assert (ours.agreed.protection, ours.agreed.ice) == (before.protection, before.ice)
        assert ours.agreed.rtcp_mux is before.rtcp_mux
        assert talk(hers, ours)
        assert ours.agreed == before


@PROPOSALS
def test_an_answer_may_be_repeated_as_an_offer(proposal: Proposal) -> None:
    """A refresh of the session by re-INVITE does that."""
    ours, hers = Side(), her(proposal)
    assert talk(hers, ours)
    before = ours.agreed
    assert hers.answer(ours.description) is not None
    assert ours.take(hers.description)
    assert ours.agreed == before


@PROPOSALS
def test_what_says_nothing_new_keeps_its_version(proposal: Proposal) -> None:
    ours = Side(proposal=proposal)
    assert ours.offer() == ours.offer()
    other = Side()
    assert other.answer(ours.description) == other.answer(ours.description)


def test_a_new_key_of_the_peer_gets_a_new_one_of_ours() -> None:
    ours = Side()
    ours.answer(offers.SNOM)
    first = ours.keys
    ours.answer(offers.SNOM.replace(b"inline:d0R", b"inline:e1S"))
    assert ours.keys.remote_key != first.remote_key
    assert ours.keys.local_key != first.local_key
    ours.answer(offers.SNOM.replace(b"inline:d0R", b"inline:e1S"))
    assert ours.keys.local_key not in (first.local_key, ours.keys.remote_key)


def test_the_same_key_under_another_tag_keeps_ours() -> None:
    ours = Side()
    ours.answer(offers.SNOM)
    first = ours.keys
    lines = ours.answer(offers.SNOM.replace(b"a=crypto:1 ", b"a=crypto:4 "))
    assert lines is not None
    assert ours.keys == first
    assert [line for line in lines if line.startswith("a=crypto:4 ")]


def test_a_restart_of_the_checks_keeps_certificate_and_role() -> None:
    ours = Side()
    ours.answer(offers.JSSIP_IN_CHROMIUM)
    before = ours.agreed
    ours.answer(offers.JSSIP_IN_CHROMIUM.replace(offers.UFRAG.encode(), b"n3wU"))
    assert ours.ice.remote.ufrag == "n3wU"
    assert before.ice is not None
    assert ours.ice.local.ufrag != before.ice.local.ufrag
    assert ours.ice.local.password != before.ice.local.password
    assert ours.agreed.protection == before.protection


def test_an_active_peer_that_leaves_it_open_later_keeps_its_role() -> None:
    ours = Side()
    passive = offers.SIP_JS_TRICKLING.replace(b"setup:actpass", b"setup:passive")
    ours.answer(passive)
    lines = ours.answer(offers.SIP_JS_TRICKLING)
    assert lines is not None
    assert "a=setup:active" in lines
    other = offers.SIP_JS_TRICKLING.replace(b"sha-256 E0:", b"sha-256 E1:")
    lines = ours.answer(other)
    assert lines is not None
    assert "a=setup:passive" in lines, "another certificate is another association"


def test_an_offer_that_is_refused_changes_nothing() -> None:
    ours = Side(codecs=("G722",))
    ours.answer(offers.SNOM)
    before, said = ours.agreed, ours.description
    assert ours.answer(offers.OPPORTUNISTIC) is None
    assert (ours.agreed, ours.description) == (before, said)
    ours.answer(offers.SNOM)
    assert (ours.agreed, ours.description) == (before, said)


def test_numbers_keep_their_meaning_and_declined_streams_their_place() -> None:
    ours = Side()
    ours.answer(offers.FIREFOX_STYLE)
    (media,) = [line for line in ours.offer().decode().split("\r\n") if line.startswith("m=")]
    assert media == "m=audio 30000 UDP/TLS/RTP/SAVPF 109 9 0 8 110 101"
    ours = Side()
    ours.answer(offers.OPPORTUNISTIC)
    (media,) = [line for line in ours.offer().decode().split("\r\n") if line.startswith("m=")]
    assert media == "m=audio 30000 RTP/AVP 96 9 0 8 101 97", "101 is taken: events of 48,000 Hz"
    ours = Side()
    ours.answer(offers.JSSIP_IN_CHROMIUM)
    kinds = [line for line in ours.offer().decode().split("\r\n") if line.startswith("m=")]
    assert kinds[1:] == ["m=video 0 UDP/TLS/RTP/SAVPF 96 97"]
