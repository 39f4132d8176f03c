"""What the organisation file says about callers' identity, signatures and intercom."""

from pathlib import Path

import pytest
from tests.unit.operations.contoso_file import contoso_text, read_text

from callwright.domains.pstn.model import Signing, Verification
from callwright.operations.organisation_file import (
    OrganisationFileError,
    build_snapshot,
    from_entities,
    to_entities,
)
from callwright.operations.organisation_file.schema import Organisation
from callwright.operations.plan import plan
from callwright.testing.builders import BOB, SBC1, SBC2

STIR = """pstn:
  stir:
    sign: {key: /etc/callwright/stir.key, certificate_url: "https://contoso.test/stir.pem"}
    verify: {certificates: /var/lib/stir, reject_failed: true, show_verstat: true}
"""
TRUST = """transport: udp
        trusted: true
        forward_call_history: true
        diversion: true
        sign: true
"""


def read(folder: Path, *edits: tuple[str, str]) -> Organisation:
    return read_text(folder, contoso_text(*edits))


def all_of_it(folder: Path) -> Organisation:
    return read(
        folder,
        ("pstn:\n", STIR),
        ("5090\n        transport: udp\n", f"5090\n        {TRUST}"),
    )


def test_every_setting_reaches_the_snapshot(tmp_path: Path) -> None:
    snapshot = build_snapshot(all_of_it(tmp_path), revision=1, base=None)

    sbc = snapshot.sbcs[SBC2]
    assert (sbc.trusted, sbc.forward_call_history, sbc.diversion, sbc.sign) == (True,) * 4
    assert snapshot.signing == Signing(
        Path("/etc/callwright/stir.key"), "https://contoso.test/stir.pem"
    )
    assert snapshot.verification == Verification(
        Path("/var/lib/stir"), reject_failed=True, required=False, show_verstat=True
    )


def test_without_them_nothing_is_trusted_and_nothing_signed(tmp_path: Path) -> None:
    snapshot = build_snapshot(read(tmp_path), revision=1, base=None)

    sbc = snapshot.sbcs[SBC1]
    assert (sbc.trusted, sbc.forward_call_history, sbc.diversion, sbc.sign) == (False,) * 4
    assert (snapshot.signing, snapshot.verification) == (None, None)
    assert not snapshot.users[BOB].answering.intercom


def test_what_is_stored_comes_back(tmp_path: Path) -> None:
    organisation = all_of_it(tmp_path)
    entities = to_entities(organisation)

    assert from_entities(entities) == organisation
    assert {key for kind, key in entities if kind == "stir"} == {"sign", "verify"}


def test_a_plan_names_the_part_that_changes(tmp_path: Path) -> None:
    before, after = to_entities(read(tmp_path)), to_entities(all_of_it(tmp_path))
    assert {"stir sign", "stir verify", "sbc sbc2"} <= {c.subject for c in plan(before, after)}


@pytest.mark.parametrize(
    ("edit", "mistake"),
    [
        (("/etc/callwright/stir.key", "stir.key"), "is not an absolute path"),
        (("https://contoso", "http://contoso"), "begins with https://"),
        (("/var/lib/stir", "../stir"), "is not an absolute path"),
        (("reject_failed: true", "reject_failed: 1"), "true or false"),
    ],
)
def test_mistakes_are_explained(tmp_path: Path, edit: tuple[str, str], mistake: str) -> None:
    with pytest.raises(OrganisationFileError) as error:
        read(tmp_path, ("pstn:\n", STIR.replace(*edit)))
    assert [m for m in error.value.mistakes if mistake in m.text]


def test_who_signs_needs_a_key(tmp_path: Path) -> None:
    with pytest.raises(OrganisationFileError) as error:
        read(tmp_path, ("5090\n        transport: udp\n", f"5090\n        {TRUST}"))
    [mistake] = error.value.mistakes
    assert mistake.path == "pstn.direct_routing.sbcs.sbc2.sign"
    assert "add pstn.stir.sign" in mistake.text


def test_a_broken_key_is_one_mistake_not_two(tmp_path: Path) -> None:
    with pytest.raises(OrganisationFileError) as error:
        read(
            tmp_path,
            ("pstn:\n", STIR.replace("/etc/", "etc/")),
            ("5090\n        transport: udp\n", f"5090\n        {TRUST}"),
        )
    assert len(error.value.mistakes) == 1
