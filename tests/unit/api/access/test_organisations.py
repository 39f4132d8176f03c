"""Whoever operates the system makes and removes organisations; nobody else sees that there are
any."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from tests.unit.api.access.access_scene import (
    AT,
    CONTOSO,
    FABRIKAM,
    LOCAL,
    Clock,
    Organisations,
    Scene,
    Visitor,
)

from callwright.api import problems
from callwright.api.app import open_api
from callwright.api.tenant import Tenant
from callwright.domains.access.model import Permission
from callwright.operations.access.tokens import WantedToken, make_token
from callwright.operations.actor import SYSTEM
from callwright.operations.administration import Administration
from callwright.operations.configuration import Edit
from callwright.storage.access_events import AccessEvents
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database
from callwright.storage.system import System

PATH = "/api/v1/organisations"


class Operated(Scene):
    """Contoso, which operates the system, and Fabrikam."""

    def __init__(self, system: System, around: ExitStack) -> None:
        numbers = itertools.count(1)

        def tenant(domain: str, database: Database, operated: System | None) -> Tenant:
            around.callback(database.close)
            administration = Administration(StoredConfiguration(database, utc=lambda: AT))
            profile: Any = {
                "name": domain, "domain": domain, "country": "US", "timezone": "UTC",
                "language": "en-US",
            }  # fmt: skip
            administration.change(Edit({("organisation", "organisation"): profile}), by=SYSTEM)
            return Tenant(
                domain=domain,
                administration=administration,
                database=database,
                utc=lambda: AT,
                new_id=lambda: f"{next(numbers):026}",
                new_secret=lambda size: next(numbers).to_bytes(size, "big"),
                system=operated,
            )

        first = tenant(CONTOSO, system.open_first(), system)
        system.create(FABRIKAM)
        second = tenant(FABRIKAM, system.open_further(FABRIKAM), None)
        app = FastAPI()
        problems.install(app)
        tenants, clock = Organisations([first, second]), Clock()
        open_api(app, tenants, monotonic=lambda: clock.monotonic_s, seal=b"s" * 32)
        super().__init__(app, tenants, clock)

    def program(self, *permissions: str, domain: str = CONTOSO, **headers: str) -> Visitor:
        wanted = WantedToken("operator", permissions, 86_400.0)
        _, token = make_token(self.desk(domain), wanted, by=LOCAL)
        visitor = self.visitor()
        visitor.headers = {"authorization": f"Bearer {token}", **headers}
        return visitor


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with closing(System.open(tmp_path)) as opened:
        yield opened


@pytest.fixture
def scene(system: System) -> Iterator[Operated]:
    with ExitStack() as around:
        yield Operated(system, around)


def domains(answer: httpx.Response) -> list[tuple[str, bool, bool]]:
    assert answer.status_code == 200, answer.text
    return [
        (each["domain"], each["operates_the_system"], each["is_leaving"])
        for each in answer.json()["items"]
    ]


def test_an_organisation_is_made_listed_and_removed(scene: Operated, system: System) -> None:
    operator = scene.program("system:write")
    made = operator.post(PATH, json={"domain": "northwind.test"})
    assert made.status_code == 201, made.text
    assert "northwind.test" in system.further()
    assert domains(operator.get(PATH)) == [
        (CONTOSO, True, False), (FABRIKAM, False, False), ("northwind.test", False, False),
    ]  # fmt: skip
    gone = operator.delete(f"{PATH}/northwind.test")
    assert (gone.status_code, gone.json()["is_leaving"]) == (202, True)
    assert "northwind.test" not in system.further()
    assert system.leaving() == ("northwind.test",)
    events = AccessEvents(scene.tenants.first().database).newest(before=None, limit=2)
    assert [(event.act, event.subject) for _, event in events] == [
        ("organisation.removed", "northwind.test"), ("organisation.made", "northwind.test"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("domain", "status", "code"),
    [
        (FABRIKAM, 409, "cannot-be"),
        (CONTOSO, 409, "cannot-be"),
        ("No Domain", 422, "bad-domain"),
        ("../contoso.test", 422, "bad-domain"),
        ("", 422, "bad-domain"),
    ],
)
def test_what_cannot_be_made(scene: Operated, domain: str, status: int, code: str) -> None:
    refused = scene.program("system:write").post(PATH, json={"domain": domain})
    assert refused.status_code == status, refused.text
    told = refused.json()
    assert code in (told["code"], *(each["code"] for each in told["errors"]))


def test_what_cannot_be_removed(scene: Operated, system: System) -> None:
    operator = scene.program("system:write")
    assert operator.delete(f"{PATH}/{CONTOSO}").status_code == 409
    assert operator.delete(f"{PATH}/nobody.test").status_code == 404
    assert system.further() == (FABRIKAM,)


def test_an_owner_of_another_organisation_neither_sees_nor_touches_any(
    scene: Operated, system: System
) -> None:
    """Who owns Fabrikam has the permission, and it means nothing there."""
    owner = scene.program("system:write", "organisation:write", domain=FABRIKAM)
    for answer in (
        owner.get(PATH),
        owner.post(PATH, json={"domain": "northwind.test"}),
        owner.delete(f"{PATH}/{FABRIKAM}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "not-operator")
        assert CONTOSO not in answer.text
    assert system.further() == (FABRIKAM,)


def test_who_only_looks_or_visits_changes_nothing(scene: Operated, system: System) -> None:
    reader = scene.program("system:read")
    assert len(domains(reader.get(PATH))) == 2
    assert reader.post(PATH, json={"domain": "northwind.test"}).status_code == 403
    assert reader.delete(f"{PATH}/{FABRIKAM}").status_code == 403
    assert scene.program("organisation:write").get(PATH).status_code == 403
    guest = scene.program("system:write", **{"callwright-organisation": FABRIKAM})
    assert guest.get(PATH).status_code == 403
    assert system.further() == (FABRIKAM,)


def test_the_operator_gives_a_new_organisation_its_owner(scene: Operated) -> None:
    everything = [permission.value for permission in Permission]
    guest = scene.program(*everything, **{"callwright-organisation": FABRIKAM})
    made = guest.post("/api/v1/accounts", json={"name": "otto", "roles": ["owner"]})
    assert made.status_code == 201, made.text
    link = guest.post(f"/api/v1/accounts/{made.json()['id']}/link").json()
    assert FABRIKAM in str(link)
