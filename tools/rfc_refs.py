"""Checks that every RFC the code cites stands in docs/rfc/index.tsv, and that the index is honest.

An entry is `rfc <tab> status <tab> where <tab> title`. A status of yes or partial needs a path that
exists; roadmap and no need none. A cited RFC may have any status: a comment may say why not.
"""

import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
INDEX = ROOT / "docs/rfc/index.tsv"
SOURCES = (("src", "*.py"), ("native", "*.rs"), ("tests", "*.py"))
STATUSES = ("yes", "partial", "roadmap", "no")
CITATION = re.compile(r"\bRFC[ -]?(\d{3,5})\b")


def main() -> int:
    with INDEX.open(encoding="utf-8", newline="") as file:
        entries = list(csv.DictReader(file, delimiter="\t"))
    problems = [*index_problems(entries), *citation_problems({row["rfc"] for row in entries})]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def index_problems(entries: list[dict[str, str]]) -> Iterator[str]:
    numbers = [int(row["rfc"]) for row in entries]
    if numbers != sorted(set(numbers)):
        yield "docs/rfc/index.tsv: keep the entries in order and each RFC once"
    for row in entries:
        place = f"docs/rfc/index.tsv: RFC {row['rfc']}"
        if row["status"] not in STATUSES:
            yield f"{place} has status {row['status']!r}; write one of {', '.join(STATUSES)}"
        if row["status"] in ("yes", "partial") and not row["where"]:
            yield f"{place} says {row['status']} but not where"
        for path in row["where"].split():
            if not (ROOT / path).exists():
                yield f"{place} points to {path}, which does not exist"


def citation_problems(known: set[str]) -> Iterator[str]:
    for folder, pattern in SOURCES:
        for path in sorted((ROOT / folder).rglob(pattern)):
            if "target" in path.parts:
                continue
            lines = path.read_text(encoding="utf-8").splitlines()
            for number, line in enumerate(lines, start=1):
                for rfc in CITATION.findall(line):
                    if rfc not in known:
                        place = f"{path.relative_to(ROOT)}:{number}"
                        yield f"{place}: RFC {rfc} is missing from docs/rfc/index.tsv"


if __name__ == "__main__":
    sys.exit(main())
