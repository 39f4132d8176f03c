"""Style rules that no linter knows; `make check` runs it.

Exceptions stand in tidy_exceptions.tsv as `rule <tab> place <tab> why`. An entry that nothing needs
any longer is an error, so the list can only shrink by itself.
"""

import ast
import csv
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXCEPTIONS = Path(__file__).parent / "tidy_exceptions.tsv"
FOLDERS = ("src", "native", "tests", "tools", "bench")

FUNCTION_LINES_MAX = 70
MODULE_LINES_AIM = 400
MODULE_LINES_MAX = 600
"""Between the two an exception with a reason is possible, above it is not."""

BANNED_NAME_WORDS = frozenset(
    {"util", "utils", "helper", "helpers", "manager", "misc", "common", "data", "info", "stuff"}
)

EDGES = ("src/callwright/runtime/*", "src/callwright/testing/*", "src/callwright/cli/*")
TASK_OWNERS = ("src/callwright/runtime/tasks.py", "src/callwright/calls/call.py")
NAMED_TASKS = "they name, keep and end what they start"
CALLS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "asyncio.create_task": (TASK_OWNERS, NAMED_TASKS),
    "asyncio.ensure_future": (TASK_OWNERS, NAMED_TASKS),
    "get_running_loop().create_task": (TASK_OWNERS, NAMED_TASKS),
    "datetime.now": (EDGES, "take a Clock"),
    "datetime.utcnow": ((), "take a Clock"),
    "date.today": (EDGES, "take a Clock"),
    "time.time": (EDGES, "take a Clock"),
    "time.monotonic": (EDGES, "take a Clock"),
    "time.sleep": (EDGES, "take a Clock"),
    "random.random": (EDGES, "take the generator as an argument"),
    "random.Random": (EDGES, "take the generator as an argument"),
    "random.choice": (EDGES, "take the generator as an argument"),
    "uuid.uuid4": (EDGES, "take the id, or what makes it, as an argument"),
    "secrets.token_hex": (EDGES, "take the secret as an argument"),
    "secrets.token_bytes": (EDGES, "take the secret as an argument"),
}
"""What may be called only in the places named, and what to do elsewhere; for src only."""


@dataclass(frozen=True, slots=True)
class Finding:
    rule: str
    place: str
    """Path, or path::function; an exception names it so."""
    line: int
    text: str
    is_excusable: bool = True

    def __str__(self) -> str:
        return f"{self.place.partition('::')[0]}:{self.line}: {self.rule}: {self.text}"


def main() -> int:
    findings = [found for path in source_files(ROOT) for found in check_file(path, ROOT)]
    with EXCEPTIONS.open(encoding="utf-8", newline="") as file:
        excused = {(row["rule"], row["place"]) for row in csv.DictReader(file, delimiter="\t")}
    problems = [*unexcused(findings, excused), *needless(findings, excused)]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def unexcused(findings: Iterable[Finding], excused: set[tuple[str, str]]) -> Iterator[str]:
    for found in findings:
        if not (found.is_excusable and (found.rule, found.place) in excused):
            yield str(found)


def needless(findings: Iterable[Finding], excused: set[tuple[str, str]]) -> Iterator[str]:
    needed = {(found.rule, found.place) for found in findings if found.is_excusable}
    for rule, place in sorted(excused - needed):
        yield f"tools/tidy_exceptions.tsv: {rule} {place}: no longer needed, remove the entry"


def source_files(root: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".py", ".rs") and not {"target", "__pycache__"} & set(path.parts):
                yield path


def check_file(path: Path, root: Path) -> Iterator[Finding]:
    place = path.relative_to(root).as_posix()
    text = path.read_text(encoding="utf-8")
    yield from name_findings(path, place)
    yield from module_findings(text, place)
    if path.suffix == ".py":
        tree = ast.parse(text, place)
        yield from function_findings(tree, place)
        if place.startswith("src/"):
            yield from call_findings(tree, place)


def name_findings(path: Path, place: str) -> Iterator[Finding]:
    for word in sorted(BANNED_NAME_WORDS & set(path.stem.lower().split("_"))):
        yield Finding("name", place, 1, f"{word!r} says nothing; name what the module is about")


def module_findings(text: str, place: str) -> Iterator[Finding]:
    count = text.count("\n")
    if count > MODULE_LINES_AIM:
        excusable = count <= MODULE_LINES_MAX
        limit = MODULE_LINES_AIM if excusable else MODULE_LINES_MAX
        yield Finding("module-lines", place, 1, f"{count} lines, limit {limit}", excusable)


def function_findings(tree: ast.Module, place: str) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            count = body_lines(node)
            if count > FUNCTION_LINES_MAX:
                text = f"{node.name} has {count} lines, limit {FUNCTION_LINES_MAX}"
                yield Finding("function-lines", f"{place}::{node.name}", node.lineno, text)


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from ``def`` to the end; the docstring does not count."""
    assert node.end_lineno is not None
    count = node.end_lineno - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is not None and first.end_lineno is not None:
        count -= first.end_lineno - first.lineno + 1
    return count


def call_findings(tree: ast.Module, place: str) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        name = ".".join(ast.unparse(node).split(".")[-2:])
        allowed, remedy = CALLS.get(name, (None, ""))
        if allowed is not None and not any(fnmatch(place, pattern) for pattern in allowed):
            where = f"only in {', '.join(allowed)}" if allowed else "nowhere"
            text = f"{name} is allowed {where}: {remedy}"
            yield Finding("ambient", place, node.lineno, text)


if __name__ == "__main__":
    sys.exit(main())
