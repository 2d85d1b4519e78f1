"""Alembic's entry: run by monitor/schema.py, with the address of the database in the configuration's attributes."""

import sqlmodel
from alembic import context
from sqlalchemy import create_engine

from monitor import tables

assert tables.AuditRow.__table__ is not None  # the import is what fills the metadata  # type: ignore[attr-defined]

engine = create_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=sqlmodel.SQLModel.metadata,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
