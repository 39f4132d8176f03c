"""The migrations make what the program expects, in each database."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from callwright.storage.database import Database
from callwright.storage.schema import METADATA


def test_the_tables_are_those_that_the_program_works_with(database: Database) -> None:
    with database.reading() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
    assert differences == []
