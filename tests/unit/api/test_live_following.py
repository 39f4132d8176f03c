"""Who follows live views: what he is told while he does, and whom he holds up."""

import asyncio
import threading
from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.unit.api.api_client import Api, Boards, Running, make_demo_app
from tests.unit.api.test_live_queues import BOARDS
from tests.unit.api.test_reports import ANSWERED, call

from callwright.api import live_queues
from callwright.api.authorisation import Caller
from callwright.api.live_queues import Follower, Sight
from callwright.domains.access.model import Permission, Principal, PrincipalKind
from callwright.kernel.limits.supervision import LIVE_TODAY_S
from callwright.operations.actor import SYSTEM
from callwright.operations.administration import Administration
from callwright.operations.configuration import Edit
from callwright.storage.call_records import CallRecords
from callwright.storage.configuration import StoredConfiguration


def whoever_may(api: Api, *permissions: Permission) -> Caller:
    live = Running(board=Boards(*BOARDS))
    principal = Principal(PrincipalKind.TOKEN, "anna", frozenset(permissions), token="t1")
    return Caller(replace(api.tenant, live=live), principal)


def following(caller: Caller) -> Follower:
    assert caller.tenant.live is not None
    return Follower(Sight.of(caller), caller.tenant.live.board, None)


def test_who_may_see_less_from_now_on_is_shown_less(api: Api) -> None:
    """His role was changed while his board hung on the wall."""

    async def scene() -> None:
        follower = following(whoever_may(api, Permission.REPORTS_READ, Permission.CALLS_READ))
        assert [len(board["waiting"]) for board in await follower.batch()] == [2, 0]
        assert follower.look_again(whoever_may(api, Permission.REPORTS_READ))
        told = await follower.batch()
        assert [(board["waiting"], board["agents"]) for board in told] == [([], [])] * 2

    asyncio.run(scene())


def test_figures_of_the_day_follow_though_the_queue_stays_as_it_is(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last call of the day is recorded when its queue looks empty already."""
    monkeypatch.setattr(live_queues, "EVENTS_HEARTBEAT_S", 0.05)

    async def scene() -> None:
        follower = following(whoever_may(api, Permission.REPORTS_READ))
        assert [board["today"]["offered"] for board in await follower.batch()] == [0, 0]
        CallRecords(api.database).add([call(1, ANSWERED)])
        assert await follower.batch() == [], "a look at the records is not for each moment"
        api.watch.pass_by(LIVE_TODAY_S)
        (support,) = await follower.batch()
        assert (support["queue"], support["today"]["answered"]) == ("support", 1)
        assert await follower.batch() == []

    asyncio.run(scene())


def test_two_who_come_at_once_see_the_same_figures(api: Api) -> None:
    CallRecords(api.database).add([call(1, ANSWERED)])

    async def scene() -> None:
        sight = Sight.of(whoever_may(api, Permission.REPORTS_READ))
        for figures in await asyncio.gather(sight.today(), sight.today()):
            assert figures["support"]["offered"] == 1

    asyncio.run(scene())


@pytest.mark.parametrize("path", ["/live/call-queues", "/call-queues/support/live"])
def test_who_watches_waits_for_a_long_edit_and_calls_do_not(api: Api, path: str) -> None:
    """Calls are on the loop that answers; an import of thousands of users takes seconds."""
    has_begun, may_end = threading.Event(), threading.Event()
    ended_in_time = []

    def takes_long(*_: Any) -> tuple[()]:
        has_begun.set()
        ended_in_time.append(may_end.wait(2))
        return ()

    stored = StoredConfiguration(api.database, utc=api.watch.utc)
    administration = Administration(stored, takes_long)
    live = Running(board=Boards(*BOARDS))
    app = make_demo_app(replace(api.tenant, administration=administration, live=live))
    edit = Edit({("user", "zoe"): {"name": "Zoe"}})
    editing = threading.Thread(target=lambda: administration.change(edit, by=SYSTEM))

    async def scene() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
            headers = {"Authorization": "Bearer all"}
            asking = asyncio.ensure_future(client.get(f"/api/v1{path}", headers=headers))
            await asyncio.sleep(0.05)
            may_end.set()
            assert (await asking).status_code == 200

    editing.start()
    assert has_begun.wait(5)
    asyncio.run(scene())
    editing.join()
    assert ended_in_time == [True]
