"""A server that pages can reach, shared by the tests of one file."""

from collections.abc import Iterator

import pytest
from tests.interop.authority import Authority
from tests.interop.conftest import new_server
from tests.interop.process import LOOPBACK, ServerProcess

NAME = "pbx.contoso.test"


@pytest.fixture(scope="module")
def web_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    directory = tmp_path_factory.mktemp("web_server")
    certificates = directory / "certificates"
    Authority(directory / "authority").sign(certificates, NAME, LOOPBACK)
    running = new_server(directory)
    running.start(options=["--wss", f"{LOOPBACK}:0", "--certificates", certificates])
    yield running
    running.stop()
