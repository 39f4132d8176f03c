"""SCIM as Entra ID and Okta speak it: users come and change."""

import pytest
from tests.unit.api.access.access_scene import CONTOSO, Scene
from tests.unit.api.access.scim_client import USERS, Client, stored

from callwright.operations.actor import SYSTEM
from callwright.operations.configuration import Edit
from callwright.operations.scim.words import ENTERPRISE, ERROR, LIST, USER


@pytest.fixture
def client(scene: Scene) -> Client:
    return Client(scene)


# -- users -------------------------------------------------------------------------------------

ENTRA_USER = {
    "schemas": [USER, ENTERPRISE],
    "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
    "userName": "Alice.Adams@contoso.test",
    "active": True,
    "displayName": "Alice Adams",
    "emails": [{"primary": True, "type": "work", "value": "Alice@contoso.test"}],
    "meta": {"resourceType": "User"},
    "name": {"formatted": "Alice Adams", "familyName": "Adams", "givenName": "Alice"},
    "phoneNumbers": [
        {"type": "work", "value": "+1 (425) 555-0101"},
        {"type": "fax", "value": "extension 7"},
    ],
    "roles": [],
    "title": "Head of Sales",
    ENTERPRISE: {"department": "Sales", "organization": "Contoso"},
}


def test_a_user_of_entra_becomes_one_of_the_directory(scene: Scene, client: Client) -> None:
    answer = client.post(USERS, json=ENTRA_USER)
    assert answer.status_code == 201, answer.text
    assert answer.headers["content-type"] == "application/scim+json"
    made = answer.json()
    assert answer.headers["location"] == made["meta"]["location"] == f"{USERS}/{made['id']}"
    assert made["externalId"] == ENTRA_USER["externalId"]
    assert stored(scene, "user", "alice.adams") == {
        "name": "Alice Adams",
        "profile": {
            "title": "Head of Sales",
            "department": "Sales",
            "company": "Contoso",
            "email": "alice@contoso.test",
            "phones": {"work": "+14255550101"},
        },
    }
    again = client.get(f"{USERS}/{made['id']}").json()
    assert again == made
    for name, value in ENTRA_USER.items():
        if name not in ("meta", "roles"):
            assert again[name] == value, name


def test_entra_asks_by_name_before_it_makes(client: Client) -> None:
    empty = client.get(f'{USERS}?filter=userName eq "alice@contoso.test"').json()
    assert (empty["schemas"], empty["totalResults"], empty["Resources"]) == ([LIST], 0, [])
    id = client.made("alice@contoso.test", externalId="A1")["id"]
    for text in ('userName eq "ALICE@contoso.test"', 'externalId eq "A1"', f'id eq "{id}"'):
        found = client.get(USERS, params={"filter": text}).json()
        assert [each["id"] for each in found["Resources"]] == [id], text


def test_okta_makes_asks_and_replaces(scene: Scene, client: Client) -> None:
    body = {
        "schemas": [USER],
        "userName": "bob@contoso.test",
        "name": {"givenName": "Bob", "familyName": "Brown"},
        "emails": [{"primary": True, "value": "bob@contoso.test", "type": "work"}],
        "displayName": "Bob Brown",
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq",
        "active": True,
    }
    id = client.post(USERS, json=body).json()["id"]
    assert "1mz050nq" not in str(scene.tenants.first().administration.current().entities)
    listed = client.get(f"{USERS}?startIndex=1&count=100").json()
    assert (listed["totalResults"], listed["startIndex"], listed["itemsPerPage"]) == (1, 1, 1)
    changed = {**body, "id": id, "displayName": "Robert Brown"}
    answer = client.put(f"{USERS}/{id}", json=changed)
    assert (answer.status_code, answer.json()["displayName"]) == (200, "Robert Brown")
    assert answer.json()["locale"] == "en-US"
    assert stored(scene, "user", "bob")["name"] == "Robert Brown"


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "replace", "path": "active", "value": False},
        {"op": "replace", "value": {"active": False}},
        {"op": "Replace", "value": {"active": "False"}},
    ],
)
def test_who_is_deactivated_is_disabled_and_comes_back(
    scene: Scene, client: Client, operation: object
) -> None:
    id = client.made("alice@contoso.test")["id"]
    assert client.change(f"{USERS}/{id}", operation).json()["active"] is False
    assert stored(scene, "user", "alice")["enabled"] is False
    on = {"op": "Replace", "path": "active", "value": "True"}
    assert client.change(f"{USERS}/{id}", on).json()["active"] is True
    assert "enabled" not in stored(scene, "user", "alice")


