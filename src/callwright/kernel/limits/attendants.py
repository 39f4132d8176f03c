"""Bounds of attendants: menus, directory, delegates."""

ATTENDANT_CHAIN_MAX = 10
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
ATTENDANT_ACTIONS_MAX = 300
"""Of one caller in one attendant; who does more is no human, and fills the record."""
DELEGATES_MAX = 20
"""Of one resource account: as many phones ring at once (SPEC 6.12)."""
DELEGATES_RING_S_DEFAULT = 20
DELEGATES_RING_S_RANGE = (5, 60)
DIRECTORY_LISTED_MAX = 5
"""SPEC 6.9: more are too many names to read out."""
DIRECTORY_MATCHES_MAX = 100
"""SPEC 6.9: before the dial scope; more fail at once."""
DIRECTORY_KEYS_MAX = 64
"""Keys of one name; then the search begins."""
DIRECTORY_NAME_WORDS_MAX = 6
"""Of one name, in any order; further ones are not typed."""
DIRECTORY_NAMES_REMEMBERED = 131_072
"""Names whose keys are kept, so that nobody computes them for each search."""
DIRECTORY_SEARCHED_INLINE_MAX = 2_000
"""People who are searched in 4 ms; among more a thread searches, so that no call waits for it."""
DIRECTORY_SPOKEN_MAX = 350
"""With more people in scope names are typed, not said (SPEC 6.9, which allows 80,000): a menu has
400 phrases at most, and its options are among them."""
ATTENDANT_SPEECH_SURE = 0.7
"""How sure of a phrase the recogniser must be, or else the caller is asked whether it was meant."""
ATTENDANT_HOLIDAY_DATES_MAX = 50
"""SPEC 6.3."""
ATTENDANT_ROUND_WAIT_S_RANGE = (1, 60)
