"""Writes docs/reference/reasons.md from kernel/reason.py; with --check only compares."""

import sys
from pathlib import Path

from callwright.kernel.reason import Reason
from generated import write_or_check

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


if __name__ == "__main__":
    sys.exit(write_or_check(__doc__, PAGE, page()))
