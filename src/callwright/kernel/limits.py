"""Every bound of the system with its source; nothing else names a number as a limit."""

SIP_MESSAGE_BYTES_MAX = 65_535
"""A UDP datagram cannot hold more; TCP framing uses the same bound."""
SIP_HEADERS_MAX = 256
SIP_HEADER_BYTES_MAX = 8_192
SIP_TCP_CONNECTIONS_MAX = 4_096
SIP_TCP_IDLE_S = 3_600.0
SIP_TCP_PARTIAL_MESSAGE_S = 10.0
"""A peer that has not finished a message by then is slow on purpose (slow-loris)."""
TRANSACTIONS_MAX = 100_000
CALLS_MAX = 10_000
LEGS_PER_CALL_MAX = 100
FORWARDS_MAX = 10
"""Hops of forwarding before a call is called a loop (SPEC 2.4, 510482)."""
ATTENDANT_CHAIN_MAX = 10
BINDINGS_PER_USER_MAX = 20
REGISTRATION_EXPIRES_S_DEFAULT = 3_600
REGISTRATION_EXPIRES_S_MIN = 60
REGISTRATION_EXPIRES_S_MAX = 86_400
SUBSCRIPTIONS_PER_USER_MAX = 50

ANSWERING_DELAYS_S = (5, 10, 15, 20, 30, 40, 50, 60)
"""SPEC 8.2 (UnansweredDelay)."""
ANSWERING_DELAY_S_DEFAULT = 20
"""SPEC 8.2."""
OUTBOUND_RING_S_MAX = 180.0
"""An INVITE that a gateway keeps ringing; RFC 3261 timer C asks for more than 180 s from proxies."""
GATEWAY_FAILOVER_S_DEFAULT = 10.0
"""SPEC 2.3 (FailoverTimeSeconds)."""
GATEWAY_FAILOVER_CODES_DEFAULT = (408, 503, 504)
"""SPEC 2.3 (FailoverResponseCodes)."""
GATEWAY_SESSIONS_MAX = 100_000
"""SPEC 2.3."""
OPTIONS_INTERVAL_S = 60.0
"""SPEC 2.5."""
OPTIONS_HEALTHY_S = 180.0
"""SPEC 2.5: three intervals without an answer demote a gateway."""

QUEUE_ALERT_S_DEFAULT = 30
QUEUE_ALERT_S_RANGE = (15, 180)
QUEUE_WAITING_DEFAULT = 50
QUEUE_WAITING_RANGE = (0, 200)
QUEUE_TIMEOUT_S_DEFAULT = 1_200
QUEUE_TIMEOUT_S_RANGE = (0, 2_700)
QUEUE_TIMEOUT_S_STEP = 15
QUEUE_INDIVIDUAL_AGENTS_MAX = 20
QUEUE_GROUP_AGENTS_MAX = 200
"""The queue limits are SPEC 5.2's."""
PROMPT_TEXT_CHARS_MAX = 1_000
"""SPEC 5.2, 6.4."""
AUDIO_FILE_BYTES_MAX = 5 * 1024 * 1024
"""SPEC 6.14."""
ATTENDANT_ROUNDS = 3
"""SPEC 6.7."""
ATTENDANT_ROUND_WAIT_S = 4.0
"""What a round waits after its prompt, unless the file says otherwise."""
ATTENDANT_AMBIGUOUS_KEY_S = 1.0
"""How long a pressed key that also begins an extension waits for the next digit."""
ATTENDANT_INTERDIGIT_S = 3.0
ATTENDANT_HOLIDAYS_MAX = 20
"""SPEC 6.3."""
ATTENDANT_SESSION_S_MAX = 1_800.0

VOICEMAIL_S_DEFAULT = 300
VOICEMAIL_S_RANGE = (30, 600)
"""SPEC 8.9 (MaximumRecordingLength)."""
VOICEMAIL_SILENCE_S = 5.0
VOICEMAIL_MESSAGES_MAX = 1_000
NAME_CHARS_MAX = 64
PATTERN_CHARS_MAX = 1_024
"""SPEC 2.7 (trunk translation)."""
DIAL_RULES_MAX = 50
"""SPEC 2.7."""
EMERGENCY_CALLBACK_S = 3_600.0
"""SPEC 3.12: an ELIN leads back to its caller for 60 minutes."""
MEDIA_TIMEOUT_S = 600.0
"""A party that sent nothing for so long has vanished; muted phones with silence suppression exist."""
MEDIA_TIMEOUT_HOLD_S = 3_600.0
SHUTDOWN_GRACE_S = 10.0
CREDIT_SLICE_S = 60
