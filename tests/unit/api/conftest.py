"""One organisation for each test, copied from one that was made once."""

import shutil
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

import pytest
from fastapi import APIRouter
from tests.unit.api.api_client import Api

from callwright.api import entities


@pytest.fixture(scope="session", autouse=True)
def routes_of_entities_are_made_once() -> Iterator[None]:
    """They take most of the time in which an application is made, and never differ."""
    make_router = entities.make_router
    whole = cache(make_router)

    def made(words: Collection[str] | None = None) -> APIRouter:
        return whole() if words is None else make_router(words)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entities, "make_router", made)
        yield


@pytest.fixture(scope="session")
def contoso(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the example organisation."""
    data = tmp_path_factory.mktemp("contoso")
    Api(data).close()
    return data


@pytest.fixture
def api(contoso: Path, tmp_path: Path) -> Iterator[Api]:
    data = tmp_path / "data"
    shutil.copytree(contoso, data)
    made = Api(data, organisation=None)
    yield made
    made.close()
