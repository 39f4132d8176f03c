"""Writes docs/reference/openapi.json from the routes of the API; with --check only compares."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from callwright.api.app import Health, make_app, open_api
from callwright.api.tenant import Tenant
from generated import write_or_check

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


def dangling(text: str) -> list[str]:
    """References of a document to what is not in it."""
    whole = json.loads(text)
    return sorted(ref for ref in set(_references(whole)) if not _leads(whole, ref))


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        part = dict(enumerate(part))
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from _references(inner)


def _leads(whole: Any, ref: str) -> bool:
    place = whole
    for name in ref.removeprefix("#/").split("/"):
        if not isinstance(place, dict) or name not in place:
            return False
        place = place[name]
    return True


def main() -> int:
    text = document()
    if lost := dangling(text):
        print(f"the document refers to what is not in it: {', '.join(lost)}", file=sys.stderr)
        return 1
    return write_or_check(__doc__, FILE, text)


if __name__ == "__main__":
    sys.exit(main())
