"""An identity provider that keeps Contoso's directory in step."""

from typing import Any

import httpx
from tests.unit.api.access.access_scene import CONTOSO, LOCAL, Scene, Visitor

from callwright.operations.access.tokens import WantedToken, make_token
from callwright.operations.scim.words import GROUP, PATCH, USER

USERS, GROUPS = "/scim/v2/Users", "/scim/v2/Groups"


class Client(Visitor):
    """Comes with a token of its own."""

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


def stored(scene: Scene, kind: str, key: str) -> Any:
    return scene.tenants.first().administration.current().entities.get((kind, key))
