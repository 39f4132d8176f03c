"""Which node of a process a message comes back to: the one whose mark is in a token that it made.

A response brings our branch back, a request inside a dialog our tag. The first node marks nothing,
so that a system with one organisation sends what it always sent.
"""

from collections.abc import Callable

from callwright.sip.glance import branch_of, to_tag_of

FIRST = 0
"""The node of the first organisation."""
_DIGITS_MAX = 9
_OUTSIDE_DIALOGS = (b"REGISTER ",)
"""Where a tag in To means nothing to the registrar."""


def marked(new_token: Callable[[], str], number: int) -> Callable[[], str]:
    """Makes the tokens of a node: the mark stands behind what nobody can guess, after a dot."""
    if number == FIRST:
        return new_token
    mark = f".{number}"
    return lambda: new_token() + mark


def number_in_response(message: bytes) -> int:
    """The node whose branch the topmost Via has."""
    return _number(branch_of(message))


def number_in_request(message: bytes) -> int | None:
    """The node whose tag stands in To; None: the request is outside of dialogs."""
    if message.startswith(_OUTSIDE_DIALOGS):
        return None
    tag = to_tag_of(message)
    return None if tag is None else _number(tag)


def _number(token: bytes) -> int:
    """What is no mark of ours is for the first node, which knows what to say to that."""
    digits = token.rpartition(b".")[2]
    is_mark = len(digits) < len(token) and digits.isdigit() and len(digits) <= _DIGITS_MAX
    return int(digits) if is_mark else FIRST
