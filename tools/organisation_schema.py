"""Writes docs/reference/organisation.schema.json from the shape of the file; with --check only
compares."""

import json
import sys
from pathlib import Path

from callwright.operations.json_schema import file_schema
from generated import write_or_check

FILE = Path(__file__).parent.parent / "docs/reference/organisation.schema.json"


def document() -> str:
    return json.dumps(file_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(write_or_check(__doc__, FILE, document()))
