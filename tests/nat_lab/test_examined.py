"""What `callwright doctor` says where NATs and narrow ways are real."""

import json
from typing import Any

import pytest
from tests.nat_lab.test_nat_lab import SCENE_S, run

pytestmark = pytest.mark.timeout(SCENE_S + 20)


def examined(name: str) -> dict[str, dict[str, Any]]:
    """The last finding of each check, but for hairpin, of which the first (SIP)."""
    done = run("tests.nat_lab.examined", name)
    assert done.stdout, done.stderr
    findings = json.loads(done.stdout)
    by_check = {finding["check"]: finding for finding in findings}
    sip = next(finding for finding in findings if finding["check"] == "hairpin")
    return {**by_check, "hairpin": sip}


def test_a_mapped_address_that_is_advertised_is_right() -> None:
    found = examined("advertised")
    assert found["public address"]["verdict"] == "ok"
    assert "1:1 NAT: the world sees 198.51.100.10:5060" in found["public address"]["reason"]
    assert found["hairpin"]["verdict"] == "warning", "this NAT turns nothing round"
    assert found["path MTU"]["verdict"] == "ok"
    assert found["fragments"]["verdict"] == "ok"
    assert found["call to itself"]["verdict"] == "ok", found["call to itself"]["reason"]


def test_a_mapped_address_that_is_not_advertised_is_found() -> None:
    found = examined("not-advertised")
    assert found["advertised address"]["verdict"] == "warning"
    assert found["public address"]["verdict"] == "failed"
    assert found["public address"]["remedy"] == "serve with --advertise 198.51.100.10"


def test_a_symmetric_nat_is_found() -> None:
    found = examined("symmetric")
    assert found["public address"]["verdict"] == "warning"
    assert "symmetric" in found["public address"]["reason"]


def test_a_narrow_way_is_measured() -> None:
    found = examined("narrow")
    assert found["path MTU"]["verdict"] == "warning"
    assert "packets of 1280 octets" in found["path MTU"]["reason"]
    assert found["fragments"]["verdict"] == "ok"


def test_a_way_that_loses_fragments_is_found() -> None:
    found = examined("no-fragments")
    assert found["path MTU"]["verdict"] == "ok"
    assert found["fragments"]["verdict"] == "failed"
    assert "TCP" in found["fragments"]["remedy"]
