"""What a waiting caller hears: music, news of the line between it, and the offer of a callback.

An agent's answer ends whatever is heard at once: nothing of it is waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass

from callwright.apps.call_queue.floor import Floor
from callwright.apps.call_queue.ticket import Ticket
from callwright.apps.phrases_queues import line_news
from callwright.calls.media_leg import MediaLeg
from callwright.domains.queues.announcements import expected_wait_s, outlook
from callwright.domains.queues.callback import CallbackRule, Waiting, is_eligible
from callwright.domains.queues.model import CallQueue
from callwright.kernel.limits.queues import QUEUE_CALLBACK_OFFER_S

SILENT_S = 1.0
"""Music that is shorter cannot be played: it is tried again after so long."""


@dataclass(frozen=True, slots=True)
class CallbackOffer:
    """What the caller may be offered; the caller's number was looked at."""

    rule: CallbackRule
    waiting_before: int
    agents_at_arrival: int
    take: Callable[[], Coroutine[object, object, bool]]
    """The caller pressed the key; False: the request could not be kept."""


class WaitingRoom:
    """One caller's; plays nothing that waits for an agent."""

    def __init__(
        self,
        floor: Floor,
        queue: CallQueue,
        ticket: Ticket,
        media: MediaLeg,
        offer: CallbackOffer | None,
    ) -> None:
        self._floor = floor
        self._clock = floor.clock
        self._queue = queue
        self._ticket = ticket
        self._media = media
        self._offer = offer
        self._heard_ms = 0
        """How much of the music was heard, in this round of it."""

    async def entertain(self, wait: Awaitable[None]) -> None:
        """The caller hears what is to be heard until the wait is over."""
        if self._queue.announcements is None and self._offer is None:
            self._media.start_play(self._queue.music, loop=True)
            await wait
            return
        async with asyncio.TaskGroup() as group:
            hearing = group.create_task(self._run(), name=f"{self._ticket.guest.call} waiting room")
            try:
                await wait
            finally:
                hearing.cancel()

    async def _run(self) -> None:
        rule = self._queue.announcements
        news_s = None if rule is None else self._clock.monotonic() + rule.every_s
        while True:
            has_ended = await self._play_music(news_s)
            if rule is not None and news_s is not None and self._clock.monotonic() >= news_s:
                await self._tell_news()
                news_s = self._clock.monotonic() + rule.every_s
            if has_ended and self._may_offer() and await self._make_offer():
                return

    async def _play_music(self, until_s: float | None) -> bool:
        """Goes on where the music was interrupted; False: it is time for something else."""
        began_s = self._clock.monotonic()
        left_s = None if until_s is None else max(0.0, until_s - began_s)
        with suppress(TimeoutError):
            async with asyncio.timeout(left_s):
                await self._media.play(self._queue.music, start_ms=self._heard_ms)
                if self._clock.monotonic() - began_s + self._heard_ms / 1000 < SILENT_S:
                    await asyncio.sleep(SILENT_S)
                self._heard_ms = 0
                return True
        self._heard_ms += int((self._clock.monotonic() - began_s) * 1000)
        return False

    async def _tell_news(self) -> None:
        rule = self._queue.announcements
        if rule is None:
            return
        position = self._floor.position(self._ticket)
        answers = self._floor.history.answered_at_s(self._ticket.queue)
        expected_s = expected_wait_s(position, answers, self._clock.monotonic())
        said = line_news(outlook(rule, position, expected_s), self._queue.language)
        if said:
            await self._media.play(*said)

    def _may_offer(self) -> bool:
        """Not while an agent rings (SPEC 5.6)."""
        offer, ticket = self._offer, self._ticket
        if offer is None or ticket.ringing or not ticket.wants_agents:
            return False
        waiting = Waiting(
            waited_s=self._clock.monotonic() - ticket.since_s,
            position=1 + self._floor.callers_before(ticket),
            waiting_before=offer.waiting_before,
            agents_at_arrival=offer.agents_at_arrival,
        )
        return is_eligible(offer.rule, waiting)

    async def _make_offer(self) -> bool:
        """True: the caller took it, and waits here no longer."""
        offer, media = self._offer, self._media
        assert offer is not None, "there is something to offer"
        media.forget_digits()
        await media.play_until_digit(offer.rule.offer)
        key = await media.next_digit(within_s=QUEUE_CALLBACK_OFFER_S)
        if key != offer.rule.key or not self._ticket.wants_agents:
            return False
        return await offer.take()
