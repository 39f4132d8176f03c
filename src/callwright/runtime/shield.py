"""Keeps out who guesses passwords or sends rubbish, and never who has business here (ADR 0020).

Blocks are looked at before a message is parsed: that costs one test while there are none, and one
look-up while there are. Emergency calls come in all the same.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import timedelta

import structlog

from callwright.domains.shield.model import Block, Offence
from callwright.domains.shield.rules import (
    block_span_s,
    is_loopback,
    is_within,
    network_of,
    source_of,
)
from callwright.domains.shield.suspicions import Suspicion, Suspicions
from callwright.kernel.clock import Clock
from callwright.kernel.limits.shield import (
    SHIELD_BLOCKS_MAX,
    SHIELD_HELP_CALLS_MAX,
    SHIELD_HELP_PER_MINUTE,
    SHIELD_MEMORY_S,
    SHIELD_VERDICTS_MAX,
)
from callwright.sip.digest import username_of
from callwright.sip.flow import Flow
from callwright.sip.glance import call_id_of
from callwright.sip.parser import ParseError
from callwright.storage.shield import Act, Order

log = structlog.get_logger("callwright.shield")

FRIENDS_GOOD_S = 1.0
"""Under attack they are sought no more often; a new block has them sought again."""
REASONS = {400: "malformed", 413: "too large", 501: "unknown method", 505: "wrong version"}
REASONS[513] = REASONS[413]


class _Held:
    """A block that holds, in the clock's own time: nobody gets in because a clock was set."""

    __slots__ = ("block", "help_calls", "help_since_s", "until_s")

    def __init__(self, block: Block, until_s: float) -> None:
        self.block = block
        self.until_s = until_s
        self.help_calls = 0
        self.help_since_s = 0.0


