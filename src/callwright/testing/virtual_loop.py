"""An event loop whose clock jumps to the next timer when nothing is runnable (ADR 0004).

No thread, socket or real clock takes part, so that a run is a function of its program and its seed.
Whatever a real loop would wait for outside (a socket, a thread) does not exist here: asking for a
socket raises, work meant for a thread is done on the spot.
"""

import asyncio
import heapq
import random
from asyncio.base_events import BaseEventLoop
from collections.abc import Callable, Coroutine
from contextvars import Context
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NoReturn, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

STARTED_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""Where virtual time begins unless a test says otherwise: a Monday morning."""
VIRTUAL_S_MAX = 7 * 86_400.0
"""A run that goes on for a virtual week waits for something that will not come."""
TURNS_PER_INSTANT_MAX = 100_000
"""Turns of the loop without time passing: more is a busy loop."""
TASKS_SHOWN_MAX = 20


class Deadlock(AssertionError):
    """Nothing is runnable and no timer is set: the world would stand still for ever."""


class NeverEnding(AssertionError):
    """The run passed its bound of virtual time, or keeps busy without time passing."""


class _NextTimer:
    """Stands where a loop has its selector: instead of waiting it moves the clock."""

    def __init__(self, loop: "VirtualLoop") -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[object]:
        self._loop.pass_time(timeout)
        return []

    def close(self) -> None:
        """Holds nothing."""


class _OrderedTimer(asyncio.TimerHandle):
    """Timers of the same instant fire in the order in which they were set."""

    __slots__ = ("number",)
    number: int
    _scheduled: bool

    def __lt__(self, other: asyncio.TimerHandle) -> bool:
        mine, theirs = self.when(), other.when()
        return mine < theirs or (
            mine == theirs and isinstance(other, _OrderedTimer) and self.number < other.number
        )


class VirtualLoop(BaseEventLoop):
    """Use `run`; the loop that runs is ``asyncio.get_running_loop()``."""

    def __init__(
        self,
        *,
        seed: int = 0,
        started_at: datetime = STARTED_AT,
        limit_s: float = VIRTUAL_S_MAX,
    ) -> None:
        super().__init__()
        self._timer_numbers = count()
        self.random = random.Random(seed)
        """The only source of chance in a world."""
        self.started_at = started_at
        self.failures: list[BaseException] = []
        """What callbacks and abandoned tasks raised, in order."""
        self._now_s = 0.0
        self._limit_s = limit_s
        self._turns = 0
        self._selector = _NextTimer(self)
        self._clock_resolution = 1e-9
        self.set_exception_handler(_keep_failure)

    def time(self) -> float:
        """Virtual seconds since the run began."""
        return self._now_s

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        timer = _OrderedTimer(when, callback, args, self, context)
        timer.number = next(self._timer_numbers)
        heapq.heappush(self._heap, timer)
        timer._scheduled = True
        return timer

    def timers(self) -> list[asyncio.TimerHandle]:
        """Those that are set and not cancelled."""
        return [handle for handle in self._heap if not handle.cancelled()]

    @property
    def _heap(self) -> list[asyncio.TimerHandle]:
        """Where BaseEventLoop keeps its timers; it replaces the list now and then."""
        heap: list[asyncio.TimerHandle] = self.__dict__["_scheduled"]
        return heap

    def pass_time(self, timeout: float | None) -> None:
        """Moves the clock to the next timer; ``None`` means that there is none to come."""
        if timeout is None:
            raise Deadlock("nothing will ever happen again; waiting are:\n" + self._waiting())
        if timeout > 0 and self._heap:
            self._now_s = max(self._now_s, self._heap[0].when())
            self._turns = 0
        self._turns += 1
        if self._turns > TURNS_PER_INSTANT_MAX:
            raise NeverEnding(
                f"busy without end at {self._now_s:g} s; waiting are:\n" + self._waiting()
            )
        if self._now_s > self._limit_s:
            raise NeverEnding(
                f"still running after {self._limit_s:g} s; waiting are:\n" + self._waiting()
            )

    def run_in_executor(
        self, executor: Any, func: Callable[[*Ts], T], *args: *Ts
    ) -> "asyncio.Future[T]":
        """Does the work at once, on this thread: there are no others."""
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:
            done.set_exception(error)
        return done

    async def create_datagram_endpoint(self, *args: Any, **options: Any) -> NoReturn:
        raise _no_sockets()

    async def create_connection(self, *args: Any, **options: Any) -> NoReturn:
        raise _no_sockets()

    async def create_server(self, *args: Any, **options: Any) -> NoReturn:
        raise _no_sockets()

    async def getaddrinfo(self, *args: Any, **options: Any) -> NoReturn:
        raise _no_sockets()

    def _process_events(self, event_list: list[object]) -> None:
        """There are no events but timers."""

    def _write_to_self(self) -> None:
        """Nobody else could wake this loop; what was called soon runs in the next turn."""

    def _waiting(self) -> str:
        """One line for each task: its name, its coroutine, and where it waits."""
        lines = []
        for task in asyncio.all_tasks(self):
            coroutine = getattr(task.get_coro(), "__qualname__", "?")
            frames = task.get_stack(limit=1)
            place = f"{frames[0].f_code.co_filename}:{frames[0].f_lineno}" if frames else "?"
            lines.append(f"  {task.get_name()} ({coroutine}) at {place}")
        shown = sorted(lines)[:TASKS_SHOWN_MAX]
        more = len(lines) - len(shown)
        return "\n".join(shown + ([f"  and {more} more"] if more else [])) or "  no task at all"


class VirtualClock:
    """The `Clock` of a virtual world: reads and sets timers on its loop."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def monotonic(self) -> float:
        return self._loop.time()

    def utc(self) -> datetime:
        return self._loop.started_at + timedelta(seconds=self._loop.time())

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        return self._loop.call_later(delay_s, callback)


def run(
    main: Coroutine[Any, Any, T],
    *,
    seed: int = 0,
    started_at: datetime = STARTED_AT,
    limit_s: float = VIRTUAL_S_MAX,
) -> T:
    """Runs ``main`` to its end in virtual time and returns its result.

    Raises what ``main`` raises; `Deadlock` and `NeverEnding`; else, as an ExceptionGroup, what
    callbacks and abandoned tasks raised meanwhile. Tasks that are left over are cancelled.
    """
    loop = VirtualLoop(seed=seed, started_at=started_at, limit_s=limit_s)
    try:
        result = loop.run_until_complete(main)
        _end_leftovers(loop)
    except BaseException:
        main.close()
        _end_leftovers(loop)
        raise
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    if loop.failures:
        raise BaseExceptionGroup("raised where nobody awaited it", loop.failures)
    return result


def running_loop() -> VirtualLoop:
    """The virtual loop that runs now; raises RuntimeError on any other."""
    loop = asyncio.get_running_loop()
    if not isinstance(loop, VirtualLoop):
        raise RuntimeError("this belongs into virtual_loop.run()")
    return loop


def _end_leftovers(loop: VirtualLoop) -> None:
    leftovers = sorted(asyncio.all_tasks(loop), key=lambda task: task.get_name())
    for task in leftovers:
        task.cancel()
    if leftovers:
        loop.run_until_complete(asyncio.gather(*leftovers, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())


def _keep_failure(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception") or RuntimeError(context.get("message", "unknown"))
    assert isinstance(loop, VirtualLoop)
    loop.failures.append(error)


def _no_sockets() -> RuntimeError:
    return RuntimeError("a virtual world has no sockets; use callwright.testing.network")
