"""One organisation for each test, copied from one that was made once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.api.api_client import Api


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
