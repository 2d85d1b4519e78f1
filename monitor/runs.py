"""When the service ran and how it ended: a crash, a power cut or a loop of restarts is told of by the start that follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlmodel import Session, col, delete, select

from monitor import __version__
from monitor.incidents import close_incident, open_incident
from monitor.ports import Clock
from monitor.store import Store
from monitor.tables_service import ServiceRunRow

ONCE, OFTEN = "restart", "restarts"
LOOP = 3  # so many unasked ends
WITHIN = timedelta(hours=1)  # in this time are a loop; and so long it must run for the loop to be over
FORGOTTEN = timedelta(days=1)  # it has run so long since an unasked end
_KEPT = timedelta(days=90)
_LOOKED_AT = 50  # runs, to count those within an hour
_CURE = (
    "A power cut or a restart of the machine explains it. Else look at `journalctl -u schoolgate` before that time: the "
    "watchdog, memory that ran out, or a fault that is worth reporting."
)


@dataclass(frozen=True, slots=True)
class Runs:
    """`zone`: the school's, for the times in sentences."""

    store: Store
    clock: Clock
    zone: tzinfo

    def begin(self) -> int:
        """Note that the service starts, and how the last one ended; returns the number of this run."""
        now = self.clock()
        with self.store.write() as session:
            session.exec(
                delete(ServiceRunRow).where(
                    col(ServiceRunRow.school_id) == self.store.school,
                    col(ServiceRunRow.started_at) < now - _KEPT,
                )
            )
            before = session.exec(
                select(ServiceRunRow)
                .where(ServiceRunRow.school_id == self.store.school)
                .order_by(col(ServiceRunRow.id).desc())
                .limit(_LOOKED_AT)
            ).all()
            row = ServiceRunRow(school_id=self.store.school, version=__version__, started_at=now, seen_at=now)
            session.add(row)
            if before and before[0].ended_at is None:
                unasked = [one for one in before if one.ended_at is None and one.seen_at > now - WITHIN]
                self._tell(session, before[0], len(unasked), now)
            session.flush()
            assert row.id is not None
            return row.id

    def _tell(self, session: Session, last: ServiceRunRow, unasked: int, now: datetime) -> None:
        when = f"{last.seen_at.astimezone(self.zone):%H:%M on %d %b %Y}"
        often = unasked >= LOOP
        says = "Schoolgate ended without being stopped"
        open_incident(
            self.store,
            session,
            OFTEN if often else ONCE,
            says=f"{says} {unasked} times within an hour" if often else f"{says}, at about {when}",
            cure=_CURE,
            now=now,
        )

    def seen(self, run: int) -> None:
        """Note that it runs; what is long enough ago is over."""
        now = self.clock()
        with self.store.write() as session:
            row = session.get_one(ServiceRunRow, run)
            row.seen_at = now
            for key, long in ((OFTEN, WITHIN), (ONCE, FORGOTTEN)):
                if row.started_at <= now - long:
                    close_incident(self.store, session, key, now=now)

    def end(self, run: int) -> None:
        """Note that it was stopped."""
        with self.store.write() as session:
            row = session.get_one(ServiceRunRow, run)
            row.seen_at = row.ended_at = self.clock()


def running_since(store: Store) -> datetime | None:
    """When the run that was noted last began; None where none was, or it was stopped."""
    with store.read() as session:
        row = session.exec(
            select(ServiceRunRow)
            .where(ServiceRunRow.school_id == store.school)
            .order_by(col(ServiceRunRow.id).desc())
            .limit(1)
        ).first()
    return row.started_at if row is not None and row.ended_at is None else None
