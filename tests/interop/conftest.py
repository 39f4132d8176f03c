"""A real server for each file, others on demand, and the phones that talk to them."""

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path

import pytest
import yaml
from tests.interop.process import Organisation, ServerProcess, contoso, free_address
from tests.interop.sipp import SippRunner

Change = Callable[[Organisation], None]
LAST_CALLS, LOG_CHARS = 3, 4_000
StartServer = Callable[..., ServerProcess]


def new_server(directory: Path, change: Change | None = None) -> ServerProcess:
    """A server on a copy of Contoso's file; ``change`` may edit it first."""
    sbcs = (free_address(), free_address())
    organisation = contoso(*sbcs)
    if change is not None:
        change(organisation)
    file = directory / "contoso.yaml"
    file.write_text(yaml.safe_dump(organisation, sort_keys=False))
    return ServerProcess(directory / "state", file, sbcs)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails shows what the server wrote, and how the last calls ended."""
    report = yield
    server = getattr(item, "funcargs", {}).get("server")
    if report.failed and isinstance(server, ServerProcess):
        calls = json.dumps(server.records()[:LAST_CALLS], indent=1)
        report.sections.append(("server", f"{server.log_text[-LOG_CHARS:]}\nlast calls: {calls}"))
    return report


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Contoso as it is, shared by the tests of one file."""
    running = new_server(tmp_path_factory.mktemp("server"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """Starts a server of the test's own: ``start_server(change, options)``."""
    started: list[ServerProcess] = []

    def start(change: Change | None = None, options: Sequence[str | Path] = ()) -> ServerProcess:
        directory = tmp_path / f"server{len(started)}"
        directory.mkdir()
        running = new_server(directory, change)
        started.append(running)
        running.start(options=options)
        return running

    yield start
    for running in started:
        running.stop()


@pytest.fixture
def sipp(tmp_path: Path) -> Iterator[SippRunner]:
    """Starts sipp: ``sipp.start("call", server=..., to=...)``."""
    directory = tmp_path / "sipp"
    directory.mkdir()
    runner = SippRunner(directory)
    yield runner
    runner.close()
