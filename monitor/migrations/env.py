"""Alembic's entry: run by monitor/schema.py, with the engine in the configuration's attributes."""

import importlib
import pkgutil

import sqlmodel
from alembic import context

import monitor

for module in pkgutil.iter_modules(monitor.__path__):
    if module.name.startswith("tables"):
        importlib.import_module(f"monitor.{module.name}")  # this is what fills the metadata

with context.config.attributes["engine"].connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=sqlmodel.SQLModel.metadata,
        render_as_batch=True,
        transactional_ddl=True,  # SQLite rolls back changes of shape too, once the transaction is begun by a statement
    )
    with context.begin_transaction():
        context.run_migrations()
