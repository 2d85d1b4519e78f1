"""What the service says when its own database fails it: a mail to whoever keeps it running, past database and outbox.

Once a day at most, however often the service starts again: when it was said stands in a file beside the database. Where
not even that can be written nothing is sent, for a mail at every start would be one every ten seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from alerts.compose import compose_operations
from alerts.deliver import Outgoing, deliver_one
from alerts.setup import desk_of
from alerts.setup_mail import mail_server_of
from alerts.views import OperationsView, Trouble
from monitor.app.asked import utc_now
from monitor.config import Settings
from monitor.domain import Role
from monitor.errors import StoreFailedError
from monitor.ports import Clock
from monitor.vault import Vault

log = structlog.get_logger(__name__)
SAID = "storage-failed.told"  # in the state folder
AGAIN = timedelta(days=1)
PATIENCE = 30.0  # seconds for the mail server: the process is ending
CURE = (
    "Look at the disk and at the machine's own log (journalctl -u schoolgate, dmesg).",
    "Do not delete or repair the database file: keep it as it is, copy it elsewhere.",
    "If the service does not come back by itself, restore the newest backup to a new file.",
)


def leave(settings: Settings, error: StoreFailedError, *, clock: Clock = utc_now) -> None:
    """Tell, and end this process at once with the error's exit code: nothing of it touches the database again. What
    was acknowledged is on the disk, and ending here is what a kill is; the next process reads what is really there."""
    log.critical("the database failed", error=str(error))
    speaking = threading.Thread(target=_tell, args=(settings, error, clock), daemon=True)
    speaking.start()  # a thread of its own: the one that failed may be the event loop's
    speaking.join(PATIENCE + 1)
    os._exit(error.exit_code)


@contextlib.contextmanager
def failure_told(settings: Settings, *, clock: Clock = utc_now) -> Iterator[None]:
    """A database that fails while the service starts is told of too; the error goes on."""
    try:
        yield
    except StoreFailedError as error:
        _tell(settings, error, clock)
        raise


def _tell(settings: Settings, error: StoreFailedError, clock: Clock) -> None:
    asyncio.run(tell_failure(settings, error, clock=clock))


async def tell_failure(
    settings: Settings, error: StoreFailedError, *, clock: Clock, tls: ssl.SSLContext | None = None
) -> bool:
    """Mail it, unless that was done within a day; whether the mail server took it."""
    now, said = clock(), settings.storage.state_dir / SAID
    if not _first_today(said, now):
        return False
    desk = desk_of(settings, Vault(settings.storage.master_key.get_secret_value()), {}, {})
    reader = desk.reader(Role.IT, desk.today(now))
    what = str(error).removeprefix(f"{settings.storage.database_path} ")  # a mail holds no path
    view = OperationsView(trouble=Trouble.STORAGE, since=now, says=f"The database file {what}", cure=CURE)
    stamp = desk.stamp(reader, settings.school.id, "storage failed", now.isoformat(), now=now)
    message = Outgoing(0, reader.address, compose_operations(view, stamp))
    receipt = await deliver_one(message, mail_server_of(settings, clock), tls, within=PATIENCE)
    if not receipt.ok and not receipt.unsure:
        said.unlink(missing_ok=True)  # nobody heard it: the next start tries again
    return receipt.ok


def _first_today(path: Path, now: datetime) -> bool:
    """Note that it is said now; False when it was within a day, or cannot be noted."""
    try:
        said = datetime.fromisoformat(path.read_text("ascii"))
    except (OSError, ValueError):
        said = None
    if said is not None and said <= now < said + AGAIN:
        return False
    try:
        path.write_text(now.isoformat(), "ascii")
    except OSError as error:
        log.warning("nobody was mailed: when it was said cannot be noted", error=type(error).__name__)
        return False
    return True
