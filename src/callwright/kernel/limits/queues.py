"""Bounds of call queues (SPEC 5.2, 5.6, 5.7)."""

QUEUE_ALERT_S_DEFAULT = 30
QUEUE_ALERT_S_RANGE = (15, 180)
QUEUE_WAITING_DEFAULT = 50
QUEUE_WAITING_RANGE = (0, 1_000)
"""SPEC 5.2 stops at 200; five hundred waiting callers are measured, and twice that is the bound."""
QUEUE_TIMEOUT_S_DEFAULT = 1_200
QUEUE_TIMEOUT_S_RANGE = (0, 2_700)
QUEUE_TIMEOUT_S_STEP = 15
QUEUE_INDIVIDUAL_AGENTS_MAX = 20
QUEUE_GROUP_AGENTS_MAX = 200
"""SPEC 5.2, as those before."""
CALL_PRIORITY_RANGE = (1, 5)
CALL_PRIORITY_DEFAULT = 3
"""Of a call in a queue; 1 comes first (SPEC 6.6)."""
QUEUE_CALLBACK_WAIT_S_RANGE = (1, 2_700)
"""No longer than anybody may wait (SPEC 5.2)."""
QUEUE_CALLBACK_WAITING_RANGE = (1, 200)
"""No more than may wait (SPEC 5.2)."""
QUEUE_CALLBACK_RATIO_RANGE = (1, 100)
"""SPEC 5.6 asks for at least 1."""
QUEUE_CALLBACK_OFFER_S = 5.0
"""How long after the offer the key still takes it."""
QUEUE_CALLBACK_ATTEMPTS_MAX = 3
QUEUE_CALLBACK_RETRY_S = 120.0
QUEUE_CALLBACK_RING_S = 40.0
"""How long the customer's phone rings while the agent waits."""
QUEUE_CALLBACK_ATTEMPT_S = 60.0
"""With what the agent is told when the customer does not answer."""
QUEUE_CALLBACKS_WAITING_MAX = 200
"""Of one queue: no more than callers may wait in it (SPEC 5.2)."""
QUEUE_ANNOUNCE_S_RANGE = (15, 600)
QUEUE_POSITION_TOLD_MAX = 20
QUEUE_WAIT_MINUTES_TOLD_MAX = 60
QUEUE_ANSWERS_REMEMBERED_MAX = 20
"""Of one queue, to estimate the wait by: what was an hour ago says little."""
QUEUE_SERVICE_LEVEL_S_RANGE = (0, 2_400)
"""SPEC 5.2 (ServiceLevelThresholdResponseTimeInSecond)."""
QUEUE_CALLER_IDS_MAX = 50
"""Resource accounts whose numbers agents of one queue may show."""
QUEUE_EXTERNAL_AGENTS_MAX = 20
"""As many as users who are named one by one (SPEC 5.2)."""
QUEUE_ACCEPT_S = 15.0
"""How long somebody outside has to press the key that takes a call; then it was a machine."""
QUEUE_ACCEPT_ALL_S = 60.0
"""With the request itself, however slowly it is spoken."""
QUEUE_ACCEPT_ROUNDS = 2
"""How often the request to press it is heard."""
QUEUE_RECORDING_S_MIN = 0.5
"""Shorter than this nobody said anything."""
QUEUE_RECORDING_S_MAX = 14_400.0
"""Four hours of one talk, 230 MB; then the recording ends and the talk goes on."""
GROUP_RING_S_DEFAULT = 20
"""As long as a user's phones ring (SPEC 8.2)."""
GROUP_RING_S_RANGE = (5, 180)
"""For all at once, or for each member."""
GROUP_SLIP_S = 1.0
"""Who hangs up so soon answered by mistake: nobody can have said anything."""
GROUP_RUNG_MAX = 200
"""Members of a group that rings without a queue: as many as a queue takes of groups (SPEC 5.2)."""
QUEUE_NOT_ACCEPTED_REST_S = 60.0
"""Where a mailbox answered for somebody outside: each try is paid, and heard there. Also for who
left a callback before the customer could answer: each try rings the customer."""
