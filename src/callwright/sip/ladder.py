"""A ladder: SIP messages between named parties, as a picture and as lines to compare.

Pure text; the test world and the product's call view both draw with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

COLUMN_WIDTH_MIN = 16
TIME_WIDTH = 9
LABEL_BYTES_MAX = 2_048
"""Start line and CSeq stand within so much of any message that we send."""


@dataclass(frozen=True, slots=True)
class LadderStep:
    """One message. ``tags`` are facts that an expectation may name: ``lost``, ``sdp``, ..."""

    at_s: float
    source: str
    target: str
    label: str
    """``INVITE`` or ``200 OK``."""
    method: str = ""
    """The CSeq method; what a response answers."""
    tags: frozenset[str] = frozenset()

    @property
    def line(self) -> str:
        """``alice -> node INVITE sdp``: how an expectation writes this step."""
        words = [self.label]
        if self.label[:1].isdigit():
            words = [self.label.partition(" ")[0], self.method]
        return " ".join([f"{self.source} -> {self.target}", *words, *sorted(self.tags)])


def read_label(data: bytes) -> tuple[str, str]:
    """Returns the label and the CSeq method of a message; for what is not SIP, its first bytes."""
    text = data[:LABEL_BYTES_MAX].decode("utf-8", "replace")
    if not text.strip():
        return "keep-alive", ""
    start, _, headers = text.partition("\r\n")
    method = ""
    for line in headers.split("\r\n"):
        if line[:5].lower() == "cseq:":
            method = line.rpartition(" ")[2]
            break
    if start.startswith("SIP/2.0 "):
        return start[8:].strip(), method
    if start.endswith(" SIP/2.0"):
        return start.partition(" ")[0], method
    return f"not SIP: {start[:20]!r}", ""


def has_sdp(data: bytes) -> bool:
    return b"\r\n\r\nv=0" in data


def render_ladder(steps: Sequence[LadderStep], parties: Sequence[str] = ()) -> str:
    """Draws the steps under their parties; ``parties`` fixes the columns, others follow.

    Returns lines without a trailing newline, "" when there is nothing to draw.
    """
    names = list(parties)
    for step in steps:
        names += [name for name in (step.source, step.target) if name not in names]
    if not names or not steps:
        return ""
    longest = max(len(_caption(step)) + 8 for step in steps)
    width = max(COLUMN_WIDTH_MIN, longest, *(len(name) + 4 for name in names))
    centres = {name: TIME_WIDTH + width // 2 + width * at for at, name in enumerate(names)}
    began_s = steps[0].at_s
    return "\n".join(
        [_heading(centres), *(_drawn(step, centres, step.at_s - began_s) for step in steps)]
    )


def _heading(centres: dict[str, int]) -> str:
    line = ""
    for name, centre in centres.items():
        line = line.ljust(centre - len(name) // 2) + name
    return line


def _drawn(step: LadderStep, centres: dict[str, int], at_s: float) -> str:
    canvas = [" "] * (max(centres.values()) + 1)
    for centre in centres.values():
        canvas[centre] = "│"
    canvas[:TIME_WIDTH] = f"{at_s:.3f}".rjust(TIME_WIDTH - 1) + " "
    one, other = centres[step.source], centres[step.target]
    caption = f" {_caption(step)} "
    if one == other:
        line = "".join(canvas)
        return line[: one + 1] + " ↺" + caption.rstrip() + line[one + len(caption) + 2 :]
    left, right = min(one, other), max(one, other)
    canvas[left + 1 : right] = caption.center(right - left - 1, "─")
    if step.tags & {"lost", "blocked", "filtered", "unreachable"}:
        canvas[(right - 1) if other > one else (left + 1)] = "✗"
    elif other > one:
        canvas[right - 1] = "▶"
    else:
        canvas[left + 1] = "◀"
    return "".join(canvas)


def _caption(step: LadderStep) -> str:
    notes = [tag for tag in sorted(step.tags) if tag != "sdp"]
    label = step.label + (f" ({step.method})" if step.label[:1].isdigit() and step.method else "")
    return label + (" [sdp]" if "sdp" in step.tags else "") + "".join(f" <{n}>" for n in notes)
