"""What attendants have to be able to say in every language of SPEC 6.10."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentences:
    """Of one language; what stands in braces is filled in."""

    invalid: str
    not_understood: str
    unreachable: str
    nobody: str
    too_many: str
    transferring: str
    transferring_to: str
    """``{name}``"""
    transferring_to_operator: str
    choice: str
    """``{name}``, ``{key}``"""
    again: str
    doubt: str
    """``{phrase}``"""
