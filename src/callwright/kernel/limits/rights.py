"""Bounds of licences, groups and policies."""

LICENCE_GRACE_DAYS_DEFAULT = 30
LICENCE_GRACE_DAYS_MAX = 365
"""How long an expired licence still grants what it did; cloud subscriptions give a month."""
LICENCE_WARNING_DAYS = 30
"""How long before its end an expiring licence is warned of."""
GROUP_DEPTH_MAX = 10
"""Of groups in groups, and more is a mistake."""
GROUP_MEMBERS_MAX = 100_000
"""Of one group with those of the groups in it."""
POLICY_RANK_MAX = 100_000
VOICEMAIL_ALWAYS_AFTER_S = 30.0
"""SPEC 8.1: with AlwaysEnabled an unanswered call goes to voicemail then, whatever was set."""
COMPANY_NAME_CHARS_MAX = 200
"""SPEC 8.7."""
PROFILE_PHONES_MAX = 20
DIAL_PLANS_MAX = 1_000
"""SPEC 2.7 (row 99)."""
