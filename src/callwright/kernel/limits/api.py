"""Bounds of the HTTP API, its events and its webhooks."""

API_BODY_BYTES_MAX = 32 * 1024 * 1024
"""Of any request; an organisation file may have half of it, and JSON needs more room."""
API_UPLOAD_BYTES_MAX = 8 * 1024 * 1024
"""UPLOAD_BYTES_MAX of text, written as JSON."""
API_ENTITY_BYTES_MAX = 1024 * 1024
"""Of a request about one thing."""
HTTP_HEAD_S = 15.0
"""How long the head of a request may take to arrive, its connection included."""
HTTP_CONNECTIONS_MAX = 4_000
"""EVENTS_LISTENERS_MAX of several organisations; those who only ask need few."""
API_CONVERSIONS_AT_ONCE = 2
"""Uploads that are converted side by side; others wait for their turn."""
EXPORTS_AT_ONCE = 2
"""Whole organisations that are written as files side by side: a large one takes some seconds of a
core."""
EXPORT_RETRY_S = 5
"""When who finds them taken is asked to come back."""
API_BODY_S = 30.0
"""How long a request may take to arrive."""
API_JSON_DEPTH_MAX = 64
API_JSON_VALUES_MAX = 2_000_000
"""As of an organisation file; the parser lets nothing else run while it makes them."""
API_MISTAKES_MAX = 1_000
"""That one answer names; nobody reads more."""
API_BIG_JSON_BYTES = 64 * 1024
"""More is parsed and written in a thread, so that no call waits for it."""
API_PAGE_DEFAULT = 100
API_PAGE_MAX = 1_000
API_CURSOR_CHARS_MAX = 1_024
API_SEARCH_CHARS_MAX = 200
EXPLAINED_WORDS_MAX = 50
"""Phrases that one explained caller says."""
API_FILTERS_MAX = 10
API_WHY_CHARS_MAX = 500
API_CHANGES_MAX = 50_000
"""Entities that one request changes."""
API_ATTEMPTS_MAX = 3
"""How often a change that somebody crossed is thought over again."""
IDEMPOTENCY_KEY_CHARS_MAX = 255
IDEMPOTENCY_S = 86_400.0
IDEMPOTENCY_ANSWER_BYTES_MAX = 1024 * 1024
"""A longer answer is not kept; who repeats that request is told so."""
EVENTS_KEPT_MAX = 200_000
"""About 100 MB, and a day of a busy organisation's calls."""
EVENTS_SWEEP_EVERY = 1_000
EVENT_BYTES_MAX = 16 * 1024
EVENT_CHANGES_MAX = 100
"""Entities named in one event; a larger edit says how many there were."""
EVENTS_POLL_S = 0.25
"""How often a feed with listeners looks for what other processes wrote."""
EVENTS_READ_AT_ONCE = 500
EVENTS_HEARTBEAT_S = 15.0
"""Proxies cut connections that are silent for a minute."""
EVENTS_ASK_AGAIN_S = 5.0
"""How long a listener is still told after his token ended or his permission was taken."""
EVENTS_LISTENERS_MAX = 1_000
"""Of one organisation."""
EVENTS_SEND_S = 10.0
"""A listener that takes nothing for so long is cut; it comes back with its cursor."""
WEBHOOKS_MAX = 100
"""Of one organisation."""
WEBHOOK_URL_CHARS_MAX = 2_000
WEBHOOK_SECRET_BYTES = 32
WEBHOOK_ANSWER_S = 10.0
WEBHOOK_ANSWER_BYTES_MAX = 64 * 1024
WEBHOOK_RETRY_S_FIRST = 1.0
WEBHOOK_RETRY_S_MAX = 3_600.0
"""Doubled after each attempt that fails."""
WEBHOOK_UNNOTED_S = 30.0
"""How long a hook rests of which nothing can be written: what was sent would be sent again."""
WEBHOOK_GIVE_UP_S = 3 * 86_400.0
"""An event that was not taken for so long is given up, and the next one's turn comes."""
WEBHOOK_DELIVERIES_KEPT_MAX = 1_000
"""Lines of one webhook's log."""
WEBHOOK_LOOK_S = 0.5
JOBS_KEPT_MAX = 1_000
JOBS_RUNNING_MAX = 4
"""Of one organisation."""
IMPORT_ROUNDS_MAX = 10
"""How often a step of an import is tried again without what was wrong in it."""
JOB_LOOK_S = 0.5
JOB_STEP_ENTITIES = 500
"""Between two looks at whether somebody cancelled."""
