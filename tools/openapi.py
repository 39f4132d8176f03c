"""Writes docs/reference/openapi.json from the routes of the API; with --check only compares."""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry

from callwright.api.app import Health, make_app, open_api
from callwright.api.tenant import Tenant

FILE = Path(__file__).parent.parent / "docs/reference/openapi.json"


class NoTenants:
    """To describe the routes nobody is needed who is asked."""

    def first(self) -> Tenant:
        raise LookupError("nobody is asked")

    def find(self, domain: str) -> Tenant | None:
        return None

    def all(self) -> Iterable[Tenant]:
        return ()


def document() -> str:
    health = Health(False, "no organisation", None, 0, 0)
    app = make_app(health=lambda: health, registry=CollectorRegistry())
    open_api(app, NoTenants(), monotonic=lambda: 0.0, seal=bytes(32))
    return json.dumps(app.openapi(), indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if the file is not fresh")
    if not parser.parse_args().check:
        FILE.write_text(document(), encoding="utf-8")
        return 0
    if FILE.exists() and FILE.read_text(encoding="utf-8") == document():
        return 0
    print("docs/reference/openapi.json is stale: run `make docs`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
