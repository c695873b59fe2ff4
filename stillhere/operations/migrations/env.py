"""Runs migrations on the connection that `open_operations` gives."""

from alembic import context

from stillhere.operations.tables import metadata

connection = context.config.attributes["connection"]
# SQLite changes a table by making it anew; batch mode does that.
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
