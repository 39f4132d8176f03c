"""Filters, paths and patches of SCIM, with the odd forms of Entra ID and Okta."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.operations.scim.filters import fits, read_filter, sought
from callwright.operations.scim.patching import patched
from callwright.operations.scim.refusal import ScimError
from callwright.operations.scim.resources import free_key
from callwright.operations.scim.words import ENTERPRISE, PATCH, Resource

ALICE: Resource = {
    "userName": "Alice@contoso.test",
    "externalId": "A1",
    "active": True,
    "name": {"givenName": "Alice", "familyName": "O'Malley"},
    "title": 'Head of "Sales"',
    "emails": [
        {"type": "work", "value": "alice@contoso.test", "primary": True},
        {"type": "home", "value": "alice@example.org"},
    ],
    "meta": {"lastModified": "2025-03-10T09:30:00Z"},
    ENTERPRISE: {"department": "Sales"},
}


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ('userName eq "alice@CONTOSO.test"', True),
        ('USERNAME Eq "alice@contoso.test"', True),
        ('userName eq "bob@contoso.test"', False),
        ('externalId eq "A1"', True),
        ('externalId eq "a1"', False),
        ('name.familyName co "O\'Malley"', True),
        ('title co "\\"Sales\\""', True),
        ('userName sw "ali"', True),
        ('userName ew ".test"', True),
        ("title pr", True),
        ("nickName pr", False),
        ("active eq true", True),
        ('active eq "True"', True),
        ("active ne true", False),
        ("nickName eq null", False),
        ('meta.lastModified ge "2025-03-10T09:30:00Z"', True),
        ('meta.lastModified gt "2025-03-10T09:30:00Z"', False),
        ('emails.value eq "alice@example.org"', True),
        ('emails eq "alice@example.org"', True),
        ('emails[type eq "work" and value co "contoso"]', True),
        ('emails[type eq "home" and value co "contoso"]', False),
        ('title pr and userName sw "bob"', False),
        ('title pr or userName sw "bob"', True),
        ('userName sw "bob" or title pr and active eq true', True),
        ('(userName sw "bob" or title pr) and active eq false', False),
        ('not (userName sw "bob")', True),
        (f'{ENTERPRISE}:department eq "sales"', True),
        ('urn:ietf:params:scim:schemas:core:2.0:User:userName sw "alice"', True),
    ],
)
def test_a_filter_finds_what_the_rfc_says(text: str, is_found: bool) -> None:
    assert fits(read_filter(text), ALICE) is is_found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "userName",
        "userName eq",
        'userName eq "a',
        "userName eq a",
        'userName like "a"',
        'eq "a"',
        '(userName eq "a"',
        'userName eq "a")',
        'emails[type eq "a"',
        'userName eq "a" and',
        'not userName eq "a"',
        "(" * 100 + "title pr" + ")" * 100,
        "title pr and " * 500 + "title pr",
    ],
)
def test_a_filter_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ScimError) as refused:
        read_filter(text)
    assert (refused.value.status, refused.value.kind) == (400, "invalidFilter")


@given(st.text(max_size=80) | st.text('()[]" andortprqeuserName.', max_size=60))
def test_no_filter_is_a_defect(text: str) -> None:
    with suppress(ScimError):
        fits(read_filter(text), ALICE)


def test_a_name_that_must_be_is_looked_up() -> None:
    assert sought(read_filter('userName eq "a"'), "userName") == "a"
    assert sought(read_filter('active eq true and username eq "a"'), "userName") == "a"
    assert sought(read_filter('active eq true or userName eq "a"'), "userName") is None
    assert sought(read_filter('not (userName eq "a")'), "userName") is None


def patch(resource: Resource, *operations: object) -> Resource:
    return patched(resource, {"schemas": [PATCH], "Operations": list(operations)})  # type: ignore[list-item]


def test_entra_disables_with_capitals_and_text() -> None:
    for value in ("False", False):
        after = patch(ALICE, {"op": "Replace", "path": "active", "value": value})
        assert after["active"] == value
    assert ALICE["active"] is True, "the one given stays"


def test_okta_sends_an_object_without_a_path() -> None:
    value = {"active": False, "id": "whatever", "displayName": "A"}
    after = patch(ALICE, {"op": "replace", "value": value})
    assert (after["active"], after["displayName"], "id" in after) == (False, "A", False)


def test_entra_names_paths_in_an_object() -> None:
    value = {"name.givenName": "Ada", f"{ENTERPRISE}:department": "Research", "title": "Dr"}
    after = patch(ALICE, {"op": "Add", "value": value})
    assert after["name"] == {"givenName": "Ada", "familyName": "O'Malley"}
    assert after[ENTERPRISE] == {"department": "Research"}
    nested = patch(ALICE, {"op": "replace", "value": {ENTERPRISE: {"department": "Law"}}})
    assert nested[ENTERPRISE] == {"department": "Law"}


def test_one_of_several_values_is_changed_or_made() -> None:
    change = {"op": "replace", "path": 'emails[type eq "work"].value', "value": "new@contoso.test"}
    assert patch(ALICE, change)["emails"][0]["value"] == "new@contoso.test"  # type: ignore[index,call-overload]
    phone = {"op": "add", "path": 'phoneNumbers[type eq "work"].value', "value": "+14255550100"}
    after = patch(ALICE, phone)
    assert after["phoneNumbers"] == [{"type": "work", "value": "+14255550100"}]
    gone = patch(ALICE, {"op": "remove", "path": 'emails[type eq "home"]'})
    assert len(gone["emails"]) == 1  # type: ignore[arg-type]


GROUP: Resource = {"displayName": "Sales", "members": [{"value": "1"}, {"value": "2"}]}


@pytest.mark.parametrize(
    ("operation", "left"),
    [
        ({"op": "add", "path": "members", "value": [{"value": "3"}, {"value": "1"}]}, "123"),
        ({"op": "Add", "path": "members", "value": {"value": "3"}}, "123"),
        ({"op": "remove", "path": 'members[value eq "1"]'}, "2"),
        ({"op": "Remove", "path": "members", "value": [{"value": "2"}]}, "1"),
        ({"op": "remove", "path": "members"}, ""),
        ({"op": "replace", "path": "members", "value": [{"value": "9"}]}, "9"),
        ({"op": "replace", "value": {"members": [{"value": "9"}]}}, "9"),
        ({"op": "remove", "path": 'members[value eq "7"]'}, "12"),
    ],
)
def test_members_come_and_go(operation: object, left: str) -> None:
    after = patch(GROUP, operation)
    members = after.get("members", [])
    assert "".join(each["value"] for each in members) == left  # type: ignore[union-attr,index,call-overload,misc]


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ({"op": "move", "path": "title"}, "invalidSyntax"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "add", "value": "x"}, "invalidValue"),
        ({"op": "replace", "path": "emails[type", "value": 1}, "invalidPath"),
        ({"op": "replace", "path": "a b", "value": 1}, "invalidPath"),
        ({"op": "replace", "path": 'emails[type co "x"].value', "value": 1}, "noTarget"),
        ("nothing", "invalidSyntax"),
    ],
)
def test_a_wrong_operation_is_refused_by_its_name(operation: object, kind: str) -> None:
    with pytest.raises(ScimError) as refused:
        patch(ALICE, operation)
    assert (refused.value.status, refused.value.kind) == (400, kind)


@pytest.mark.parametrize("body", [{}, {"Operations": []}, {"Operations": "x"}, [], None])
def test_a_patch_needs_operations(body: object) -> None:
    with pytest.raises(ScimError):
        patched(ALICE, body)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Alice.Adams@contoso.test", "alice.adams"),
        ("ALICE", "alice-2"),
        ("1234@contoso.test", "user"),
        ("josé", "jos"),
        ("a" * 300, "a" * 56),
        ("@", "user"),
    ],
)
def test_a_key_is_made_of_the_name(name: str, key: str) -> None:
    assert free_key(name, {"alice"}) == key
