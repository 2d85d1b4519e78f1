"""A disk that is nearly full: nothing more is read, what was read is told, and reading goes on when there is room."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from sqlmodel import select

from monitor import schema
from monitor.app import App
from monitor.app.upkeep import Upkeep
from monitor.disk import Room
from monitor.domain import Role
from monitor.errors import StoreFailedError
from monitor.key_rotation import Resealing
from monitor.steps import Steps
from monitor.store import Store
from monitor.tables import ItemRow
from monitor.tables_watching import WatchGapRow
from tests.conftest import MORNING, HandClock
from tests.judges import judges
from tests.making import HOURS
from tests.school import THREAT, address, school

MIB = 2**20
AMPLE = Room(500 * MIB, 50_000 * MIB)
NO_MODEL = '[detection]\nmodel = "off"\n'
LATER = "I will burn the school down tonight"


@pytest.mark.parametrize(
    ("free", "total", "short"),
    [(199, 50_000, True), (200, 50_000, False), (49, 1_000, True), (50, 1_000, False), (0, 1_000, True)],
)
def test_there_is_room_from_200_mib_or_a_twentieth_of_a_small_disk(
    free: int, total: int, short: bool
) -> None:
    assert Room(free * MIB, total * MIB).is_short is short


async def turn(app: App) -> None:
    for watch in app.watches:
        app.poll(watch)
    app.work()
    app.slow()
    await app.deliver()


async def test_a_disk_short_of_room_stops_the_reading_and_not_the_mail(tmp_path: Path) -> None:
    clock, rooms = HandClock(MORNING), [AMPLE]
    with school(tmp_path, clock, more=NO_MODEL) as built:
        schema.upgrade(built.settings().storage.database_path)
        trust = ssl.create_default_context(cafile=str(tmp_path / "mailbox.pem"))
        with built.store() as store:
            app = App(built.settings(), store, clock=clock, tls=trust, room_at=lambda _: rooms[-1])
            await turn(app)
            clock.wait(minutes=10)
            built.says_on_facebook(THREAT)
            for watch in app.watches:
                app.poll(watch)
            app.work()
            rooms.append(Room(150 * MIB, 50_000 * MIB))
            later = built.says_on_facebook(LATER)
            clock.wait(minutes=40)
            await turn(app)
            await turn(app)
            assert len(built.mailbox.to(address(Role.DSL))) == 1, "what was read before is told"
            with store.read() as session:
                rows = select(ItemRow.id).where(ItemRow.external_id == later)
                assert session.exec(rows).all() == []
            assert [one.key for one in app.incidents() if one.key.startswith("full")] == ["full:disk"]
            assert not app.health()["ok"]
            for role in (Role.IT, Role.ESAFETY):
                bodies = [
                    " ".join((mail.body("plain") or "").split()) for mail in built.mailbox.to(address(role))
                ]
                assert sum("account is read: only 150 MiB" in body for body in bodies) == 1
            rooms.append(AMPLE)
            clock.wait(minutes=40)
            await turn(app)
            assert [one.key for one in app.incidents() if one.key.startswith("full")] == []
            assert len(built.mailbox.to(address(Role.DSL))) == 2
            with store.read() as session:
                gaps = session.exec(select(WatchGapRow)).all()
            assert {gap.account for gap in gaps} == {"x-main", "facebook-page"}


def test_the_nightly_check_finds_a_damaged_database(store: Store, clock: HandClock) -> None:
    settings = judges(store)._settings
    upkeep = Upkeep(settings, store, (), HOURS, clock, Steps(store, clock), Resealing(store, clock))
    told: list[StoreFailedError] = []
    store.on_failure = told.append
    with store.write() as session:
        store.audit(session, at=clock(), actor="schoolgate", happened="case opened", thing="case 1")
    upkeep.check_evidence()
    assert told == []
    with store.read() as session:
        pages = session.connection().exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'pile'")
        page = pages.scalar_one()
    assert store.checkpoint()
    with store.path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    clock.wait(hours=2)
    upkeep.check_evidence()
    assert told == [], "it is not yet due"
    clock.wait(days=1)
    with pytest.raises(StoreFailedError, match="keep the file and restore a backup"):
        upkeep.check_evidence()
    assert len(told) == 1
    assert not store.ready()
