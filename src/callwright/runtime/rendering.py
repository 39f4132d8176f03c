"""What is logged of prompts: how far their rendering is, and which cannot be heard."""

import structlog

from callwright.kernel.clock import Clock

NEWS_S = 2.0
"""A first start with many texts takes a minute; whoever waits for it wants to see it move."""

log = structlog.get_logger("callwright.prompts")


class RenderingNews:
    """A `Progress` that is logged now and then, and not at all when it is over soon."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told_at_s = clock.monotonic()
        self._was_told = False

    def __call__(self, done: int, total: int) -> None:
        now_s = self._clock.monotonic()
        is_over = done == total and self._was_told
        if is_over or now_s - self._told_at_s >= NEWS_S:
            self._told_at_s = now_s
            self._was_told = True
            log.info("rendering prompts", done=done, total=total)


def complain_of_prompt(problem: str) -> None:
    log.warning("a prompt cannot be heard", problem=problem)


def complain_of_recognition(problem: str) -> None:
    log.warning("nobody understands callers", problem=problem)
