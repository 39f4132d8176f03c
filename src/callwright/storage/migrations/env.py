"""Alembic runs this; ``storage.migration`` gives it the connection and its transaction."""

from alembic import context

from callwright.storage.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
