"""Writes docs/reference/acceptance.md: every acceptance row, and the files whose tests show it.

With --check: fails where the page is not what would be written.
"""

import ast
import csv
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from generated import write_or_check

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/reference/acceptance.md"
HEAD = """\
# Acceptance rows

What the system is measured by, row by row, and the tests that show it; `tools/rows_page.py` writes
this page from [rows.tsv](../spec/rows.tsv) and the marks of the tests. `make test` proves them, and
`make rows` tells what the last run showed. A row without a test is not shown yet.

| Area | Rows | With a test |
|---|---|---|
"""


def read_rows() -> list[dict[str, str]]:
    with (ROOT / "docs/spec/rows.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def marked_files(folder: Path) -> Mapping[str, list[Path]]:
    """Row number to the files that have a test marked with it."""
    files: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        for row in sorted(marks_in(path.read_text(encoding="utf-8"))):
            files.setdefault(row, []).append(path)
    return files


def marks_in(source: str) -> set[str]:
    """The rows of ``pytest.mark.row(25)``, wherever it stands in a file."""
    return {
        str(argument.value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and is_row_mark(node.func)
        for argument in node.args
        if isinstance(argument, ast.Constant)
    }


def is_row_mark(function: ast.expr) -> bool:
    return ast.unparse(function) in ("pytest.mark.row", "mark.row", "row")


def page(rows: list[dict[str, str]], files: Mapping[str, list[Path]]) -> str:
    areas = list(dict.fromkeys(row["area"] for row in rows))
    parts = [HEAD]
    for area in areas:
        own = [row for row in rows if row["area"] == area]
        shown = sum(row["row"] in files for row in own)
        parts.append(f"| [{area}](#{area.lower()}) | {len(own)} | {shown} |\n")
    shown = sum(row["row"] in files for row in rows)
    parts.append(f"| all | {len(rows)} | {shown} |\n")
    for area in areas:
        parts.append(f"\n## {area}\n\n| | Feature | Acceptance | Shown by |\n|---|---|---|---|\n")
        parts += [line(row, files) for row in rows if row["area"] == area]
    return "".join(parts)


def line(row: Mapping[str, str], files: Mapping[str, list[Path]]) -> str:
    cells = (row["row"], row["feature"], row["acceptance"], ", ".join(links(row["row"], files)))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def links(row: str, files: Mapping[str, list[Path]]) -> Iterator[str]:
    for path in files.get(row, ()):
        place = path.relative_to(ROOT).as_posix()
        yield f"[{place.removeprefix('tests/')}](../../{place})"


if __name__ == "__main__":
    text = page(read_rows(), marked_files(ROOT / "tests"))
    sys.exit(write_or_check(__doc__, PAGE, text))
