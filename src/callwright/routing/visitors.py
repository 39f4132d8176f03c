"""Calls from a web page: a service that names the page, or nothing (SPEC 4.5)."""

from datetime import datetime

from callwright.domains.numbers.model import ResourceAccount
from callwright.kernel.decision import Decision
from callwright.kernel.ids import ResourceAccountId
from callwright.kernel.reason import Reason
from callwright.routing.request import Destination, FromPage
from callwright.routing.services import start_service
from callwright.routing.snapshot import Snapshot
from callwright.routing.trail import Trail


def service_for(snapshot: Snapshot, page: str, dialled: str) -> ResourceAccount | None:
    """Returns the resource account that a visitor of the page may call by this name."""
    account = snapshot.resource_accounts.get(ResourceAccountId(dialled))
    return account if account is not None and page in account.web_pages else None


def route_visitor(
    snapshot: Snapshot, origin: FromPage, dialled: str, *, now: datetime, trail: Trail
) -> Decision[Destination]:
    """Nothing but the service: no user, no number, no code."""
    account = service_for(snapshot, origin.page, dialled)
    if account is None:
        return trail.refuse(
            Reason.SOURCE_UNKNOWN, f"{dialled} is no service for visitors of {origin.page}"
        )
    trail.note(f"{origin.page} may call {account.id}", "web_pages names the page")
    return start_service(snapshot, account, now=now, trail=trail)
