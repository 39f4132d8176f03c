"""Administers an organisation of 50,000 people and says what each act costs.

CPU seconds of this process stand beside the wall time, since machines are noisy.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, TypeVar

from callwright.operations.actor import Actor
from callwright.operations.administration import Administration
from callwright.operations.configuration import Edit
from callwright.operations.export_organisation import export_organisation
from callwright.operations.organisation_file import (
    Former,
    build_snapshot,
    follow_snapshot,
    read_organisation,
)
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database

T = TypeVar("T")
BENCH = Actor("local", "bench")
FIRST_NUMBER = 12_062_000_000
HEAD = """
organisation: {{name: Large, domain: large.test, country: US, timezone: UTC, language: en-US}}
licences: {{phone-system: {people}}}
pstn:
  direct_routing:
    sbcs: {{carrier: {{address: "127.0.0.1:15080", transport: udp}}}}
    routes:
      - {{name: everywhere, pattern: '^\\+\\d{{7,15}}$', usage: all, sbcs: [carrier], priority: 1}}
    policies: {{default: {{usages: [all]}}}}
"""


class Table:
    """Rows of what was measured."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def time(self, what: str, act: Callable[[], T], *, target_s: float | None = None) -> T:
        wall, cpu = time.perf_counter(), time.process_time()
        result = act()
        self.rows.append(
            {
                "what": what,
                "wall_s": round(time.perf_counter() - wall, 4),
                "cpu_s": round(time.process_time() - cpu, 4),
                "target_s": target_s,
            }
        )
        row = self.rows[-1]
        target = "" if target_s is None else f"   target {target_s} s"
        print(
            f"{what:44} {row['wall_s']:9.3f} s wall {row['cpu_s']:9.3f} s CPU{target}", flush=True
        )
        return result


def large_file(folder: Path, people: int) -> Path:
    """As many people, each with a number of their own that is an entry of its own."""
    users = "".join(
        f'  p{n}: {{name: Person {n}, licences: [phone-system], number: "+{FIRST_NUMBER + n}", '
        f'extension: "{100_000 + n}", sip: {{password: secret-{n}}}}}\n'
        for n in range(people)
    )
    numbers = "".join(
        f'  - {{number: "+{FIRST_NUMBER + n}", kind: user, source: direct-routing}}\n'
        for n in range(people)
    )
    file = folder / "large.yaml"
    file.write_text(
        f"{HEAD.format(people=people)}users:\n{users}numbers:\n{numbers}", encoding="utf-8"
    )
    return file


def measure(people: int, folder: Path) -> Table:
    table = Table()
    file = large_file(folder, people)
    database = Database.open(folder / "system")
    organisation = table.time("read and check the file", lambda: read_organisation(file))
    repository = StoredConfiguration(database, utc=lambda: datetime.now(UTC))
    administration = Administration(repository)
    table.time(
        "apply it, 50,000 users and numbers",
        lambda: administration.replace(organisation, by=BENCH),
        target_s=120,
    )
    table.time(
        "plan of an unchanged organisation, file included",
        lambda: Administration(repository).replace(read_organisation(file), by=BENCH, dry_run=True),
        target_s=5,
    )
    other = Administration(repository)
    read = table.time("another process reads all of it", lambda: other.current().organisation)
    assert read is not None
    snapshot = table.time("build its snapshot", lambda: build_snapshot(read, revision=1, base=None))
    for number in range(3):
        edit = Edit({("user", "p77"): {"name": f"Changed {number}", "extension": "9"}})
        table.time("change one user", lambda edit=edit: administration.change(edit, by=BENCH))
    news = table.time("the other process follows", lambda: other.current().organisation)
    assert news is not None
    followed = table.time(
        "rebuild its snapshot after one user",
        lambda: follow_snapshot(Former(read, snapshot), news, revision=2),
        target_s=0.05,
    )
    assert followed.users[next(iter(followed.users))] is snapshot.users[next(iter(snapshot.users))]
    table.time("export", lambda: export_organisation(administration.current().entities))
    watch_server(table, folder / "system", administration)
    database.close()
    return table


def watch_server(table: Table, data: Path, administration: Administration) -> None:
    """How soon a running server has a change of one user in its snapshot."""
    command = [Path(sys.executable).parent / "callwright", "serve", "--data", data]
    command += ["--sip", "127.0.0.1:0", "--http", "127.0.0.1:0", "--rtp", "31000-31100"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        ready = table.time("start a server on it", lambda: _until_ready(server.stdout))
        address = ready.partition("http=")[2].split()[0]
        for number in range(3):
            edit = Edit({("user", "p77"): {"name": f"Again {number}", "extension": "9"}})
            revision = administration.change(edit, by=BENCH).revision
            table.time(
                "the server follows one user",
                lambda revision=revision: _until_revision(address, revision),
                target_s=1.0,
            )
        server.terminate()


def _until_ready(lines: IO[str]) -> str:
    return next(line for line in lines if line.startswith("ready "))


def _until_revision(address: str, revision: int) -> None:
    while True:
        with urllib.request.urlopen(f"http://{address}/healthz") as answer:
            if json.load(answer)["revision"] >= revision:
                return
        time.sleep(0.005)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--json", type=Path, help="write the rows there, too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="callwright-large-") as folder:
        table = measure(options.people, Path(folder))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'peak memory of the process':44} {peak_mb:9.0f} MB")
    if options.json is not None:
        options.json.write_text(json.dumps(table.rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
