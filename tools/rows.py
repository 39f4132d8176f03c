"""Prints which acceptance rows the last test run showed; runs no test itself.

shown    a test marked with the row passed, and none failed
failing  a test marked with the row failed
absent   no test shows the row, or all that would were skipped
"""

import argparse
import csv
import json
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
STATES = ("shown", "failing", "absent")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--area", help="one area only: CQ")
    parser.add_argument("--results", type=Path, default=Path("results"))
    arguments = parser.parse_args()

    evidence_file = arguments.results / "rows.json"
    if not evidence_file.exists():
        print(f"{evidence_file} does not exist: run `make test` first", file=sys.stderr)
        return 1
    evidence = json.loads(evidence_file.read_text(encoding="utf-8"))
    with (ROOT / "docs/spec/rows.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    areas = list(dict.fromkeys(row["area"] for row in rows))
    if arguments.area:
        if arguments.area.upper() not in areas:
            print(f"no area {arguments.area}; there are {' '.join(areas)}", file=sys.stderr)
            return 1
        areas = [arguments.area.upper()]
    report(areas, rows, evidence)
    return 0


def report(
    areas: list[str], rows: list[dict[str, str]], evidence: dict[str, list[dict[str, str]]]
) -> None:
    totals: Counter[str] = Counter()
    for area in areas:
        states = [(row, state(evidence.get(row["row"], []))) for row in rows if row["area"] == area]
        counts = Counter(name for _, name in states)
        totals += counts
        print(f"{area:6}{summary(counts)}")
        for row, name in states:
            print(f"  {row['row']:>4}  {name:8} {row['feature']}")
    print(f"{'all':6}{summary(totals)}")


def state(tests: list[dict[str, str]]) -> str:
    outcomes = {test["outcome"] for test in tests}
    if "failed" in outcomes:
        return "failing"
    return "shown" if "passed" in outcomes else "absent"


def summary(counts: Counter[str]) -> str:
    return "  ".join(f"{counts[name]:3} {name}" for name in STATES)


if __name__ == "__main__":
    sys.exit(main())
