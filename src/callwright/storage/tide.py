"""Whether there is anything new in a database, for those who look often; needs no transaction."""

from callwright.storage.database import Database


class Tide:
    """For one that looks; asked at each look."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: int | None = None

    def has_turned(self) -> bool:
        """False: nobody committed since the last question, whichever process. The first answer is
        True, and so is each where the database cannot tell (PostgreSQL)."""
        seen, self._seen = self._seen, self._database.version()
        return self._seen is None or self._seen != seen
