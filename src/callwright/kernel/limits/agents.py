"""Bounds of queue agents: pauses, wrap-up, skills, and how the floor looks after itself."""

WRAP_UP_S_RANGE = (0, 1_800)
"""Half an hour after a call; longer is a pause."""
WRAP_UP_LEFT_S_MAX = 3_600.0
"""However often it is extended, an agent's wrap-up ends within an hour from then."""
PAUSE_REASON_CHARS_MAX = 64
PAUSE_REASONS_MAX = 50
SKILLS_MAX = 100
"""Of one user, or asked for by one queue."""
SKILL_LEVEL_RANGE = (1, 10)
SKILL_RELAX_S_RANGE = (0, 2_700)
"""No longer than anybody may wait (SPEC 5.2)."""
DECLINED_REST_S = 5.0
"""An agent whose phones refused is not asked again before this, by no caller."""
ABSENCES_POLL_S = 1.0
"""How soon a node follows what a command on the data changed."""
RECONCILE_S = 5.0
"""How often the floor is checked; also how late an expired registration is noticed."""
OFFER_GRACE_S = 5.0
"""How much longer than its alert time an offer may live before it counts as forgotten."""
KEEP_PLACE_S = 300.0
"""Callers whom a restart cut off get their place back when they call again within this."""
KEPT_PLACES_MAX = 10_000
"""Over all queues, after a restart."""
PLACES_GROUP_S = 1.0
"""Who came and who left is written together after so long; who waits less has little to lose."""
PLACE_CHANGES_MAX = 2_000
"""Of one write."""
AGENTS_AT_ONCE = 200
"""Looked at before anything else gets its turn: one millisecond."""
WAITS_REMEMBERED_MAX = 1_000
"""Of one queue: the callers whom the live service level counts."""
OFFERS_NOTED_MAX = 1_000
"""Of one caller's: phones that refuse by themselves every few seconds fill no record."""
