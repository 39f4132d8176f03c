"""Bounds of supervision and of live views (SPEC 10.2, 10.3)."""

SUPERVISOR_ALERT_S = 30.0
"""How long a supervisor's phones ring who asked for it by the API: as an agent's (SPEC 5.2)."""
SUPERVISION_CHANGES_NOTED_MAX = 50
"""In the records of a supervised call; who plays with the keys fills none."""
QUEUE_NEWS_S = 0.1
"""How late whoever watches a queue inside of the server is told, of all that changed since: nobody
sees it at LIVE_TELL_S."""
LIVE_TELL_S = 0.5
"""A follower of live views is told no more often; row 266 asks for 5 s at most."""
LIVE_WRITE_S = 1.0
"""The live view for other processes is written no more often."""
LIVE_HEARTBEAT_S = 4.0
"""How often it is written when nothing changes, so that its age says whether a server runs; and how
often queues are looked at for what nobody tells of (row 266: 5 s)."""
LIVE_QUEUES_AT_ONCE = 10
"""Looked at before anything else gets its turn: 500 agents take three milliseconds."""
LIVE_STALE_S = 15.0
"""Older than this it is of a server that was killed."""
LIVE_FILE_BYTES_MAX = 8 * 1024 * 1024
"""1,000 queues with 20 callers and 50 agents each need less."""
LIVE_TODAY_S = 5.0
"""How old the figures of the day may be beside a live view."""
LIVE_FOLLOWERS_MAX = 200
"""Of one organisation: each is sent every queue that changes, whole."""
