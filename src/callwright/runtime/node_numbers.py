"""What a node counts about itself, for `/metrics`."""

from typing import TYPE_CHECKING

from callwright.runtime.queue_numbers import QueueNumbers
from callwright.runtime.shield_numbers import ShieldNumbers

if TYPE_CHECKING:
    from callwright.runtime.node import Node


def watch_numbers(node: "Node") -> None:
    """Reads them whenever somebody asks; nothing is counted twice."""
    watch = node.metrics.watch
    endpoint, registrar, trunks = node.endpoint, node.registrar, node.trunks
    watch("calls", "Running calls.", lambda: len(node.calls))
    watch("calls_shed", "Calls refused unread while late.", lambda: node.backlog.shed)
    watch("media_legs", "Open media legs.", lambda: node.room.open_count)
    watch("sip_transactions", "Live SIP transactions.", lambda: endpoint.transaction_count)
    watch("sip_sessions", "Live SIP dialogs.", lambda: endpoint.session_count)
    watch("sip_malformed", "Malformed SIP messages.", lambda: endpoint.counters.get("malformed", 0))
    watch("registrations", "Phones that are registered.", lambda: len(registrar))
    watch("nat_pinholes", "Phones kept reachable.", lambda: len(registrar.pinholes))
    watch("subscriptions", "What phones watch.", lambda: len(node.events.notifier))
    watch("strangers_unrecorded", "Refused without a record.", lambda: node.door.knocks.unrecorded)
    watch("visitors_refused", "Above a limit.", lambda: node.door.visitors.refused)
    watch(
        "trunks_unregistered",
        "SBCs that should be registered with their carrier and are not.",
        lambda: trunks.unregistered_count,
    )
    watch("trunk_calls_refused", "Above a limit.", lambda: trunks.limits.refused)
    watch("credits_available", "Balance less reservations.", lambda: _available(node))
    if (trace := node.trace) is not None:
        watch("trace_lost", "Messages not traced.", lambda: trace.lost)
    node.metrics.registry.register(ShieldNumbers(node.shield))
    node.metrics.registry.register(QueueNumbers(node.floor, node.live_board))


def _available(node: "Node") -> float:
    """For a graph only; the ledger is exact."""
    available = node.wallet.available
    return float("nan") if available is None else available.micros / 1_000_000
