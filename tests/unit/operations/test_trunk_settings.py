"""What a carrier needs of an SBC, as the organisation file words it."""

import json
from pathlib import Path

import pytest
from tests.unit.operations.contoso_file import contoso_text, mistakes_in, read_text

from callwright.domains.pstn.headers import RemoveHeader, RenameHeader, SetHeader
from callwright.domains.pstn.model import Sbc, TrunkLogin, TrunkRegistration
from callwright.kernel.addresses import HostPort
from callwright.kernel.ids import SbcId
from callwright.operations.organisation_file import build_snapshot
from callwright.operations.organisation_file.entities import from_entities, to_entities
from callwright.operations.plan import plan

BEFORE = "address: 127.0.0.1:5080\n        transport: udp\n"
ALL = """\
address: SIP.carrier.test
        match: credentials
        credentials: {username: trunk-4711, password: out-secret, realm: carrier.test}
        authenticate: {username: carrier, password: in-secret}
        registration: {user: trunk-4711, contact_user: "+14255550100", expires_s: 600}
        max_calls: 30
        max_calls_per_s: 2.5
        redirects: follow
        media_encryption: required
        headers:
          outbound: [{set: x-account, value: "{calling}"}, {remove: Subject}]
          inbound: [{rename: X-Name, to: Organization}]
"""


def sbc_of(folder: Path, text: str) -> Sbc:
    organisation = read_text(folder, contoso_text((BEFORE, text)))
    return build_snapshot(organisation, revision=1, base=None).sbcs[SbcId("sbc1")]


def test_every_key_reaches_the_model(tmp_path: Path) -> None:
    sbc = sbc_of(tmp_path, ALL)
    assert sbc.address == HostPort("sip.carrier.test", 0)
    assert sbc.transport == "", "the DNS says it"
    assert (sbc.match_credentials, sbc.match_any_port) == (True, False)
    assert sbc.credentials == TrunkLogin("trunk-4711", "out-secret", "carrier.test")
    assert sbc.authenticate == TrunkLogin("carrier", "in-secret")
    assert sbc.registration == TrunkRegistration(
        "trunk-4711", "+14255550100", HostPort("sip.carrier.test", 0), 600
    )
    assert (sbc.max_calls, sbc.max_calls_per_s, sbc.follows_redirects) == (30, 2.5, True)
    assert sbc.media_encryption == "required"
    assert sbc.outbound_headers == (SetHeader("X-Account", "{calling}"), RemoveHeader("Subject"))
    assert sbc.inbound_headers == (RenameHeader("X-Name", "Organization"),)


@pytest.mark.parametrize(
    ("written", "address", "transport"),
    [
        ("127.0.0.1:5080", HostPort("127.0.0.1", 5_080), "udp"),
        ("sbc1.contoso.test:5061", HostPort("sbc1.contoso.test", 5_061), "udp"),
        ("sbc1.contoso.test", HostPort("sbc1.contoso.test", 0), ""),
        ("sbc1.contoso.test\n        transport: tls", HostPort("sbc1.contoso.test", 0), "tls"),
    ],
)
def test_addresses_and_names(
    tmp_path: Path, written: str, address: HostPort, transport: str
) -> None:
    sbc = sbc_of(tmp_path, f"address: {written}\n")
    assert (sbc.address, sbc.transport) == (address, transport)


@pytest.mark.parametrize("policy", ["required", "optional", "off"])
def test_a_policy_needs_no_quotes(tmp_path: Path, policy: str) -> None:
    """Not even ``off``, which other readers of YAML take for false."""
    assert (
        sbc_of(tmp_path, f"{BEFORE}        media_encryption: {policy}\n").media_encryption == policy
    )


def test_what_is_stored_comes_back_and_no_plan_shows_a_password(tmp_path: Path) -> None:
    before = to_entities(read_text(tmp_path, contoso_text()))
    organisation = read_text(tmp_path, contoso_text((BEFORE, ALL)))
    after = to_entities(organisation)
    assert from_entities(after) == organisation
    changes = plan(before, after)
    shown = json.dumps([repr(change) for change in changes])
    assert "sbc sbc1" in {change.subject for change in changes}
    assert "secret" not in shown.replace("(secret)", "").replace("(another secret)", "")
    assert "trunk-4711" in shown


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ("match: credentials", "match", "add authenticate"),
        ("registration: {user: trunk}", "registration", "add credentials"),
        (
            "authenticate: {username: alice, password: x}",
            "authenticate.username",
            "alice is a user",
        ),
        ("max_calls_per_s: 0", "max_calls_per_s", "from 0.1 to 1000"),
        ("redirects: maybe", "redirects", "refuse, follow"),
        ("media_encryption: maybe", "media_encryption", "required, optional, off"),
        ("headers: {outbound: [{remove: Via}]}", "headers.outbound[0].remove", "cannot be touched"),
        ("headers: {outbound: [{set: X-A}]}", "headers.outbound[0]", "set and value go together"),
        ("headers: {inbound: [{remove: A, rename: B}]}", "headers.inbound[0]", "does one thing"),
        (
            'headers: {inbound: [{set: X-A, value: "{password}"}]}',
            "headers.inbound[0].value",
            "there are {calling}, {called}, {call_id}",
        ),
        (
            'headers: {inbound: [{set: "X Y", value: "1"}]}',
            "headers.inbound[0].set",
            "is not the name of a header",
        ),
        (
            'registration: {user: "a@b"}\n        credentials: {username: a, password: b}',
            "registration.user",
            "cannot be the user part",
        ),
    ],
)
def test_mistakes_are_explained(tmp_path: Path, text: str, path: str, words: str) -> None:
    [mistake] = mistakes_in(tmp_path, contoso_text((BEFORE, f"{BEFORE}        {text}\n")))
    assert mistake.path == f"pstn.direct_routing.sbcs.sbc1.{path}"
    assert words in mistake.text
