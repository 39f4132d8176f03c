"""Bounds of prompts, audio files and the built-in voice."""

PROMPT_TEXT_CHARS_MAX = 1_000
"""SPEC 5.2, 6.4."""
AUDIO_FILE_BYTES_MAX = 5 * 1024 * 1024
"""SPEC 6.14."""
PROMPT_S_MAX = 600.0
"""Keeps one decoded prompt below 10 MB."""
PROMPT_RENDERS_AT_ONCE = 4
PROMPT_FETCH_S = 5.0
"""A caller waits so long for a greeting that nobody heard yet; the built-in voice takes 0.1 s."""
PROMPT_IDLE_BYTES_MAX = 64 * 1024 * 1024
"""Decoded greetings that are kept beside what every call may need: 500 of 8 s."""
PROMPT_CACHE_FILES_MAX = 2_000
"""At 20 kB to 1 MB each; the longest unused go first."""
SPEECH_TIMEOUT_S = 20.0
"""The longest text takes the built-in voice 0.2 s."""
SPEECH_ATTEMPTS_MAX = 2
"""The second has a fresh worker: the first may have died of what came before."""
SPEECH_CRASHES_MAX = 10
"""In a row; then the voice is taken for broken until the next start."""
AUDIO_DECODE_S_MAX = 20.0
"""Of the process that decodes one upload, which may be hostile."""
AUDIO_FILES_KEPT_MAX = 1_000
AUDIO_FILES_BYTES_MAX = 500_000_000
"""Of one organisation: nearly nine hours of sound."""
