"""Whose history somebody may see: by a role, or by a policy and the lists of queues (SPEC 11.3)."""

from typing import Any

import pytest
import yaml
from tests.unit.operations.contoso_file import FILE

from callwright.domains.access.model import Permission, Principal, PrincipalKind
from callwright.domains.access.roles import permissions_of
from callwright.kernel.ids import UserId
from callwright.operations.organisation_file import Organisation
from callwright.operations.reports.scope import Scope, scope_of


def contoso(metrics: str, *, enabled: bool = True) -> Organisation:
    """Alice is authorised for the support queue, and her policy says ``metrics``."""
    file: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    file["call_queues"]["support"]["authorised"] = ["alice"]
    file["users"]["alice"]["enabled"] = enabled
    file["users"]["alice"]["policies"] = {"voice_applications": "leads"}
    file["policies"] = {"voice_applications": {"leads": {"historical_metrics": metrics}}}
    return Organisation.model_validate(file)


def principal(*permissions: Permission, user: str | None = None) -> Principal:
    key = None if user is None else UserId(user)
    return Principal(PrincipalKind.ACCOUNT, "anna", frozenset(permissions), account="a1", user=key)


ALICE = principal(user="alice")


def test_an_authorised_user_sees_what_is_entrusted_to_her_and_who_it_was() -> None:
    scope = scope_of(ALICE, contoso("authorised"))
    assert scope is not None
    assert (scope.queues, scope.attendants, scope.identifies) == ({"support"}, frozenset(), True)
    assert scope.of_queues(None) == {"support"}
    assert scope.of_queues("support") == {"support"}
    assert scope.of_queues("sales") == frozenset()
    assert scope.of_attendants("reception") == frozenset()


def test_all_is_all() -> None:
    scope = scope_of(ALICE, contoso("all"))
    assert scope == Scope(identifies=True)
    assert scope.of_queues(None) is None
    assert scope.of_queues("sales") == {"sales"}


@pytest.mark.parametrize(
    ("who", "organisation"),
    [
        (ALICE, contoso("disabled")),
        (ALICE, contoso("all", enabled=False)),
        (principal(user="bob"), contoso("all")),
        (principal(), contoso("all")),
        (ALICE, None),
    ],
)
def test_without_a_permission_and_a_policy_nothing_is_seen(
    who: Principal, organisation: Organisation | None
) -> None:
    assert scope_of(who, organisation) is None


def test_a_role_shows_all_and_people_only_to_whom_calls_are_open() -> None:
    figures = principal(*permissions_of(["reports-reader"]))
    assert scope_of(figures, None) == Scope(identifies=False)
    engineer = principal(*permissions_of(["support-engineer"]))
    assert scope_of(engineer, None) == Scope(identifies=True)
