"""The running service when its disk or its database file fails: it ends, says so once, and what it had is kept."""

from __future__ import annotations

import json
import os
import resource
import ssl
from pathlib import Path

import pytest
from sqlmodel import select

from monitor import schema
from monitor.app import utc_now
from monitor.app.last_words import tell_failure
from monitor.commands.opened import store_of
from monitor.domain import Role
from monitor.errors import StoreFailedError
from monitor.retention import chain_broken_at
from monitor.sandbox.mailbox import Fault
from monitor.tables import ItemRow
from tests.conftest import MORNING, HandClock
from tests.monitor.test_daemon import Manager, service
from tests.school import THREAT, School, address, school

NO_MODEL = '[detection]\nmodel = "off"\n'
IO_ERROR = 74
SOON = 90.0


def told_of_storage(built: School) -> list[str]:
    """What the administrator was mailed about the database."""
    bodies = [mail.body("plain") or "" for mail in built.mailbox.to(address(Role.IT))]
    return [body for body in bodies if "The database file" in body]


def damage(path: Path) -> bytes:
    """Overwrite the middle third; returns what the file then holds."""
    whole = path.read_bytes()
    third = len(whole) // 3
    path.write_bytes(whole[:third] + os.urandom(third) + whole[2 * third :])
    return path.read_bytes()


def test_a_disk_that_fails_ends_the_service_and_what_it_had_is_whole(tmp_path: Path) -> None:
    with school(tmp_path, utc_now, every="10s", more=NO_MODEL) as built:
        with service(built, Manager(tmp_path)) as process:
            size = built.settings().storage.database_path.stat().st_size
            # the system refuses every write beyond this from now on: SQLite reports an I/O error
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size // 4, size // 4))
            built.says_on_facebook(THREAT)
            _, log = process.communicate(timeout=SOON)
        assert process.returncode == IO_ERROR, log
        lines = [json.loads(line) for line in log.splitlines()]
        assert [line["level"] for line in lines if line["event"] == "the database failed"] == ["critical"]
        (told,) = told_of_storage(built)
        assert "could not be read" in told
        assert "Do not delete or repair the database file" in told
        with built.store() as store:
            store.check()
            assert chain_broken_at(store) is None
            with store.read() as session:
                stored = session.exec(select(ItemRow.external_id).where(ItemRow.kind == "mention")).all()
            assert len(stored) == len(set(stored))


@pytest.mark.slow
def test_a_damaged_database_ends_the_start_and_is_kept_and_told_of(tmp_path: Path) -> None:
    with school(tmp_path, utc_now, more=NO_MODEL) as built:
        path = built.settings().storage.database_path
        schema.upgrade(path)
        found = damage(path)
        ended = built.run("run")
        assert ended.returncode == IO_ERROR
        assert ended.stderr.splitlines()[-1].endswith("keep the file and restore a backup")
        assert path.read_bytes() == found
        (told,) = told_of_storage(built)
        assert str(path.parent) not in told


async def test_it_is_told_once_a_day_and_again_when_nobody_took_the_mail(tmp_path: Path) -> None:
    clock = HandClock(MORNING)
    with school(tmp_path, clock, more=NO_MODEL) as built:
        settings, tls = built.settings(), ssl.create_default_context(cafile=str(tmp_path / "mailbox.pem"))
        settings.storage.state_dir.mkdir()
        error = StoreFailedError.damaged(settings.storage.database_path, "quick_check")
        assert await tell_failure(settings, error, clock=clock, tls=tls)
        clock.wait(hours=1)
        assert not await tell_failure(settings, error, clock=clock, tls=tls)
        clock.wait(days=1)
        assert await tell_failure(settings, error, clock=clock, tls=tls)
        assert len(told_of_storage(built)) == 2
        clock.wait(days=2)
        built.mailbox.plan(Fault.BUSY)
        assert not await tell_failure(settings, error, clock=clock, tls=tls)
        assert await tell_failure(settings, error, clock=clock, tls=tls)


async def test_nothing_is_mailed_where_it_cannot_be_noted(tmp_path: Path) -> None:
    clock = HandClock(MORNING)
    with school(tmp_path, clock, more=NO_MODEL) as built:
        settings = built.settings()  # its state folder is not there
        error = StoreFailedError.damaged(settings.storage.database_path, "quick_check")
        assert not await tell_failure(
            settings, error, clock=clock, tls=ssl.create_default_context(cafile=str(tmp_path / "mailbox.pem"))
        )
        assert told_of_storage(built) == []


@pytest.mark.parametrize("how", ["no database", "damaged"])
def test_no_command_takes_a_file_that_is_no_whole_database(tmp_path: Path, how: str) -> None:
    with school(tmp_path, utc_now, more=NO_MODEL) as built:
        settings = built.settings()
    path = settings.storage.database_path
    path.parent.mkdir()
    if how == "damaged":
        schema.upgrade(path)
        found = damage(path)
    else:
        path.write_bytes(b"this is not a database" * 400)
        found = path.read_bytes()
    with pytest.raises(StoreFailedError, match="is not a usable database"), store_of(settings):
        pass
    assert path.read_bytes() == found
