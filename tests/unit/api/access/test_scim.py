"""SCIM as Entra ID and Okta speak it: users and groups come, change, leave."""

from typing import Any

import httpx
import pytest
from tests.unit.api.access.access_scene import CONTOSO, FABRIKAM, LOCAL, PASSWORD, Scene, Visitor

from callwright.operations.access.accounts import Wanted, make_account
from callwright.operations.access.tokens import WantedToken, make_token
from callwright.operations.actor import SYSTEM
from callwright.operations.configuration import Edit
from callwright.operations.scim.words import ENTERPRISE, ERROR, GROUP, LIST, PATCH, USER

USERS, GROUPS = "/scim/v2/Users", "/scim/v2/Groups"


class Client(Visitor):
    """An identity provider with its token."""

    def __init__(self, scene: Scene, *permissions: str, domain: str = CONTOSO) -> None:
        super().__init__(scene.app, {})
        wanted = WantedToken("entra", permissions or ("users:write", "groups:write"), 86_400.0)
        _, token = make_token(scene.desk(domain), wanted, by=LOCAL)
        self.headers = {"authorization": f"Bearer {token}", "content-type": "application/scim+json"}

    def made(self, name: str, **more: Any) -> dict[str, Any]:
        answer = self.post(USERS, json={"schemas": [USER], "userName": name, **more})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def group(self, name: str, *members: str) -> dict[str, Any]:
        listed = [{"value": id} for id in members]
        body = {"schemas": [GROUP], "displayName": name, "members": listed}
        answer = self.post(GROUPS, json=body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def change(self, path: str, *operations: Any, **more: Any) -> httpx.Response:
        return self.patch(path, json={"schemas": [PATCH], "Operations": operations}, **more)


@pytest.fixture
def client(scene: Scene) -> Client:
    return Client(scene)


def stored(scene: Scene, kind: str, key: str) -> Any:
    return scene.tenants.first().administration.current().entities.get((kind, key))


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


# -- groups ------------------------------------------------------------------------------------


def test_a_group_and_its_members_come_and_go(scene: Scene, client: Client) -> None:
    alice, bob = (client.made(f"{name}@contoso.test")["id"] for name in ("alice", "bob"))
    group = client.group("Sales Team", alice)
    path = f"{GROUPS}/{group['id']}"
    assert stored(scene, "group", "sales-team") == {"name": "Sales Team", "members": ["alice"]}
    assert group["members"][0]["display"] == "alice@contoso.test"
    client.change(path, {"op": "Add", "path": "members", "value": [{"value": bob}]})
    assert stored(scene, "group", "sales-team")["members"] == ["alice", "bob"]
    client.change(path, {"op": "Remove", "path": f'members[value eq "{alice}"]'})
    assert stored(scene, "group", "sales-team")["members"] == ["bob"]
    client.change(path, {"op": "Replace", "path": "displayName", "value": "Sales"})
    assert client.get(path).json()["displayName"] == "Sales"
    slim = client.get(GROUPS, params={"excludedAttributes": "members"}).json()
    assert "members" not in slim["Resources"][0]
    named = client.get(GROUPS, params={"filter": 'displayName eq "sales"'}).json()
    assert named["totalResults"] == 1
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert stored(scene, "group", "sales-team") is None


def test_a_group_may_be_in_a_group_but_not_in_itself(scene: Scene, client: Client) -> None:
    inner = client.group("Inner")
    outer = client.group("Outer", inner["id"])
    assert stored(scene, "group", "outer")["members"] == [{"group": "inner"}]
    circle = {"op": "add", "path": "members", "value": [{"value": outer["id"]}]}
    answer = client.change(f"{GROUPS}/{inner['id']}", circle)
    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidValue")


def test_a_member_must_be_there(client: Client) -> None:
    answer = client.post(GROUPS, json={"displayName": "x", "members": [{"value": "nobody"}]})
    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidValue")


# -- leaving -----------------------------------------------------------------------------------


def test_who_is_removed_leaves_every_list(scene: Scene, client: Client) -> None:
    alice, bob = (client.made(f"{name}@contoso.test")["id"] for name in ("alice", "bob"))
    client.group("Sales", alice, bob)
    queue = {"agents": [{"user": "alice"}, {"user": "bob"}], "authorised": ["alice"]}
    administration = scene.tenants.first().administration
    administration.change(Edit({("call-queue", "support"): queue}), by=SYSTEM)
    assert client.delete(f"{USERS}/{alice}").status_code == 204
    assert client.get(f"{USERS}/{alice}").status_code == 404
    assert client.delete(f"{USERS}/{alice}").status_code == 404
    assert stored(scene, "user", "alice") is None
    assert stored(scene, "group", "sales")["members"] == ["bob"]
    assert stored(scene, "call-queue", "support")["agents"] == [{"user": "bob"}]
    assert stored(scene, "call-queue", "support")["authorised"] == []


def test_whom_something_leads_to_stays_disabled(scene: Scene, client: Client) -> None:
    """An attendant must not lose its operator because somebody left (SPEC 11.5)."""
    id = client.made("alice@contoso.test")["id"]
    attendant = {"operator": {"user": "alice"}, "open": {"then": {"user": "alice"}}}
    administration = scene.tenants.first().administration
    administration.change(Edit({("auto-attendant", "reception"): attendant}), by=SYSTEM)
    assert client.delete(f"{USERS}/{id}").status_code == 204
    assert client.get(f"{USERS}/{id}").status_code == 404
    assert stored(scene, "user", "alice")["enabled"] is False
    assert stored(scene, "auto-attendant", "reception") == attendant


def test_who_leaves_the_directory_loses_his_account(scene: Scene, client: Client) -> None:
    id = client.made("alice@contoso.test")["id"]
    wanted = Wanted(name="alice", user="alice", roles=["owner"], password=PASSWORD)
    make_account(scene.desk(), wanted, by=LOCAL, knows_user=lambda key: True)
    alice = scene.visitor()
    assert alice.sign_in("alice").status_code == 200
    body = {"name": "x", "permissions": ["users:read"]}
    token = Visitor(scene.app, {})
    text = alice.post("/api/v1/tokens", json=body).json()["token"]
    token.headers = {"authorization": f"Bearer {text}"}
    client.change(f"{USERS}/{id}", {"op": "Replace", "path": "active", "value": "False"})
    assert alice.get("/api/v1/me").status_code == 401
    assert token.get("/api/v1/me").status_code == 401
    assert scene.visitor().sign_in("alice").status_code == 401


# -- who may -----------------------------------------------------------------------------------


def test_the_history_names_the_token(scene: Scene, client: Client) -> None:
    client.made("alice@contoso.test")
    database = scene.tenants.first().database
    with database.reading() as connection:
        rows = connection.exec_driver_sql(
            "SELECT actor_kind, actor, kind FROM configuration_change ORDER BY id DESC LIMIT 2"
        ).all()
    assert sorted(tuple(row) for row in rows) == [
        ("scim", "entra", "scim-user"),
        ("scim", "entra", "user"),
    ]


def test_each_part_takes_its_permission_and_refuses_in_scim(scene: Scene) -> None:
    reader = Client(scene, "users:read")
    assert reader.get(USERS).status_code == 200
    refused = reader.post(USERS, json={"userName": "a"})
    assert (refused.status_code, refused.json()["schemas"]) == (403, [ERROR])
    assert reader.get(GROUPS).status_code == 403
    stranger = Visitor(scene.app, {})
    refused = stranger.get(USERS)
    assert (refused.status_code, refused.json()["schemas"]) == (401, [ERROR])
    assert refused.headers["www-authenticate"].startswith("Bearer")


def test_each_organisation_sees_its_own(scene: Scene, client: Client) -> None:
    id = client.made("alice@contoso.test")["id"]
    other = Client(scene, domain=FABRIKAM)
    assert other.get(USERS).json()["totalResults"] == 0
    assert other.get(f"{USERS}/{id}").status_code == 404
    assert other.delete(f"{USERS}/{id}").status_code == 404


def test_the_server_says_what_it_can(client: Client) -> None:
    configuration = client.get("/scim/v2/ServiceProviderConfig").json()
    assert configuration["patch"] == {"supported": True}
    assert configuration["bulk"]["supported"] is False
    types = client.get("/scim/v2/ResourceTypes").json()
    assert [each["id"] for each in types["Resources"]] == ["User", "Group"]
    assert client.get("/scim/v2/ResourceTypes/User").json()["endpoint"] == "/Users"
    schemas = client.get("/scim/v2/Schemas").json()
    assert [each["id"] for each in schemas["Resources"]] == [USER, GROUP, ENTERPRISE]
    assert client.get(f"/scim/v2/Schemas/{USER}").json()["name"] == "User"
    assert client.get("/scim/v2/Schemas/none").status_code == 404
