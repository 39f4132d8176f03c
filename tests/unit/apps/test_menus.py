"""What a menu offers is asked once for many callers, and follows licences and configuration."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from callwright.apps.auto_attendant.menus import Menus
from callwright.domains.attendants.model import Broken, CallFlow, Menu
from callwright.domains.licences.model import Term
from callwright.routing.snapshot import Snapshot
from callwright.testing.builders import BOB, contoso_snapshot, contoso_users, reception

NOW = datetime(2026, 10, 14, 19, 0, tzinfo=UTC)
LAST_DAY = {"phone-system": Term(date(2026, 10, 14), grace_days=0)}
BOBS = "2"


def is_broken(menus: Menus, snapshot: Snapshot, now: datetime = NOW) -> bool:
    """Whether Bob's key leads nowhere."""
    attendant = reception()
    menu = offered(menus, snapshot, attendant.open, now).then
    assert isinstance(menu, Menu)
    return isinstance(menu.keys[BOBS], Broken)


def offered(menus: Menus, snapshot: Snapshot, flow: CallFlow, now: datetime) -> CallFlow:
    found, steps = menus.offered(snapshot, reception(), flow, now)
    assert bool(steps) is (found is not flow)
    return found


def test_the_next_caller_is_offered_the_very_same() -> None:
    menus, snapshot, flow = Menus(), contoso_snapshot(licence_terms=LAST_DAY), reception().open
    tomorrow = NOW + timedelta(days=1)
    first = offered(menus, snapshot, flow, tomorrow)
    assert first is not flow, "keys are marked"
    assert offered(menus, snapshot, flow, tomorrow + timedelta(hours=1)) is first


def test_a_licence_that_ends_at_midnight_takes_the_key_with_it() -> None:
    menus, snapshot = Menus(), contoso_snapshot(licence_terms=LAST_DAY)
    assert not is_broken(menus, snapshot)
    assert is_broken(menus, snapshot, NOW + timedelta(days=1))


def test_what_is_configured_counts_for_the_call_that_began_with_it() -> None:
    menus, users = Menus(), contoso_users()
    users[BOB] = replace(users[BOB], licences=frozenset())
    before, after = contoso_snapshot(), contoso_snapshot(users=users)
    found = [is_broken(menus, snapshot) for snapshot in (before, after, before)]
    assert found == [False, True, False]


def test_another_flow_of_the_same_attendant_is_another_one() -> None:
    menus, snapshot, flow = Menus(), contoso_snapshot(), reception().open
    other = replace(flow, greeting=None)
    assert offered(menus, snapshot, flow, NOW) is flow
    assert offered(menus, snapshot, other, NOW) is other
