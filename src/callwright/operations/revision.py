"""The configuration moved on while somebody looked at it."""


class RevisionConflict(Exception):
    """Somebody applied in between: ``expected`` was planned against, ``actual`` is stored."""

    def __init__(self, expected: int, actual: int) -> None:
        super().__init__(
            f"the configuration is at revision {actual}, this was planned at {expected}; plan again"
        )
        self.expected = expected
        self.actual = actual
