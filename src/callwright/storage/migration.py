"""Brings a database to the schema of this program; alembic is imported only when it has work."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from callwright.storage.faults import DatabaseError

VERSIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
    "0017",
    "0018",
    "0019",
)
"""Every version of the schema, oldest first; the files are in ``migrations/versions``."""
SCRIPTS = Path(__file__).parent / "migrations"


def is_current(connection: Connection, place: str) -> bool:
    """False: to be migrated. Raises DatabaseError for what this program cannot work with."""
    version = _stored_version(connection, place)
    if version is not None and version not in VERSIONS:
        raise DatabaseError(
            f"{place} was written by a newer Callwright (schema {version}, this program knows "
            f"up to {VERSIONS[-1]}); install that version"
        )
    return version == VERSIONS[-1]


def migrate(connection: Connection, version: str | None = None) -> None:
    """Runs what is missing in the caller's transaction: a crash leaves the old schema.

    ``version`` is where to stop; None: at this program's.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, version or "head")


def _stored_version(connection: Connection, place: str) -> str | None:
    tables = inspect(connection).get_table_names()
    if "alembic_version" not in tables:
        if tables:
            raise DatabaseError(f"{place} belongs to another program (it has {tables[0]!r})")
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
