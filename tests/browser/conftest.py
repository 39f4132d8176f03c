"""A server that pages can reach, shared by the tests of one file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.interop.authority import Authority
from tests.interop.conftest import Change, new_server
from tests.interop.process import LOOPBACK, ServerProcess

NAME = "pbx.contoso.test"


@pytest.fixture(scope="module")
def web_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with server_for_pages(tmp_path_factory.mktemp("web_server")) as running:
        yield running


@contextmanager
def server_for_pages(directory: Path, change: Change | None = None) -> Iterator[ServerProcess]:
    """On a copy of Contoso's file, which ``change`` may edit first."""
    certificates = directory / "certificates"
    Authority(directory / "authority").sign(certificates, NAME, LOOPBACK)
    running = new_server(directory, change)
    running.start(options=["--wss", f"{LOOPBACK}:0", "--certificates", certificates])
    try:
        yield running
    finally:
        running.stop()
