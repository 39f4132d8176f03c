"""Writes docs/reference/reasons.md from kernel/reason.py; with --check only compares."""

import argparse
import sys
from pathlib import Path

from callwright.kernel.reason import Reason

PAGE = Path(__file__).parent.parent / "docs/reference/reasons.md"
HEAD = """\
# Reasons

<!-- Generated from src/callwright/kernel/reason.py by `make docs`; edit that file. -->

Every call ends for one of these reasons. The code stands in the call record, in `callwright calls`
and in `callwright explain`; the SIP status is what the caller's phone was told. Where Teams Phone
has a sub-code for the same situation, it is given too.

| Code | SIP status | Sub-code | Meaning |
|---|---|---|---|
"""


def page() -> str:
    lines = (
        f"| `{reason.code}` | {reason.sip_status} | {reason.sub_code or ''} | {reason.text} |\n"
        for reason in sorted(Reason, key=lambda reason: reason.code)
    )
    return HEAD + "".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if the page is not fresh")
    if not parser.parse_args().check:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == page():
        return 0
    print("docs/reference/reasons.md is stale: run `make docs`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
