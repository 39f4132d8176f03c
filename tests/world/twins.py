"""Two organisations on one system that have the same names, extensions and numbers."""

from dataclasses import replace

from callwright.domains.numbers.model import NumberKind, NumberRange, NumberSource
from callwright.domains.numbers.rules import Inventory
from callwright.kernel.e164 import E164
from callwright.kernel.ids import OrganisationId
from callwright.routing.snapshot import Snapshot
from callwright.testing.builders import contoso_snapshot, contoso_users
from callwright.testing.network import PERFECT, Conditions
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play_together

BOBS_NUMBER = "+14255550102"


def fabrikam_snapshot(**overrides: object) -> Snapshot:
    """Contoso's twin: every name, extension and number is the same, and every password another."""
    users = {
        key: replace(user, sip_password=f"fabrikam-{key}") for key, user in contoso_users().items()
    }
    twin = {
        "organisation": OrganisationId("fabrikam.test"),
        "name": "Fabrikam",
        "domain": "fabrikam.test",
        "users": users,
    }
    return contoso_snapshot(**(twin | overrides))


def play_twins(scene: object, *, seed: int = 0, conditions: Conditions = PERFECT) -> None:
    organisations = [contoso_snapshot(), fabrikam_snapshot()]
    play_together(scene, organisations, seed=seed, conditions=conditions)  # type: ignore[arg-type]


async def phone(world: World, user: str, **options: object) -> SimulatedPhone:
    """Named after its organisation, too, so that each has a tone of its own."""
    name = f"{user} of {world.snapshot.name}"
    return await world.phone(user, name=name, **options)  # type: ignore[arg-type]


async def people(world: World, *users: str) -> list[SimulatedPhone]:
    return [await phone(world, user) for user in users]


def number_range(first: str, last: str) -> Inventory:
    return Inventory(
        (NumberRange(E164(first), E164(last), NumberKind.USER, NumberSource.DIRECT_ROUTING),)
    )
