"""Alembic's entry: run by monitor/schema.py, with the address of the database in the configuration's attributes."""

import importlib
import pkgutil

import sqlmodel
from alembic import context
from sqlalchemy import create_engine

import monitor

for module in pkgutil.iter_modules(monitor.__path__):
    if module.name.startswith("tables"):
        importlib.import_module(f"monitor.{module.name}")  # this is what fills the metadata

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
