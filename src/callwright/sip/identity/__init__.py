"""Who calls, as header fields say it: read from peers and written to them, each field in a file.

Whether a peer is believed, and what it is told, is decided elsewhere (``runtime.callers``,
``runtime.presentation``; ADR 0017).
"""
