"""How many statements a piece of work sends to the database, reader and writer together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from monitor.store import Store


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """The statements sent while the block runs, in order."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement)

    engines = (store._writer, store._reader)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
