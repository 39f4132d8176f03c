"""Webhooks: in order, at least once, signed, to public addresses only, given up in the end."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from callwright.kernel.clock import Timer
from callwright.kernel.limits.api import WEBHOOK_GIVE_UP_S, WEBHOOK_RETRY_S_MAX, WEBHOOK_UNNOTED_S
from callwright.runtime.tasks import Tasks
from callwright.runtime.webhook_delivery import WebhookDelivery, signature
from callwright.runtime.webhook_posting import HttpPoster, NotDelivered, Reach
from callwright.storage.database import Database
from callwright.storage.events import EventKind, Events, News
from callwright.storage.faults import DatabaseError
from callwright.storage.webhooks import Delivery, Webhook, Webhooks

AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


@dataclass
class Watch:
    now: datetime = AT

    def utc(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return self.now.timestamp()

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        raise AssertionError("nothing here sets timers")

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Receiver:
    """Takes events while ``status`` is a good one; None: is not there."""

    status: int | None = 200
    got: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        if self.status is None:
            raise NotDelivered("nobody is there")
        self.got.append((headers, body))
        return self.status

    @property
    def numbers(self) -> list[int]:
        return [json.loads(body)["data"] for _, body in self.got]


@dataclass
class Desk:
    database: Database
    watch: Watch = field(default_factory=Watch)
    receiver: Receiver = field(default_factory=Receiver)

    def __post_init__(self) -> None:
        self.events = Events(self.database)
        self.hooks = Webhooks(self.database)
        self.hooks.add(hook("h1"), most=10)

    def happen(self, *numbers: int, kind: EventKind = EventKind.CALL_ENDED) -> None:
        self.events.add(*(News(kind, AT, number) for number in numbers))

    def look(self) -> None:
        """A new process each time, as after a restart."""

        async def once() -> None:
            tasks = Tasks(_fail)
            delivery = WebhookDelivery(
                self.hooks, self.events, self.receiver, self.watch, tasks, lambda: "contoso.test"
            )
            await delivery.look()
            await delivery.settled()

        asyncio.run(once())

    def hook(self) -> Webhook:
        found = self.hooks.get("h1")
        assert found is not None
        return found


def _fail(name: str, error: BaseException) -> None:
    raise error


def hook(name: str, **changes: object) -> Webhook:
    return Webhook(
        id=name,
        url="https://hooks.test/in",
        secret="hush",
        events=("call.ended",),
        description="",
        is_enabled=True,
        cursor=0,
        attempts=0,
        failing_since=None,
        next_try_at=None,
        created_at=AT,
        created_by="anna",
    )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    database = Database.open(tmp_path)
    yield Desk(database)
    database.close()


def test_events_are_sent_in_order_and_once(desk: Desk) -> None:
    desk.happen(1, 2)
    desk.happen(9, kind=EventKind.VOICEMAIL_LEFT)
    desk.happen(3)
    desk.look()
    desk.look()
    assert desk.receiver.numbers == [1, 2, 3]
    assert desk.hook().cursor == 4


def test_what_is_sent_is_signed_with_its_time(desk: Desk) -> None:
    desk.happen(1)
    desk.look()
    ((headers, body),) = desk.receiver.got
    timestamp = int(headers["Callwright-Timestamp"])
    assert timestamp == int(AT.timestamp())
    assert headers["Callwright-Signature"] == f"v1={signature('hush', timestamp, body)}"
    assert json.loads(body) | {"data": None} == {
        "id": 1,
        "kind": "call.ended",
        "at": "2026-03-10T09:30:00.000Z",
        "organisation": "contoso.test",
        "data": None,
    }


def test_what_is_not_taken_is_sent_again_later_and_nothing_overtakes_it(desk: Desk) -> None:
    desk.happen(1, 2)
    desk.receiver.status = 500
    desk.look()
    desk.look()
    assert desk.receiver.numbers == [1]
    desk.receiver.status = None
    desk.watch.pass_by(1)
    desk.look()
    desk.watch.pass_by(1)
    desk.look()
    failed = desk.hooks.deliveries("h1", limit=9)
    assert [(each.attempt, each.status, each.error) for each in failed] == [
        (2, None, "nobody is there"),
        (1, 500, "it answered 500"),
    ]
    desk.receiver.status = 204
    desk.watch.pass_by(1)
    desk.look()
    assert desk.receiver.numbers == [1, 1, 2]
    assert (desk.hook().attempts, desk.hook().failing_since) == (0, None)


def test_waits_get_longer_up_to_an_hour(desk: Desk) -> None:
    desk.happen(1)
    desk.receiver.status = None
    waits = []
    for _ in range(14):
        desk.look()
        wanted = desk.hook().next_try_at
        assert wanted is not None
        waits.append((wanted - desk.watch.now).total_seconds())
        desk.watch.now = wanted
    assert waits[:3] == [1, 2, 4]
    assert waits[-1] == WEBHOOK_RETRY_S_MAX


def test_an_event_is_given_up_after_days_and_the_next_ones_are_tried_once(desk: Desk) -> None:
    desk.happen(1, 2)
    desk.receiver.status = 404
    desk.look()
    desk.watch.pass_by(WEBHOOK_GIVE_UP_S)
    desk.look()
    outcomes = [each.outcome for each in desk.hooks.deliveries("h1", limit=9)]
    assert outcomes == ["given-up", "given-up", "failed"]
    desk.receiver.status = 200
    desk.happen(3, 4)
    desk.look()
    assert desk.receiver.numbers[-2:] == [3, 4]


def test_a_test_goes_to_its_own_hook_only(desk: Desk) -> None:
    desk.events.add(News(EventKind.WEBHOOK_TEST, AT, {"webhook": "other"}))
    desk.events.add(News(EventKind.WEBHOOK_TEST, AT, {"webhook": "h1"}))
    desk.look()
    assert [json.loads(body)["id"] for _, body in desk.receiver.got] == [2]


def test_a_hook_that_is_off_is_sent_nothing_until_it_is_on_again(desk: Desk) -> None:
    def turn(*, is_enabled: bool) -> None:
        desk.hooks.change(
            "h1", url="https://a.test", events=["call.ended"], description="", is_enabled=is_enabled
        )

    turn(is_enabled=False)
    desk.happen(1)
    desk.look()
    assert desk.receiver.got == []
    turn(is_enabled=True)
    desk.look()
    assert desk.receiver.numbers == [1]


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("10.1.2.3", False),
        ("192.168.0.9", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("fd00::1", False),
        ("fe80::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::127.0.0.1", False),
        ("64:ff9b::93.184.216.34", True),
        ("2002:a01:203::1", False),
        ("::127.0.0.1", False),
        ("::ffff:0:127.0.0.1", False),
        ("64:ff9b:1::1", False),
        ("fec0::1", False),
        ("::ffff:93.184.216.34", True),
        ("172.30.0.5", True),
    ],
)
def test_private_addresses_are_out_of_reach_unless_named(address: str, may: bool) -> None:
    reach = Reach(networks=[ip_network("172.30.0.0/16")])
    assert reach.may(ip_address(address)) is may


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(asyncio.IncompleteReadError), closing(writer):
        request = await reader.readuntil(b"\r\n\r\n")
        is_moved = b"/moved" in request
        status = b"307 Temporary Redirect\r\nLocation: /other" if is_moved else b"202 OK"
        writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()


def test_posting_reaches_only_what_is_allowed() -> None:
    async def scene() -> None:
        server = await asyncio.start_server(_answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        url = f"http://localhost:{port}"
        async with server:
            allowed = HttpPoster(Reach([ip_network("127.0.0.0/8")]))
            assert await allowed.post(f"{url}/in", b"{}", {}) == 202
            assert await allowed.post(f"{url}/moved", b"{}", {}) == 307
            with pytest.raises(NotDelivered, match="no public address"):
                await HttpPoster(Reach()).post(f"{url}/in", b"{}", {})
            with pytest.raises(NotDelivered):
                await allowed.post(f"https://localhost:{port}/", b"{}", {})

    asyncio.run(scene())


class FullDisk(Webhooks):
    """Nothing that happened to an event can be written."""

    def delivered(self, delivery: Delivery) -> None:
        raise DatabaseError("the disk is full", may_pass=True)


def test_what_cannot_be_noted_is_not_sent_again_and_again(desk: Desk) -> None:
    """A receiver does not pay for our full disk: it hears of it again, but not twice a second."""
    desk.happen(1)

    async def scene() -> None:
        tasks = Tasks(_fail)
        hooks = FullDisk(desk.database)
        delivery = WebhookDelivery(
            hooks, desk.events, desk.receiver, desk.watch, tasks, lambda: "contoso.test"
        )
        for _ in range(5):
            await delivery.look()
            await delivery.settled()
        assert desk.receiver.numbers == [1]
        desk.watch.pass_by(WEBHOOK_UNNOTED_S)
        await delivery.look()
        await delivery.settled()
        assert desk.receiver.numbers == [1, 1]

    asyncio.run(scene())
