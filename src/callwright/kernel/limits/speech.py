"""Bounds of spoken menus."""

SPOKEN_PHRASES_MAX = 400
"""Of one menu. Names of a larger directory are spelled on the keys (SPEC 6.9)."""
SPOKEN_PHRASE_CHARS_MAX = 64
"""SPEC 6.5."""
PRONUNCIATIONS_MAX = 8
"""Of one phrase; words have up to five, and a phrase each combination."""
UTTERANCE_S_MAX = 6.0
"""Whoever goes on longer does not name an option."""
HEARD_OUT_S_MAX = 10.0
"""For who speaks when a menu's time is up: an utterance, and what it takes to understand it."""
RECOGNITION_WORKERS = 2
"""Each holds 80 MB and understands about thirty phrases a second."""
RECOGNITION_WAITING_MAX = 32
"""Utterances that wait for a worker; more are not understood, and the menu asks again."""
RECOGNITION_TIMEOUT_S = 20.0
"""A worker loads its model first, which takes a busy machine some seconds."""
RECOGNITION_CRASHES_MAX = 3
"""In a row; then nobody is listened to for `RECOGNITION_REST_S`."""
RECOGNITION_REST_S = 300.0
"""One menu whose callers crash workers must not leave all others with keys only for ever."""
GRAMMARS_KEPT_MAX = 64
"""Of one worker, by their phrases."""
