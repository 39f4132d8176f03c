"""Bounds of the SIP trace."""

from callwright.kernel.limits.calls import CALLS_MAX

TRACE_BATCH_S = 0.25
TRACE_WAITING_BYTES_MAX = 64 * 1024 * 1024
"""What a slow disk makes us keep; more is not traced."""
TRACE_SEGMENT_BYTES = 16 * 1024 * 1024
TRACE_BYTES_MAX = 1024 * 1024 * 1024
"""About 100,000 calls; the oldest segments go first."""
TRACE_AGE_S_MAX = 30 * 86_400.0
"""Row 274: 30 days."""
TRACE_CALL_IDS_MAX = CALLS_MAX * 4
"""Dialogs of running calls, by whose Call-ID messages are known; the oldest call goes first."""
TRACE_MESSAGES_SHOWN_MAX = 10_000
"""Of one call."""
TRACE_STRANGE_DIALOGS_MAX = 2_048
"""INVITEs that belong to no call yet: challenged, or refused. The oldest are forgotten, so that
scanners fill neither memory nor disk."""
TRACE_STRANGE_MESSAGES_MAX = 16
"""Of one of them; the newest."""
TRACE_STRANGE_BYTES_MAX = 4 * 1024 * 1024
"""Of all of them together."""
TRACE_LINGER_S = 40.0
"""Messages of a call that is over still belong to it: retransmissions end after 32 s."""
TRACE_RETRY_S = 60.0
"""How soon tracing is tried again after the disk refused it."""
