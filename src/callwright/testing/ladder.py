"""Expectations about the messages that went over the simulated network.

    assert_ladder(network.recorder, '''
        alice -> node   INVITE
        node  -> alice  100
        ...
        node  -> alice  200 INVITE sdp
    ''')

A line names sender, receiver and message; more words (method of a response, ``sdp``, ``lost``,
``again``) must hold when they stand there. ``...`` is any number of messages; # begins a comment.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from callwright.sip.ladder import LadderStep, has_sdp, read_label, render_ladder
from callwright.testing.network import Fate, Passage, Recorder

GAP = "..."
_FATE_TAGS = {
    Fate.LOST: "lost",
    Fate.BLOCKED: "blocked",
    Fate.FILTERED: "filtered",
    Fate.UNREACHABLE: "unreachable",
}


def ladder_of(
    recorder: Recorder,
    *,
    between: Sequence[str] = (),
    without: Iterable[str] = (),
    since_s: float = 0.0,
) -> list[LadderStep]:
    """The recorded messages as steps.

    ``between`` keeps the messages of these parties with each other, ``without`` leaves methods out
    (``REGISTER``, ``OPTIONS``); keep-alives and what the network doubled are left out always.
    """
    left_out = set(without)
    seen: set[tuple[str, str, bytes]] = set()
    steps = []
    for passage in recorder.passages:
        path = (passage.sender, passage.receiver, passage.data)
        is_again = path in seen
        seen.add(path)
        if passage.is_copy or passage.sent_at_s < since_s:
            continue
        if between and not {passage.sender, passage.receiver} <= set(between):
            continue
        step = _step(passage, is_again=is_again)
        if step.method and step.method not in left_out:
            steps.append(step)
    return steps


def _step(passage: Passage, *, is_again: bool) -> LadderStep:
    label, method = read_label(passage.data)
    tags = {"again"} if is_again else set()
    if has_sdp(passage.data):
        tags.add("sdp")
    if passage.fate in _FATE_TAGS:
        tags.add(_FATE_TAGS[passage.fate])
    return LadderStep(
        at_s=passage.sent_at_s,
        source=passage.sender,
        target=passage.receiver,
        label=label,
        method=method,
        tags=frozenset(tags),
    )


@dataclass(frozen=True, slots=True)
class _Expected:
    text: str
    source: str
    target: str
    words: tuple[str, ...]

    def fits(self, step: LadderStep) -> bool:
        if (step.source, step.target) != (self.source, self.target):
            return False
        first, *others = self.words
        if first != step.label.partition(" ")[0]:
            return False
        facts = {step.method, *step.tags}
        return all(word in facts for word in others)


def assert_ladder(
    found: Recorder | Sequence[LadderStep],
    expected: str,
    *,
    between: Sequence[str] = (),
    without: Iterable[str] = (),
    since_s: float = 0.0,
) -> None:
    """Raises AssertionError with both sides and the picture when the messages differ."""
    if isinstance(found, Recorder):
        found = ladder_of(found, between=between, without=without, since_s=since_s)
    wanted = _read(expected)
    matched = _longest_match(wanted, found)
    if matched is not None:
        raise AssertionError(_difference(wanted, found, matched))


def _read(expected: str) -> list[_Expected | None]:
    """Expectations in order; None is a gap. Raises ValueError for a line nobody can read."""
    wanted: list[_Expected | None] = []
    for line in expected.splitlines():
        text = line.partition("#")[0].strip()
        if not text:
            continue
        if text == GAP:
            wanted.append(None)
            continue
        words = text.split()
        if len(words) < 4 or words[1] != "->":
            raise ValueError(f"{text!r} is not 'SENDER -> RECEIVER MESSAGE'")
        wanted.append(_Expected(text, words[0], words[2], tuple(words[3:])))
    return wanted


def _longest_match(
    wanted: Sequence[_Expected | None], found: Sequence[LadderStep]
) -> tuple[int, int] | None:
    """None when everything fits; else how many expectations and messages fitted at best."""
    reachable = {0}
    best = (0, 0)
    for count, expectation in enumerate(wanted):
        if expectation is None:
            reachable = set(range(min(reachable), len(found) + 1))
        else:
            reachable = {
                at + 1 for at in reachable if at < len(found) and expectation.fits(found[at])
            }
        if not reachable:
            return best
        best = (count + 1, min(reachable))
    return None if len(found) in reachable else (len(wanted), best[1])


def _difference(
    wanted: Sequence[_Expected | None], found: Sequence[LadderStep], matched: tuple[int, int]
) -> str:
    fitted, at = matched
    texts = [GAP if line is None else line.text for line in wanted]
    missing = texts[fitted] if fitted < len(texts) else "the end"
    got = found[at].line if at < len(found) else "the end"
    if fitted < len(texts) and fitted and wanted[fitted - 1] is None:
        got = f"nothing like it after message {at}"
    marked = [f"{'>>' if n == fitted else '  '} {text}" for n, text in enumerate(texts)]
    lines = [f"{'>>' if n == at else '  '} {step.line}" for n, step in enumerate(found)]
    return "\n".join(
        [
            f"the ladder differs: expected {missing}; found {got}",
            "",
            "expected:",
            *marked,
            "",
            "found:",
            *lines,
            "",
            render_ladder(found),
        ]
    )
