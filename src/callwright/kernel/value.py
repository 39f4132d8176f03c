"""Frozen values of which each message or call makes some."""

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def value(cls: type[T]) -> type[T]:
    """A slotted dataclass, hashable and for mypy frozen.

    While the program runs nothing keeps its fields from being set: ``frozen=True`` would, and make
    each object three times as dear, since every field then goes through ``object.__setattr__``.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
