"""A whole phone system in virtual time: a node, its network, phones, carriers, and what it kept.

    def test_a_call() -> None:
        async def scene(world: World) -> None:
            alice, bob = await world.phone("alice"), await world.phone("bob")
            call = await alice.dial("102")
            (await bob.rings()).answer()
            await call.answered()
            await call.until_hears("bob")

        play(scene, seed=1)

When the scene is over every call is hung up, and the world checks that nothing outlived it.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from callwright.calls.record import CallRecord
from callwright.kernel.addresses import HostPort
from callwright.kernel.ids import CallId, SbcId, UserId
from callwright.kernel.reason import Reason
from callwright.operations.organisation_file import build_snapshot, read_organisation
from callwright.routing.snapshot import Snapshot
from callwright.runtime.identifiers import sortable_id
from callwright.runtime.marks import marked
from callwright.runtime.node import Node
from callwright.runtime.shared_media import first_id
from callwright.runtime.surroundings import Surroundings
from callwright.runtime.trace import Trace
from callwright.sip.location import is_numeric
from callwright.testing.builders import contoso_snapshot
from callwright.testing.carriers import SimulatedCarrier
from callwright.testing.media import SimulatedMedia
from callwright.testing.nat import NatBehaviour
from callwright.testing.network import PERFECT, Conditions, Host, NatBox
from callwright.testing.phones import SimulatedPhone
from callwright.testing.prompts import SimulatedPrompts
from callwright.testing.queue_stores import QueueStores
from callwright.testing.recognition import SimulatedRecogniser
from callwright.testing.schedule_desk import SwitchedSchedules
from callwright.testing.site import NODE_ADDRESS, RTP_PORTS, Site
from callwright.testing.stores import (
    MemoryCallbacks,
    MemoryJournal,
    MemoryMailboxes,
    MemoryPostbox,
    MemoryRegistrations,
    MemoryWallet,
)
from callwright.testing.virtual_loop import (
    STARTED_AT,
    VIRTUAL_S_MAX,
    run,
    running_loop,
)
from callwright.testing.world_media import WorldMedia

T = TypeVar("T")

SBC_IPS = "198.51.100."
SBCS_PER_WORLD = 50
PHONE_IPS = "10.0.0."
NAT_IPS = "203.0.113."
SETTLE_S = 200.0
"""Longest tail of a scene: a gateway that rings, or timer B and H of what was lost at its end."""
GRACE_S = 1.0


class World:
    """Belongs to the virtual loop that runs; make it with `play`."""

    def __init__(
        self,
        folder: Path,
        organisation: Snapshot | Path | None = None,
        *,
        site: Site,
        traces: bool = False,
    ) -> None:
        """``organisation``: a snapshot, a YAML file, or the demo organisation (None)."""
        self.site = site
        self.loop = running_loop()
        self.clock, self.backlog = site.clock, site.backlog
        self.number = next(site.numbers)
        self.snapshot = _with_own_addresses(_snapshot(organisation), self.number)
        self.network, self.host, self.wire = site.network, site.host, site.wire
        self.recorder = self.network.recorder
        self.media, self.ports, self.zone = site.media, site.ports, site.zone
        self.prompts = SimulatedPrompts(self.media, ids_from=first_id(self.number))
        self.recogniser = SimulatedRecogniser()
        credits = self.snapshot.credits
        self.wallet = MemoryWallet(None if credits is None else credits.opening_balance)
        self.journal = MemoryJournal()
        self.mailboxes = MemoryMailboxes(folder)
        self.registrations = MemoryRegistrations()
        self.callbacks = MemoryCallbacks()
        self.queue_store = QueueStores(folder)
        self.schedules = SwitchedSchedules()
        self.postbox = MemoryPostbox()
        self.trace = Trace(self.clock) if traces else None
        """What the node traced; nobody writes it to a disk."""
        self.phones: list[SimulatedPhone] = []
        self.carriers: dict[SbcId, SimulatedCarrier] = {}
        self.tasks, self.failures = site.tasks, site.failures
        self.node = self._open_node()
        self._ports_at_first = self.ports.free_count

    async def use(self, snapshot: Snapshot) -> None:
        """Applies an organisation: calls from now on follow it."""
        self.snapshot = _with_own_addresses(snapshot, self.number)
        await self.node.use(self.snapshot)
        self.site.reception.look_again()

    async def restart_node(self) -> None:
        """The process ended and another began; nothing but what is stored is known."""
        self.node = self._open_node()
        for aor, bindings in self.registrations.bindings.items():
            self.node.registrar.restore(aor, bindings)
        self.node.callbacks.restore(self.callbacks.kept.values())
        store = self.queue_store
        self.node.queues.restore(store.absences.values(), store.places.values())
        await self.node.use(self.snapshot)
        self.site.reception.look_again()
        requests = self.queue_store.callback_requests.kept.values()
        self.node.callback_desk.restore(self.node.board, requests)

    # -- who takes part ----------------------------------------------------------------------------

    async def phone(
        self,
        user: str,
        *,
        name: str = "",
        nat: NatBox | None = None,
        register: bool = True,
        password: str | None = None,
        **options: Any,
    ) -> SimulatedPhone:
        """A phone of the user, registered unless the test wants otherwise. ``options`` are those
        of `SimulatedPhone`; ``name`` tells several phones of a user apart."""
        number = next(self.site.phone_numbers)
        known = self.snapshot.users.get(UserId(user))
        label = name or user
        if nat is None:
            host = self.network.add_host(label, f"{PHONE_IPS}{number}")
        else:
            host = nat.host(label, f"192.168.1.{number}")
        phone = SimulatedPhone(
            self.media,
            host,
            NODE_ADDRESS,
            user=user,
            password=password or (known.sip_password if known is not None else "none") or "none",
            domain=self.snapshot.domain,
            **options,
        )
        self.phones.append(phone)
        if register:
            await phone.register()
        return phone

    def nat(self, behaviour: NatBehaviour | None = None) -> NatBox:
        return self.network.add_nat(f"{NAT_IPS}{next(self.site.nat_numbers)}", behaviour)

    def carrier(self, sbc: str, *, ip: str | None = None, **options: Any) -> SimulatedCarrier:
        """The carrier at the SBC's address, or at one that its name stands for (``ip``); the same
        one each time."""
        known = self.snapshot.sbcs[SbcId(sbc)]
        key = known.id if ip is None else SbcId(f"{sbc} at {ip}")
        if key not in self.carriers:
            host = self.network.add_host(key, ip or known.address.host)
            at: dict[str, Any] = {
                "port": known.address.port or 5060,
                "transport": known.transport or "udp",
            }
            self.carriers[key] = SimulatedCarrier(self.media, host, NODE_ADDRESS, **at | options)
        return self.carriers[key]

    # -- what came of it ---------------------------------------------------------------------------

    async def record(self, nth: int = 1, *, within_s: float = 60.0) -> CallRecord:
        """The nth call record, as soon as it is written."""
        deadline_s = self.clock.monotonic() + within_s
        while len(self.journal.records) < nth:
            assert self.clock.monotonic() < deadline_s, f"no call record {nth}: {self.state}"
            await asyncio.sleep(0.1)
        return self.journal.records[nth - 1]

    async def close(self) -> None:
        """Hangs up what is left and checks that nothing outlived its call."""
        await self.settle()
        await self.leave()
        await self.tasks.close()

    async def settle(self) -> None:
        """Hangs up what is left and waits until nothing is left of any call."""
        self.hang_up()
        for _ in range(int(SETTLE_S / 0.5)):
            if self.is_idle:
                break
            await asyncio.sleep(0.5)
        assert self.is_idle, f"something outlived its call: {self.state}"

    def hang_up(self) -> None:
        for agent in (*self.phones, *self.carriers.values()):
            for call in agent.live_calls:
                call.hang_up()

    async def leave(self) -> None:
        """Stops the node, if nothing went wrong in it."""
        self._check_defects()
        await self.node.stop(GRACE_S)

    @property
    def is_idle(self) -> bool:
        """Nothing is left of any call."""
        reserved = self.wallet.reserved
        return (
            len(self.node.calls) == 0
            and self.media.open_count == 0
            and self.ports.free_count == self._ports_at_first
            and self.node.endpoint.session_count == 0
            and len(self.tasks) == 0
            and (reserved is None or reserved.micros == 0)
            and not self._waiting_in_queues()
            and not self._engaged_users()
        )

    def _waiting_in_queues(self) -> int:
        return sum(self.node.floor.waiting_count(queue) for queue in self.snapshot.queues)

    def _engaged_users(self) -> list[UserId]:
        return [user for user in self.snapshot.users if self.node.calls.is_engaged(user)]

    @property
    def state(self) -> str:
        """What is left of calls, in words."""
        return (
            f"{len(self.node.calls)} calls, {self.media.open_count} media legs, "
            f"{self._ports_at_first - self.ports.free_count} RTP ports, "
            f"{self.node.endpoint.session_count} SIP sessions, {len(self.tasks)} tasks, "
            f"{self.wallet.reserved} reserved, {self._waiting_in_queues()} waiting in queues, "
            f"{self._engaged_users()} engaged"
        )

    def _check_defects(self) -> None:
        for name, error in self.failures:
            raise AssertionError(f"a defect ended {name!r}") from error
        broken = [r for r in self.journal.records if r.reason is Reason.INTERNAL]
        assert not broken, f"a defect ended {broken}"
        assert not self.node.endpoint.counters.get("defects"), "the SIP endpoint has a defect"
        lowest = self.wallet.lowest
        assert lowest is None or lowest.micros >= 0, f"the balance fell to {lowest}"

    def _open_node(self) -> Node:
        node = Node(self._surroundings())
        self.site.admit(self.number, node)
        return node

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            clock=self.clock,
            tasks=self.tasks,
            backlog=self.backlog,
            transmit=self.wire.transmit,
            flow_to=self.wire.flow_to,
            new_token=marked(self._new_token, self.number),
            new_call_id=self._new_call_id,
            digest_secret=b"the virtual world keeps no secrets" + b"!" * self.number,
            engine=self.site.engine(self.number),
            prompts=self.prompts,
            rtp_ports=self.ports,
            media_bind_ips=(NODE_ADDRESS.host,),
            wallet=self.wallet,
            journal=self.journal,
            mailboxes=self.mailboxes,
            registrations=self.registrations,
            callbacks=self.callbacks,
            queue_store=self.queue_store,
            schedules=self.schedules,
            postbox=self.postbox,
            trace=self.trace,
            resolver=self.zone,
            new_secret=self.loop.random.randbytes,
            recogniser=self.recogniser,
            media_ids_from=first_id(self.number),
        )

    def _new_token(self) -> str:
        return f"{self.loop.random.getrandbits(128):032x}"

    def _new_call_id(self) -> CallId:
        milliseconds = int(self.clock.utc().timestamp() * 1_000)
        return CallId(f"call_{sortable_id(milliseconds, self.loop.random.getrandbits(80))}")


def play(
    scene: Callable[[World], Awaitable[T]],
    *,
    seed: int = 0,
    organisation: Snapshot | Path | None = None,
    conditions: Conditions = PERFECT,
    rtp_ports: tuple[int, int] = RTP_PORTS,
    traces: bool = False,
    media: Callable[[Host], WorldMedia] = SimulatedMedia,
    started_at: datetime = STARTED_AT,
    limit_s: float = VIRTUAL_S_MAX,
) -> T:
    """Runs a scene in a world of its own and returns its result.

    The same arguments give the same run, to the last packet.
    """

    async def main(folder: Path) -> T:
        site = Site(conditions=conditions, rtp_ports=rtp_ports, media=media)
        world = World(folder, organisation, site=site, traces=traces)
        await world.node.use(world.snapshot)
        result = await scene(world)
        await world.close()
        return result

    with tempfile.TemporaryDirectory(prefix="callwright-world-") as folder:
        return run(main(Path(folder)), seed=seed, started_at=started_at, limit_s=limit_s)


def play_together(
    scene: Callable[..., Awaitable[T]],
    organisations: Sequence[Snapshot],
    *,
    seed: int = 0,
    conditions: Conditions = PERFECT,
    limit_s: float = VIRTUAL_S_MAX,
) -> T:
    """As `play`, with several organisations on one system: the scene is given a world for each."""

    async def main(folder: Path) -> T:
        site = Site(conditions=conditions, is_shared=True)
        worlds = []
        for number, organisation in enumerate(organisations):
            (folder / str(number)).mkdir()
            worlds.append(World(folder / str(number), organisation, site=site))
        for world in worlds:
            await world.node.use(world.snapshot)
        site.reception.look_again()
        result = await scene(*worlds)
        for world in worlds:
            world.hang_up()
        for world in worlds:
            await world.settle()
        for world in worlds:
            await world.leave()
        await site.tasks.close()
        return result

    with tempfile.TemporaryDirectory(prefix="callwright-worlds-") as folder:
        return run(main(Path(folder)), seed=seed, limit_s=limit_s)


def _snapshot(organisation: Snapshot | Path | None) -> Snapshot:
    if organisation is None:
        return contoso_snapshot()
    if isinstance(organisation, Path):
        return build_snapshot(read_organisation(organisation), revision=1, base=None)
    return organisation


def _with_own_addresses(snapshot: Snapshot, number: int) -> Snapshot:
    """Gives each SBC a host of its own, names excepted: files for one machine name ports of
    loopback."""
    first = 1 + number * SBCS_PER_WORLD
    sbcs = {
        sbc.id: replace(sbc, address=HostPort(f"{SBC_IPS}{host}", sbc.address.port))
        for host, sbc in enumerate(snapshot.sbcs.values(), start=first)
        if is_numeric(sbc.address.host)
    }
    sbcs = {sbc_id: sbcs.get(sbc_id, sbc) for sbc_id, sbc in snapshot.sbcs.items()}
    return replace(snapshot, sbcs=sbcs)
