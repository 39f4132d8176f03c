"""What two organisations on one system cannot both have, and what they can."""

from typing import Any

import pytest
import yaml
from tests.unit.operations.contoso_file import contoso_text

from callwright.operations.neighbours import KINDS, Neighbour, clashes, may_clash
from callwright.operations.organisation_file import Organisation, to_entities

LOGIN = {"credentials": {"username": "trunk-1", "password": "secret-word"}}
OTHER_LOGIN = {"authenticate": {"username": "carrier", "password": "secret-word"}}


def organisation(
    domain: str, sbcs: dict[str, dict[str, Any]], numbers: tuple[str, ...] = ()
) -> Organisation:
    tree = yaml.safe_load(contoso_text())
    return Organisation.model_validate(
        {
            "organisation": tree["organisation"] | {"domain": domain},
            "pstn": {"direct_routing": {"sbcs": sbcs}},
            "numbers": [
                {"range": text, "kind": "user", "source": "direct-routing"} for text in numbers
            ],
        }
    )


def neighbour(other: Organisation) -> Neighbour:
    """As it is read from its stored entities."""
    entities = to_entities(other)
    wanted = [(kind, value) for (kind, _), value in entities.items() if kind in KINDS]
    return Neighbour.of(other.organisation.domain, wanted)


def found(
    one: dict[str, Any], other: dict[str, Any], *, seat: str | None = None
) -> list[tuple[tuple[str | int, ...], str]]:
    own = organisation("a.test", **one)
    others = [neighbour(organisation("b.test", **other))]
    return [(problem.path, problem.text) for problem in clashes(own, others, seat=seat)]


def sbc(address: str, **settings: Any) -> dict[str, Any]:
    return {"sbcs": {"trunk": {"address": address} | settings}}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (sbc("198.51.100.1:5060"), sbc("198.51.100.2:5060")),
        (sbc("198.51.100.1:5060"), sbc("198.51.100.1:5070")),
        (sbc("sbc.carrier.test"), sbc("sbc2.carrier.test")),
        (sbc("sbc.carrier.test", **LOGIN), sbc("sbc.carrier.test", **LOGIN)),
        (sbc("198.51.100.1:5060", **LOGIN), sbc("198.51.100.1:5060", **OTHER_LOGIN)),
    ],
)
def test_sbcs_that_are_two_or_have_logins_may_be_beside_each_other(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert not found(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (sbc("198.51.100.1:5060"), sbc("198.51.100.1:5060")),
        (sbc("198.51.100.1:5070", match="address"), sbc("198.51.100.1:5060")),
        (sbc("198.51.100.1:5060"), sbc("198.51.100.1:5070", match="address")),
        (sbc("[2001:db8::1]:5060"), sbc("[2001:DB8:0::1]:5060")),
        (sbc("SBC.carrier.test"), sbc("sbc.carrier.test:5061")),
        (sbc("198.51.100.1:5060", **LOGIN), sbc("198.51.100.1:5060")),
        (sbc("198.51.100.1:5060"), sbc("198.51.100.1:5060", **LOGIN)),
        (
            sbc("198.51.100.9:5060", registration={"user": "x", "registrar": "reg.carrier.test"}),
            sbc("reg.carrier.test"),
        ),
    ],
)
def test_an_sbc_belongs_to_one(one: dict[str, Any], other: dict[str, Any]) -> None:
    ((path, text),) = found(one, other)
    assert path == ("pstn", "direct_routing", "sbcs", "trunk", "address")
    assert "needs a login in both" in text
    assert "b.test" not in text  # who lives next door is nobody's business


def test_numbers_are_told_apart_where_a_trunk_is_shared() -> None:
    shared = sbc("sbc.carrier.test", **LOGIN)
    theirs = ("+14255550100..+14255550149", "+14255550200..+14255550249")
    one = shared | {"numbers": ("+14255550150..+14255550199", "+14255550240..+14255550260")}
    ((path, text),) = found(one, shared | {"numbers": theirs})
    assert path == ("numbers", 1)
    assert "shares an SBC" in text
    apart = shared | {"numbers": ("+14255550150..+14255550199", "+442071838750..+442071838759")}
    assert not found(apart, shared | {"numbers": theirs})
    elsewhere = sbc("sbc.elsewhere.test") | {"numbers": theirs}
    assert not found(elsewhere, shared | {"numbers": theirs})


def test_trunks_that_are_found_by_login_share_the_numbers_they_bring() -> None:
    one, other = (
        sbc(f"198.51.100.{host}:5060", match="credentials", **OTHER_LOGIN)
        | {"numbers": ("+14255550100..+14255550149",)}
        for host in (1, 2)
    )
    ((path, _),) = found(one, other)
    assert path == ("numbers", 0)


def test_a_domain_leads_to_one_and_an_organisation_keeps_its_own() -> None:
    here = organisation("a.test", {})
    (problem,) = clashes(here, [Neighbour("a.test")])
    assert problem.path == ("organisation", "domain")
    (problem,) = clashes(here, [], seat="c.test")
    assert "this organisation is c.test" in problem.text
    assert not list(clashes(here, [Neighbour("b.test")], seat="a.test"))


def test_most_edits_cannot_clash() -> None:
    assert not may_clash([("user", "alice"), ("call-queue", "support")])
    for kind in ("sbc", "number-range", "organisation"):
        assert may_clash([("user", "alice"), (kind, "x")])
