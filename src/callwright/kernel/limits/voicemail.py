"""Bounds of voicemail: messages, menus, PINs, transcripts."""

from callwright.kernel.limits.configuration import UNDO_DAYS

VOICEMAIL_S_DEFAULT = 300
VOICEMAIL_S_RANGE = (30, 600)
"""SPEC 8.9 (MaximumRecordingLength)."""
VOICEMAIL_SILENCE_S = 5.0
VOICEMAIL_MESSAGES_MAX = 1_000
VOICEMAIL_ORPHAN_S = 86_400
"""A recording without a message is left alone for so long: somebody may be speaking it."""
VOICEMAIL_FILES_WALKED_MAX = 100_000
"""At a start; it takes about a second."""
VOICEMAIL_FILES_SOUGHT_AT_ONCE = 500
VOICEMAIL_KEEP_DAYS_MAX = 3_650
"""Ten years; who has to keep messages longer keeps mail."""
VOICEMAIL_MINUTES_MAX = 10_000
"""Of one mailbox: 1,000 messages of ten minutes."""
VOICEMAIL_DIAL_CODE = "*98"
"""What most telephone systems use to listen to one's messages."""
VOICEMAIL_PIN_DIGITS_MIN = 4
VOICEMAIL_PIN_DIGITS_MAX = 12
VOICEMAIL_PIN_TRIES_MAX = 3
"""In one call."""
VOICEMAIL_PIN_FAILURES_FREE = 5
"""Wrong PINs in a row that lock nothing; one in 2,000 four-digit PINs is found by then."""
VOICEMAIL_PIN_LOCK_S_FIRST = 900.0
VOICEMAIL_PIN_LOCK_S_MAX = 86_400.0
"""The lock doubles with each failure after it, up to a day."""
VOICEMAIL_KEY_WAIT_S = 6.0
"""How long a menu waits for a key after it has been said."""
VOICEMAIL_INTERDIGIT_S = 4.0
"""SPEC 6.7 gives attendants three; a PIN is sometimes read from paper."""
VOICEMAIL_MENU_ROUNDS_MAX = 3
"""A menu that nobody answers is said so often, then the call ends."""
VOICEMAIL_MENU_STEPS_MAX = 1_000
"""Keys of one call to the menu; each message takes a few."""
VOICEMAIL_SKIP_S = 5.0
"""How far a key goes back or forth in a message."""
MESSAGE_HEARD_S_MAX = 1_200.0
"""The longest message, and comments of five people who forwarded it."""
GREETING_S_MAX = 120.0
FORWARD_COMMENT_S_MAX = 120.0
TRANSCRIPT_CHARS_MAX = 20_000
"""Ten minutes of fast speech are 12,000."""
TRANSCRIPTION_S_BASE, TRANSCRIPTION_S_MAX = 60.0, 300.0
"""A recogniser loads its model, and takes no longer than a message lasts, which for the longest
ones is half as long."""
TRANSCRIPT_WAIT_S_MAX = 600.0
"""For a turn; mail that comes later than this with its words had better come without."""
TRANSCRIPTS_AT_ONCE = 2
"""One that is slow holds up no other; a recogniser on this machine takes a core, which calls want,
too."""
TRANSCRIBER_TRIES_MAX = 3
TRANSCRIBER_RETRY_S = 60.0
PROFANITIES_MAX = 1_000
FORMER_MAILBOX_DAYS = UNDO_DAYS
"""So long may a removal be undone, and whoever was removed has the messages again."""
VOICEMAIL_SWEEP_S = 86_400.0
"""How often messages past their days are looked for."""
VOICEMAIL_SWEPT_AT_ONCE = 500
SEALED_CHUNK_BYTES = 65_536
VOICEMAIL_KEY_BYTES = 32
"""AES-256."""
