"""How menus of a mailbox ask for keys."""

from callwright.calls.media_leg import MediaLeg
from callwright.kernel.limits.voicemail import (
    VOICEMAIL_INTERDIGIT_S,
    VOICEMAIL_KEY_WAIT_S,
    VOICEMAIL_MENU_ROUNDS_MAX,
)
from callwright.kernel.prompt import Prompt

END = "#"


async def ask(media: MediaLeg, *prompts: Prompt) -> str | None:
    """The key that answers a menu, which is said up to three times; None: nobody presses any."""
    for _ in range(VOICEMAIL_MENU_ROUNDS_MAX):
        await media.play_until_digit(*prompts)
        key = await media.next_digit(VOICEMAIL_KEY_WAIT_S)
        if key is not None or media.closed:
            return key
    return None


async def ask_digits(media: MediaLeg, prompt: Prompt, *, most: int) -> str:
    """Digits up to a hash, a pause, or as many as there may be; empty: none."""
    media.forget_digits()
    await media.play_until_digit(prompt)
    digits = ""
    wait_s = VOICEMAIL_KEY_WAIT_S
    while len(digits) < most:
        key = await media.next_digit(wait_s)
        if key is None or key == END:
            break
        digits += key
        wait_s = VOICEMAIL_INTERDIGIT_S
    return digits
