"""Hashes of passwords with Argon2id (RFC 9106), a few at once: each takes memory and time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from callwright.kernel.limits.access import (
    PASSWORD_CHARS_MAX,
    PASSWORD_HASH_LANES,
    PASSWORD_HASH_MEMORY_KIB,
    PASSWORD_HASH_PASSES,
    PASSWORD_HASHES_AT_ONCE,
    PASSWORD_HASHES_WAITING_MAX,
)
from callwright.operations.access.refusal import SignInRefused

SALT_BYTES = 16


class PasswordHashes:
    """From any thread, the event loop's excepted: a hash takes about 20 ms."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(
            time_cost=PASSWORD_HASH_PASSES,
            memory_cost=PASSWORD_HASH_MEMORY_KIB,
            parallelism=PASSWORD_HASH_LANES,
        )
        self._turn = threading.BoundedSemaphore(PASSWORD_HASHES_AT_ONCE)
        self._guests = threading.BoundedSemaphore(
            PASSWORD_HASHES_AT_ONCE + PASSWORD_HASHES_WAITING_MAX
        )
        self._nobody = self.hash("the password of nobody", bytes(SALT_BYTES))

    def hash(self, password: str, salt: bytes) -> str:
        """``salt`` has SALT_BYTES random bytes. Raises SignInRefused when too many wait."""
        with self._place():
            return self._hasher.hash(password, salt=salt)

    def fits(self, password: str, hash: str | None) -> bool:
        """Takes equally long where there is no hash to compare with.

        Raises SignInRefused when too many wait.
        """
        given = password if len(password) <= PASSWORD_CHARS_MAX else ""
        with self._place():
            try:
                self._hasher.verify(hash or self._nobody, given)
            except (Argon2Error, InvalidHashError):
                return False
        return hash is not None

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._guests.acquire(blocking=False):
            raise SignInRefused("busy", "too many sign in at once; try again", wait_s=1.0)
        try:
            with self._turn:
                yield
        finally:
            self._guests.release()