def test_entra_changes_what_lies_deep(scene: Scene, client: Client) -> None:
    id = client.post(USERS, json=ENTRA_USER).json()["id"]
    answer = client.change(
        f"{USERS}/{id}",
        {"op": "Add", "path": 'emails[type eq "work"].value', "value": "new@contoso.test"},
        {"op": "Replace", "path": f"{ENTERPRISE}:department", "value": "Law"},
        {"op": "Add", "path": "name.familyName", "value": "Baker"},
        {"op": "Remove", "path": "title"},
        {"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "+44 20 7946 0018"},
    )
    assert answer.status_code == 200, answer.text
    profile = stored(scene, "user", "alice.adams")["profile"]
    assert profile == {
        "department": "Law",
        "company": "Contoso",
        "email": "new@contoso.test",
        "phones": {"work": "+14255550101", "mobile": "+442079460018"},
    }
    assert answer.json()["name"]["familyName"] == "Baker"
    assert "title" not in answer.json()


def test_what_an_administrator_set_stays(scene: Scene, client: Client) -> None:
    id = client.made("alice@contoso.test")["id"]
    administration = scene.tenants.first().administration
    own = {"name": "Alice", "extension": "101", "sip": {"password": "x" * 12}}
    administration.change(Edit({("user", "alice"): own}), by=SYSTEM)
    client.change(f"{USERS}/{id}", {"op": "add", "path": "title", "value": "Dr"})
    assert stored(scene, "user", "alice") == {**own, "profile": {"title": "Dr"}}
    assert "x" * 12 not in client.get(f"{USERS}/{id}").text


def test_people_who_were_there_before_are_found_and_taken_over(
    scene: Scene, client: Client
) -> None:
    administration = scene.tenants.first().administration
    alice = {"name": "Alice", "profile": {"email": "alice@contoso.test"}}
    edit = Edit({("user", "alice"): alice, ("user", "bob"): {"name": "Bob"}})
    administration.change(edit, by=SYSTEM)
    found = client.get(USERS, params={"filter": 'userName eq "alice@contoso.test"'}).json()
    (resource,) = found["Resources"]
    id = resource["id"]
    assert client.post(USERS, json={"userName": "Alice@contoso.test"}).status_code == 409
    answer = client.change(f"{USERS}/{id}", {"op": "add", "path": "externalId", "value": "A1"})
    assert (answer.status_code, answer.json()["id"]) == (200, id)
    by_id = client.get(USERS, params={"filter": 'externalId eq "A1"'}).json()
    assert [each["id"] for each in by_id["Resources"]] == [id]
    bob = client.get(USERS, params={"filter": f'userName eq "bob@{CONTOSO}"'}).json()
    assert bob["totalResults"] == 1


def test_two_with_one_local_part_have_keys_of_their_own(scene: Scene, client: Client) -> None:
    client.made("alice@contoso.test")
    client.made("alice@fabrikam.test")
    assert stored(scene, "user", "alice") is not None
    assert stored(scene, "user", "alice-2") is not None
    taken = client.post(USERS, json={"schemas": [USER], "userName": "ALICE@contoso.test"})
    assert (taken.status_code, taken.json()["scimType"]) == (409, "uniqueness")
    assert taken.json()["schemas"] == [ERROR]


def test_a_name_may_change_and_the_key_stays(scene: Scene, client: Client) -> None:
    id = client.made("alice@contoso.test")["id"]
    client.change(
        f"{USERS}/{id}", {"op": "replace", "path": "userName", "value": "a.b@contoso.test"}
    )
    found = client.get(USERS, params={"filter": 'userName eq "a.b@contoso.test"'}).json()
    assert [each["id"] for each in found["Resources"]] == [id]
    old = client.get(USERS, params={"filter": 'userName eq "alice@contoso.test"'}).json()
    assert old["totalResults"] == 0
    assert stored(scene, "user", "alice")


def test_the_same_again_changes_nothing(scene: Scene, client: Client) -> None:
    id = client.post(USERS, json=ENTRA_USER).json()["id"]
    administration = scene.tenants.first().administration
    before = administration.current().revision
    assert client.put(f"{USERS}/{id}", json=ENTRA_USER).status_code == 200
    same = {"op": "Replace", "path": "title", "value": "Head of Sales"}
    assert client.change(f"{USERS}/{id}", same).status_code == 200
    assert administration.current().revision == before


def test_long_titles_keep_nobody_out(scene: Scene, client: Client) -> None:
    title = "Vice President of " + "Very " * 20 + "Long Titles"
    id = client.made("alice@contoso.test", title=title)["id"]
    assert len(stored(scene, "user", "alice")["profile"]["title"]) <= 64
    assert client.get(f"{USERS}/{id}").json()["title"] == title


def test_what_no_mail_and_no_profile_can_take_keeps_nobody_out(
    scene: Scene, client: Client
) -> None:
    client.made(
        "alice@contoso.test",
        emails=[{"value": "ålice@contoso.test", "primary": True}, {"value": "a@contoso.test"}],
        phoneNumbers=[{"type": "p" * 100, "value": "+1 425 555 0101"}],
    )
    profile = stored(scene, "user", "alice")["profile"]
    assert profile == {"email": "a@contoso.test", "phones": {"p" * 64: "+14255550101"}}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({}, "invalidValue"),
        ({"userName": ""}, "invalidValue"),
        ({"userName": 7}, "invalidValue"),
        ({"userName": "x" * 2_000}, "invalidValue"),
        ({"userName": "a", "active": "perhaps"}, "invalidValue"),
        ({"userName": "a", "x": "y" * 70_000}, "invalidValue"),
        ([], "invalidSyntax"),
    ],
)
def test_a_wrong_user_is_refused_in_the_words_of_scim(
    client: Client, body: object, kind: str
) -> None:
    answer = client.post(USERS, json=body)
    assert (answer.status_code, answer.json()["scimType"]) == (400, kind)
    assert answer.json()["schemas"] == [ERROR]
    assert answer.json()["status"] == "400"


