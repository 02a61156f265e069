"""Alembic's entry: runs the migrations on the connection that `assistant.catalog.database.upgrade` passes in."""

from alembic import context

from assistant.catalog.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=False,  # the caller's transaction holds the whole upgrade
)
context.run_migrations()
