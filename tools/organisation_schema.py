"""Writes docs/reference/organisation.schema.json from the shape of the file; with --check only
compares."""

import argparse
import json
import sys
from pathlib import Path

from callwright.operations.json_schema import file_schema

FILE = Path(__file__).parent.parent / "docs/reference/organisation.schema.json"


def document() -> str:
    return json.dumps(file_schema(), indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if the file is not fresh")
    if not parser.parse_args().check:
        FILE.write_text(document(), encoding="utf-8")
        return 0
    if FILE.is_file() and FILE.read_text(encoding="utf-8") == document():
        return 0
    print(f"{FILE.name} is out of date; run tools/{Path(__file__).name}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
