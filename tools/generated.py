"""A file that a tool writes: written anew, or with --check only compared."""

import argparse
import sys
from pathlib import Path


def write_or_check(description: str | None, file: Path, text: str) -> int:
    """Does as the command line says, which ``description`` explains; returns the exit code."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--check", action="store_true", help="fail if the file is not fresh")
    if not parser.parse_args().check:
        file.write_text(text, encoding="utf-8")
        return 0
    if file.is_file() and file.read_text(encoding="utf-8") == text:
        return 0
    print(f"{file.name} is out of date: run tools/{Path(sys.argv[0]).name}", file=sys.stderr)
    return 1
