"""What a simulated phone watches: one subscription, and everything that it was told."""

import asyncio
import re
from collections.abc import Callable, Sequence

from callwright.sip.endpoint import Endpoint
from callwright.sip.flow import Flow
from callwright.sip.message import Request, Response
from callwright.sip.subscriber import Subscriber
from callwright.testing.phone_call import PATIENCE_S

CHALLENGES_MAX = 2


class PhoneWatch:
    """A lamp of a phone (``SubscriberListener``)."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        flow: Flow,
        address: str,
        uri: str,
        event: str,
        expires_s: int,
        headers: Sequence[tuple[str, str]],
        credentials: Callable[[str, str], list[tuple[str, str]]],
        note_challenge: Callable[[Response], bool],
    ) -> None:
        self.told: list[Request] = []
        """Every NOTIFY, oldest first."""
        self.refused: int | None = None
        self.is_over = False
        self.subscriber: Subscriber
        self._endpoint = endpoint
        self._flow = flow
        self._address = address
        self._uri = uri
        self._event = event
        self._expires_s = expires_s
        self._headers = tuple(headers)
        self._credentials = credentials
        self._note_challenge = note_challenge
        self._challenges = 0
        self._news = asyncio.Event()
        self._subscribe()

    @property
    def body(self) -> str:
        """The newest document; "" before the first."""
        return self.told[-1].body.decode() if self.told else ""

    @property
    def states(self) -> list[str]:
        """Of the dialogs in the newest document: ``["early"]``."""
        return re.findall(r"<state[^>]*>([a-z]+)</state>", self.body)

    @property
    def reason(self) -> str:
        """Of the newest Subscription-State: ``timeout``; "" while it is active."""
        state = (self.told[-1].header("Subscription-State") or "") if self.told else ""
        return state.partition("reason=")[2] if state.startswith("terminated") else ""

    async def until(
        self, holds: Callable[["PhoneWatch"], bool], *, within_s: float = PATIENCE_S
    ) -> None:
        """Waits until what was told is as wanted."""
        try:
            async with asyncio.timeout(within_s):
                while not holds(self):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"{self._event} of {self._uri}: told {self.body!r}") from None

    async def until_says(self, text: str, *, within_s: float = PATIENCE_S) -> None:
        """Waits until the newest document contains ``text``."""
        await self.until(lambda watch: text in watch.body, within_s=within_s)

    async def until_lit(self, *states: str, within_s: float = PATIENCE_S) -> None:
        """Waits until the newest document tells of dialogs in these states."""
        await self.until(lambda watch: watch.states == list(states), within_s=within_s)

    async def until_over(self, *, within_s: float = PATIENCE_S) -> None:
        """Waits until it was refused or has ended."""
        await self.until(lambda watch: watch.is_over, within_s=within_s)

    def unsubscribe(self) -> None:
        self.subscriber.unsubscribe()

    # -- SubscriberListener ------------------------------------------------------------------------

    def on_notify(self, subscriber: Subscriber, request: Request) -> None:
        self.told.append(request)
        self._news.set()

    def on_over(self, subscriber: Subscriber, response: Response | None) -> None:
        is_challenge = response is not None and response.status == 401
        if (
            response is not None
            and is_challenge
            and self._challenges < CHALLENGES_MAX
            and self._note_challenge(response)
        ):
            self._challenges += 1
            self._subscribe()
            return
        self.refused = None if response is None else response.status
        self.is_over = True
        self._news.set()

    def _subscribe(self) -> None:
        self.subscriber = self._endpoint.subscribe(
            flow=self._flow,
            uri=self._uri,
            from_=self._address,
            to=f"<{self._uri}>",
            event=self._event,
            expires_s=self._expires_s,
            listener=self,
            headers=(*self._headers, *self._credentials("SUBSCRIBE", self._uri)),
        )
