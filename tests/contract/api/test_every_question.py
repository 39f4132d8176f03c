"""Every route, asked whatever the OpenAPI document allows, and much that it does not: the answer
is always one that the document tells of, and never a defect.

The questions follow from the document alone, so that a failure comes again.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from prometheus_client import CollectorRegistry
from schemathesis import Case, GenerationMode
from tests.unit.api.api_client import Api, Running

from callwright.api.app import Health, make_app, open_api
from callwright.api.tenant import Tenant
from callwright.domains.access.model import Permission
from callwright.operations.access.desk import local_principal
from callwright.operations.access.tokens import WantedToken, make_token

EXAMPLES = 2
"""Of each kind for each route: some 1,200 questions in a minute."""
ENDLESS = {"GET /api/v1/events/stream", "GET /api/v1/live/call-queues/stream"}
REFUSED = ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422", "503"]
ANSWERED = ["2xx", "304", *REFUSED]
"""A question may have the right shape and still be refused: for what it refers to."""
CONFIG = schemathesis.Config.from_dict(
    {
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ANSWERED},
            "negative_data_rejection": {"expected-statuses": REFUSED},
        }
    }
)
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
HEALTH = Health(True, "ready", "contoso.test", 1, 0)


schemathesis.serializer.alias(["audio/wav", "audio/mpeg"], "application/octet-stream")


@dataclass
class OneTenant:
    tenant: Tenant | None = None

    def first(self) -> Tenant:
        assert self.tenant is not None
        return self.tenant

    def find(self, domain: str) -> Tenant | None:
        return self.tenant if domain == "contoso.test" else None

    def all(self) -> Iterable[Tenant]:
        return () if self.tenant is None else (self.tenant,)


def open_app(tenants: OneTenant) -> FastAPI:
    app = make_app(health=lambda: HEALTH, registry=CollectorRegistry())
    open_api(app, tenants, monotonic=time.monotonic, seal=bytes(32))
    return app


def labels() -> list[str]:
    paths = open_app(OneTenant()).openapi()["paths"]
    every = [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]
    return [label for label in every if label not in ENDLESS]


@dataclass
class Contoso:
    schema: schemathesis.BaseSchema
    token: str


@pytest.fixture(scope="module")
def contoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contoso]:
    api = Api(tmp_path_factory.mktemp("contoso"))
    app = open_app(OneTenant(replace(api.tenant, live=Running())))
    desk = app.state.entrance.desk(api.tenant)
    wanted = WantedToken("everything", [permission.value for permission in Permission], 86_400.0)
    _, token = make_token(desk, wanted, by=local_principal("a test"))
    yield Contoso(schemathesis.openapi.from_asgi("/openapi.json", app, config=CONFIG), token)
    api.close()


@pytest.mark.parametrize("label", labels())
def test_the_answer_is_one_that_the_document_tells_of(contoso: Contoso, label: str) -> None:
    method, path = label.split(" ")
    operation = contoso.schema[path][method]

    def ask(case: Case) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {contoso.token}"})

    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        asked = given(case=operation.as_strategy(generation_mode=mode))(ask)
        try:
            SETTINGS(asked)()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, "it can be asked somehow"
