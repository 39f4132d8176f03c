"""Two organisations behind the API."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.api.access.access_scene import Scene, close_scene, lay_out, open_scene


@pytest.fixture(scope="session")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("organisations")
    lay_out(folder)
    return folder


@pytest.fixture
def scene(laid_out: Path, tmp_path: Path) -> Iterator[Scene]:
    shutil.copytree(laid_out, tmp_path, dirs_exist_ok=True)
    opened = open_scene(tmp_path)
    yield opened
    close_scene(opened)
