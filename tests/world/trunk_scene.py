"""What the tests of trunks share: SBCs changed for a test, and a call that goes out."""

from dataclasses import replace

from callwright.domains.pstn.model import Sbc
from callwright.kernel.ids import SbcId
from callwright.routing.snapshot import Snapshot
from callwright.testing.builders import contoso_snapshot
from callwright.testing.world import World

FRIEND = "+12065550199"


def with_sbc(sbc: str, base: Snapshot | None = None, **fields: object) -> Snapshot:
    demo = base or contoso_snapshot()
    known: Sbc = replace(demo.sbcs[SbcId(sbc)], **fields)  # type: ignore[arg-type]
    return replace(demo, sbcs={**demo.sbcs, known.id: known})


def only_sbc1(**fields: object) -> Snapshot:
    return with_sbc("sbc2", with_sbc("sbc1", **fields), enabled=False)


async def calls_out(world: World, number: str = FRIEND) -> int:
    """The status of a call by alice, who hangs up when it was answered."""
    known = [phone for phone in world.phones if phone.user == "alice"]
    alice = known[0] if known else await world.phone("alice")
    call = await alice.dial(number)
    status = await call.settled()
    call.hang_up()
    return status


def steps(world: World, nth: int = -1) -> str:
    return "\n".join(f"{s.what}: {s.because}" for s in world.journal.records[nth].steps)
