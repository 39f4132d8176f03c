"""Tokens are asked of the system many at a time; nobody notices."""

import re

from callwright.runtime.identifiers import TOKENS_AT_ONCE, new_token


def test_no_token_comes_twice_and_each_has_128_bits() -> None:
    tokens = [new_token() for _ in range(3 * TOKENS_AT_ONCE)]
    assert len(set(tokens)) == len(tokens)
    assert all(re.fullmatch(r"[0-9a-f]{32}", token) for token in tokens)