class Shield:
    """Owner of the blocks of a node; who keeps them on disk reads ``take_changes``."""

    def __init__(
        self,
        clock: Clock,
        *,
        friends: Callable[[], AbstractSet[str]] = frozenset,
        is_emergency: Callable[[str], bool] = lambda uri: False,
    ) -> None:
        """``friends()``: addresses, and IPv6 /64, that are never kept out but by order; asked once
        a second at most. ``is_emergency(uri)``: whether a Request-URI calls for help."""
        self.is_trusted: Callable[[str], bool] = lambda host: False
        """Whether an administrator is signed in from there; whoever knows may replace it."""
        self.never: tuple[str, ...] = ()
        """Networks that the organisation file keeps open."""
        self.is_up = False
        """There is a block; else nobody needs to be asked about a message."""
        self.dropped = 0
        """Messages of blocked sources."""
        self.spared = 0
        """Times that a source would have been blocked, and is a friend."""
        self.wrong_credentials = 0
        self.malformed: Counter[tuple[str, str]] = Counter()
        """By transport and reason."""
        self._clock = clock
        self._find_friends = friends
        self._friends: AbstractSet[str] = frozenset()
        self._friends_good_until_s = 0.0
        self._is_emergency = is_emergency
        self._suspicions = Suspicions()
        self._held: dict[str, _Held] = {}
        self._wide: dict[str, _Held] = {}
        """Those that an order made and that are no source's own and no network's."""
        self._past: OrderedDict[str, tuple[int, float]] = OrderedDict()
        """Blocks that are over: how many there were, and when that is forgotten."""
        self._verdicts: dict[str, _Held | None] = {}
        """By address; emptied whenever anything changes that they follow from."""
        self._help: OrderedDict[tuple[str, bytes], None] = OrderedDict()
        """Emergency calls from blocked addresses: whose they are, and their Call-IDs."""
        self._changed: dict[str, None] = {}
        """Networks whose block on disk is not what it is here."""

    @property
    def block_count(self) -> int:
        return len(self._held)

    # -- each message ------------------------------------------------------------------------------

    def turns_away(self, flow: Flow, data: bytes) -> bool:
        """Whether a message is to be dropped unread. Ask only while ``is_up``."""
        host = flow.remote.host
        try:
            held = self._verdicts[host]
        except KeyError:
            held = self._judge(host)
        if held is None:
            return False
        if self._clock.monotonic() >= held.until_s:
            self._end(held)
            return self.turns_away(flow, data)
        if self._is_for_help(held, host, data):
            return False
        self.dropped += 1
        return True

    def _judge(self, host: str) -> _Held | None:
        near = (self._held.get(source_of(host)), self._held.get(network_of(host)))
        found = [held for held in near if held is not None]
        found += [held for network, held in self._wide.items() if is_within(host, network)]
        if found and not any(held.block.is_order for held in found) and self.is_friend(host):
            found = []
        if len(self._verdicts) >= SHIELD_VERDICTS_MAX:
            self._verdicts.clear()
        held = max(found, key=lambda held: held.until_s, default=None)
        self._verdicts[host] = held
        return held

    def _is_for_help(self, held: _Held, host: str, data: bytes) -> bool:
        """An emergency call, or what belongs to one that was let in."""
        if not data.startswith(b"INVITE "):
            return bool(self._help) and (host, call_id_of(data)) in self._help
        now_s = self._clock.monotonic()
        if now_s - held.help_since_s >= 60:
            held.help_since_s, held.help_calls = now_s, 0
        held.help_calls += 1
        if held.help_calls > SHIELD_HELP_PER_MINUTE:
            return False
        uri = data[7 : data.find(b" ", 7)].decode("utf-8", "surrogateescape")
        if not self._is_emergency(uri):
            return False
        self._help[host, call_id_of(data)] = None
        if len(self._help) > SHIELD_HELP_CALLS_MAX:
            self._help.popitem(last=False)
        return True

    # -- what is counted ---------------------------------------------------------------------------

    def wrong(self, host: str, credentials: str) -> None:
        """These credentials prove nothing; never a first 401 or a stale nonce."""
        self.wrong_credentials += 1
        name, now_s = username_of(credentials) or "", self._clock.monotonic()
        attempt = hash(credentials)
        self._suspect(host, self._suspicions.wrong(host, name, now_s, attempt=attempt))

    def must_wait(self, host: str, credentials: str | None) -> bool:
        """Whether credentials are not to be looked at: many guess at the name, and this address,
        which no phone registered from, failed a moment ago."""
        now_s = self._clock.monotonic()
        if credentials is None or now_s >= self._suspicions.waits_until_s:
            return False
        name = username_of(credentials) or ""
        return self._suspicions.must_wait(host, name, now_s) and not self.is_friend(host)

    def unproven(self, host: str) -> None:
        """An INVITE of an unknown address without credentials."""
        self._suspect(host, self._suspicions.unproven(host, self._clock.monotonic()))

    def proven(self, host: str) -> None:
        self._suspicions.proven(host)

    def note_malformed(self, flow: Flow, error: ParseError) -> None:
        """``Endpoint`` tells it of each message that it could not use."""
        self.malformed[flow.transport, REASONS.get(error.status, "malformed")] += 1
        host = flow.remote.host
        self._suspect(host, self._suspicions.malformed(host, self._clock.monotonic()))

    def is_friend(self, host: str) -> bool:
        """Never kept out by ourselves: registered phones, SBCs, who talks, this machine, ..."""
        return (
            is_loopback(host)
            or host in self._known_friends()
            or (":" in host and source_of(host) in self._known_friends())
            or self.is_trusted(host)
            or any(is_within(host, network) for network in self.never)
        )

    def _known_friends(self) -> AbstractSet[str]:
        now_s = self._clock.monotonic()
        if now_s >= self._friends_good_until_s:
            self._friends = self._find_friends()
            self._friends_good_until_s = now_s + FRIENDS_GOOD_S
        return self._friends

    def _suspect(self, host: str, suspicion: Suspicion | None) -> None:
        if suspicion is None:
            return
        self._friends_good_until_s = 0.0
        if suspicion.offence is not Offence.GUESSING_NETWORK and self.is_friend(host):
            self.spared += 1
            log.warning(
                "a source fails often and is not blocked, for it has business here",
                source=suspicion.network,
                offence=suspicion.offence.value,
                count=suspicion.count,
                names=suspicion.names,
            )
            return
        self._block(suspicion)

    # -- blocks ------------------------------------------------------------------------------------

    def _block(self, suspicion: Suspicion) -> None:
        network, now = suspicion.network, self._clock.utc()
        offences = self._offences(network) + 1
        span_s = block_span_s(offences)
        known = self._held.get(network)
        if known is not None and known.block.is_order:
            return
        block = Block(
            network=network,
            since=now,
            until=now + timedelta(seconds=span_s),
            offence=suspicion.offence,
            count=suspicion.count,
            names=suspicion.names,
            offences=offences,
        )
        self._hold(block, span_s)
        log.warning(
            "blocked",
            network=network,
            offence=block.offence.value,
            count=block.count,
            names=block.names,
            for_s=span_s,
        )

    def _offences(self, network: str) -> int:
        """How many blocks of the network are remembered."""
        if network in self._held:
            return self._held[network].block.offences
        offences, forgotten_at_s = self._past.get(network, (0, 0.0))
        return offences if self._clock.monotonic() < forgotten_at_s else 0

    def _hold(self, block: Block, span_s: float) -> None:
        if len(self._held) >= SHIELD_BLOCKS_MAX and block.network not in self._held:
            self._end(min(self._held.values(), key=lambda h: (h.block.is_order, h.until_s)))
        held = _Held(block, self._clock.monotonic() + span_s)
        self._held[block.network] = held
        if block.is_order and not _is_found_by_address(block.network):
            self._wide[block.network] = held
        self._past.pop(block.network, None)
        self._note_change(block.network)

    def _end(self, held: _Held) -> None:
        """The block is over; the next one of the network will be longer."""
        network = held.block.network
        if self._held.get(network) is held:
            del self._held[network]
            self._wide.pop(network, None)
            self._remember(held.block, SHIELD_MEMORY_S)
            self._note_change(network)
        else:
            self._verdicts.clear()

    def _remember(self, block: Block, for_s: float) -> None:
        self._past[block.network] = block.offences, self._clock.monotonic() + for_s
        if len(self._past) > SHIELD_BLOCKS_MAX:
            self._past.popitem(last=False)

    def _lift(self, network: str) -> None:
        """The network has a fresh start: nothing is remembered of it."""
        self._suspicions.forget(network)
        self._past.pop(network, None)
        self._wide.pop(network, None)
        if self._held.pop(network, None) is not None:
            log.info("lifted", network=network)
        self._note_change(network)

    def _note_change(self, network: str) -> None:
        self._changed[network] = None
        self.look_again()

    def look_again(self) -> None:
        """Who is a friend has changed."""
        self._verdicts.clear()
        self._friends_good_until_s = 0.0
        self.is_up = bool(self._held)

    # -- what is kept ------------------------------------------------------------------------------

    def restore(self, blocks: Iterable[Block]) -> None:
        """Takes over what was stored, blocks that hold and those that are over."""
        now = self._clock.utc()
        for block in blocks:
            left_s = (block.until - now).total_seconds()
            if left_s > 0:
                self._hold(block, left_s)
            else:
                self._remember(block, left_s + SHIELD_MEMORY_S)
        self._changed.clear()

    def obey(self, order: Order) -> None:
        """An administrator's command; another process stored it."""
        if order.act is Act.BLOCK:
            block = Block(
                network=order.network,
                since=order.given_at,
                until=order.until,
                offence=Offence.ORDER,
            )
            left_s = (order.until - self._clock.utc()).total_seconds()
            if left_s > 0:
                self._hold(block, left_s)
                log.warning("blocked", network=order.network, offence=block.offence.value)
        elif order.network:
            self._lift(order.network)
        else:
            self._suspicions = Suspicions()
            for network in (*self._held, *self._past):
                self._lift(network)

    def take_changes(self) -> tuple[list[Block], list[str]]:
        """Blocks to store and networks to forget, since the last time."""
        now_s, now = self._clock.monotonic(), self._clock.utc()
        for held in [held for held in self._held.values() if held.until_s <= now_s]:
            self._end(held)
        changed, self._changed = self._changed, {}
        blocks, gone = [], []
        for network in changed:
            if network in self._held:
                held = self._held[network]
                until = now + timedelta(seconds=held.until_s - now_s)
                blocks.append(replace(held.block, until=max(until, held.block.since)))
            elif network not in self._past:
                gone.append(network)
        return blocks, gone

    def put_back(self, blocks: Iterable[Block], gone: Iterable[str]) -> None:
        """These could not be stored; the next ``take_changes`` has them again."""
        for network in (*(block.network for block in blocks), *gone):
            self._changed[network] = None


def _is_found_by_address(network: str) -> bool:
    """Whether it is what ``source_of`` or ``network_of`` say of an address inside it."""
    address = network.partition("/")[0]
    return network in (source_of(address), network_of(address))
