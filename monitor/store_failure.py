"""What an error of the database means: whether the disk or the file failed, so that this process must not go on with it.

After a failed write or sync nobody knows what the disk holds: the system forgets what it could not write and says "done"
when it is asked again (the PostgreSQL project's "fsyncgate", 2018). So nothing is tried again in the same process: it
ends, and the next one reads what is really there. Knows no stage.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from monitor.errors import StoreFailedError

_PRIMARY = 0xFF  # the low byte of an extended result code (sqlite.org/rescode.html)
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def code_of(error: BaseException | None) -> int:
    """SQLite's primary result code; 0 for what is no error of SQLite."""
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY


def is_busy(error: BaseException | None) -> bool:
    """Whether another connection holds the database; asking again is right."""
    return code_of(error) == sqlite3.SQLITE_BUSY


def is_full(error: BaseException | None) -> bool:
    """Whether there was no room; what was begun is undone."""
    return code_of(error) == sqlite3.SQLITE_FULL


def failure(path: Path, error: BaseException | None) -> StoreFailedError | None:
    """The sentence for a disk or a file that failed; None for every other error. A full disk is none: what was begun is
    undone cleanly, and there may be room again."""
    code = code_of(error)
    if code in _DAMAGED:
        return StoreFailedError.damaged(path, error)
    if code == sqlite3.SQLITE_IOERR:
        name = getattr(error, "sqlite_errorname", "") or "SQLITE_IOERR"
        return StoreFailedError(
            f"{path} could not be read or written ({name}): Schoolgate stops rather than try a failing disk again; look at "
            "the disk and at the system's log"
        )
    return None


@contextlib.contextmanager
def failures_told(path: Path) -> Iterator[None]:
    """What happens to this file within: StoreFailedError where the disk or the file failed, every other error as it is."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        failed = failure(path, error.orig if isinstance(error, DBAPIError) else error)
        if failed is None:
            raise
        raise failed from error
