"""What queues of calls and of `explain` share, and what a queue says of itself beforehand."""

from collections.abc import Iterator

from callwright.domains.queues.callback import CallbackRule, number_bar
from callwright.domains.queues.model import CallQueue
from callwright.kernel.decision import Step
from callwright.kernel.ids import ResourceAccountId
from callwright.routing.wording import onward_text, prompt_text


def callback_bar(queue: CallQueue, account: ResourceAccountId | None, calling: str) -> str | None:
    """Why a caller from ``calling`` is offered no callback, as far as the way of the call decides
    it; None: nothing stands against it."""
    if account is None and not queue.caller_ids:
        return "no resource account was called that could call back"
    return number_bar(calling)


def door_steps(queue: CallQueue) -> Iterator[Step]:
    """Which callers the queue may turn away."""
    most = f"at most {queue.max_waiting} callers wait in queue {queue.id}"
    yield Step(most, f"with one more, {onward_text(queue.overflow.to)}")
    if queue.no_agents is not None:
        onward = onward_text(queue.no_agents.to)
        yield Step(f"if no agent is signed in, {onward}", f"applies to {queue.no_agents_for.value}")


def greeting_steps(queue: CallQueue) -> Iterator[Step]:
    """What every caller hears who is let in."""
    if queue.greeting is not None:
        yield Step(f"the caller hears {prompt_text(queue.greeting)}", "greeting of the queue")
    if queue.recording is not None:
        said = prompt_text(queue.recording.announcement)
        yield Step(f"the caller hears {said}", "talks of the queue are recorded")


def waiting_steps(
    queue: CallQueue, account: ResourceAccountId | None, calling: str
) -> Iterator[Step]:
    """What happens while a caller waits."""
    yield Step(f"the caller hears {prompt_text(queue.music)}", "music of the queue")
    news = queue.announcements
    if news is not None:
        told = ((news.position, "the position"), (news.expected_wait, "the expected wait"))
        said = " and ".join(what for is_told, what in told if is_told)
        yield Step(f"every {news.every_s} s the caller hears {said}", "announcements of the queue")
    if queue.callback is None:
        return
    bar = callback_bar(queue, account, calling)
    if bar is not None:
        yield Step("no callback is offered", bar)
        return
    offer = f"a callback is offered for key {queue.callback.key}"
    yield Step(offer, f"to who {_when(queue.callback)}")


def _when(rule: CallbackRule) -> str:
    conditions = (
        (rule.after_wait_s, "is next and has waited {} s"),
        (rule.at_waiting, "finds {} waiting"),
        (rule.over_ratio, "comes when more than {} wait for each agent"),
    )
    return ", or ".join(text.format(value) for value, text in conditions if value is not None)
