"""SCIM: groups, those who leave, and who may."""

import pytest
from tests.unit.api.access.access_scene import FABRIKAM, LOCAL, PASSWORD, Scene, Visitor
from tests.unit.api.access.scim_client import GROUPS, USERS, Client, stored

from callwright.operations.access.accounts import Wanted, make_account
from callwright.operations.actor import SYSTEM, Actor
from callwright.operations.configuration import Configuration, Edit
from callwright.operations.scim.directory import ScimDirectory
from callwright.operations.scim.provisioning import Provisioning, remove
from callwright.operations.scim.words import ENTERPRISE, ERROR, GROUP, USER


@pytest.fixture
def client(scene: Scene) -> Client:
    return Client(scene)


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


def test_who_leaves_a_group_loses_the_number_that_its_licence_held(
    scene: Scene, client: Client
) -> None:
    alice = client.made("alice@contoso.test")["id"]
    group = f"{GROUPS}/{client.group('Sales', alice)['id']}"
    number = {"number": "+14255550101", "kind": "user", "source": "direct-routing"}
    edit = {
        ("licences", "licences"): {"phone-system": 1},
        ("group", "sales"): {**stored(scene, "group", "sales"), "licences": ["phone-system"]},
        ("number-range", "+14255550101"): number,
        ("user", "alice"): {**stored(scene, "user", "alice"), "number": "+14255550101"},
    }
    scene.tenants.first().administration.change(Edit(edit), by=SYSTEM)
    client.change(group, {"op": "Remove", "path": f'members[value eq "{alice}"]'})
    assert "number" not in stored(scene, "user", "alice")
    assert stored(scene, "number-range", "+14255550101") is None
    rename = {"op": "Replace", "path": "displayName", "value": "Alice"}
    assert client.change(f"{USERS}/{alice}", rename).status_code == 200
    assert stored(scene, "user", "alice")["name"] == "Alice"


def test_a_group_may_be_in_a_group_but_not_in_itself(scene: Scene, client: Client) -> None:
    inner = client.group("Inner")
    outer = client.group("Outer", inner["id"])
    assert stored(scene, "group", "outer")["members"] == [{"group": "inner"}]
    circle = {"op": "add", "path": "members", "value": [{"value": outer["id"]}]}
    answer = client.change(f"{GROUPS}/{inner['id']}", circle)
    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidValue")


def test_a_name_of_a_group_loses_what_cannot_be_shown(scene: Scene, client: Client) -> None:
    client.group("Sales\u0007 \u200bTeam")
    assert stored(scene, "group", "sales-team")["name"] == "Sales Team"


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


def test_who_came_into_a_list_meanwhile_stays_in_it(scene: Scene, client: Client) -> None:
    alice, bob = (client.made(f"{name}@contoso.test")["id"] for name in ("alice", "bob"))
    group = client.group("Sales", alice)
    tenant = scene.tenants.first()
    join = {"op": "add", "path": "members", "value": [{"value": bob}]}
    waiting = [lambda: client.change(f"{GROUPS}/{group['id']}", join)]

    def current() -> Configuration:
        found = tenant.administration.current()
        if waiting:
            waiting.pop()()
        return found

    directory, by = ScimDirectory(current), Actor("scim", "entra")
    provisioning = Provisioning(tenant.administration, directory, tenant.utc, tenant.new_id, by)
    remove(provisioning, "user", alice, version=None)
    assert stored(scene, "user", "alice") is None
    assert stored(scene, "group", "sales")["members"] == ["bob"]


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
