"""Alembic's entry: run by monitor/schema.py, with the address of the database in the configuration's attributes."""

import sqlmodel
from alembic import context
from sqlalchemy import create_engine

from monitor import tables, tables_cases, tables_people

# the imports are what fills the metadata
assert (
    tables.AuditRow.__tablename__ + tables_cases.PileRow.__tablename__ + tables_people.LinkRow.__tablename__
)

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