def test_versions_keep_two_from_overwriting_each_other(client: Client) -> None:
    made = client.made("alice@contoso.test")
    path, version = f"{USERS}/{made['id']}", made["meta"]["version"]
    title = {"op": "add", "path": "title", "value": "Dr"}
    fresh = client.change(path, title, headers={"if-match": version})
    assert fresh.status_code == 200
    assert fresh.headers["etag"] != version
    assert client.change(path, title, headers={"if-match": version}).status_code == 412
    assert client.delete(path, headers={"if-match": version}).status_code == 412
    same = client.get(path, headers={"if-none-match": fresh.headers["etag"]})
    assert same.status_code == 304


# -- lists -------------------------------------------------------------------------------------


def test_lists_come_in_pages_from_one_on(client: Client) -> None:
    for name in "abcde":
        client.made(f"{name}@contoso.test")
    first = client.get(f"{USERS}?startIndex=1&count=2").json()
    third = client.get(f"{USERS}?startIndex=5&count=2").json()
    assert (first["totalResults"], first["itemsPerPage"]) == (5, 2)
    assert (third["totalResults"], third["itemsPerPage"], third["startIndex"]) == (5, 1, 5)
    assert client.get(f"{USERS}?startIndex=0&count=-3").json()["itemsPerPage"] == 0
    some = client.get(USERS, params={"filter": 'userName sw "c" or userName sw "d"'}).json()
    assert some["totalResults"] == 2
    bad = client.get(USERS, params={"filter": "userName"})
    assert (bad.status_code, bad.json()["scimType"]) == (400, "invalidFilter")


def test_only_what_is_asked_for_is_told(client: Client) -> None:
    id = client.post(USERS, json=ENTRA_USER).json()["id"]
    few = client.get(f"{USERS}/{id}?attributes=userName,name.givenName").json()
    assert set(few) == {"schemas", "id", "meta", "userName", "name"}
    most = client.get(f"{USERS}/{id}?excludedAttributes=emails,id").json()
    assert "emails" not in most
    assert most["id"] == id
