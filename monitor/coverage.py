"""What was watched: turns made, failed and missed on each day, and the times that nobody watched. Judges nothing.

Written with each answer of a network, in its own transaction, from the time since the answer before: a service that
was off wrote nothing meanwhile, and the gap stands all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from math import ceil

from sqlmodel import Session, col, func, select

from monitor.domain import ItemKind
from monitor.store import Store
from monitor.tables import StreamRow
from monitor.tables_watching import WatchedDayRow, WatchGapRow

PATIENCE = timedelta(minutes=5)  # beside three intervals: DESIGN.md invariant 10 calls what is longer silence
SAID = frozenset({ItemKind.COMMENT.value, ItemKind.MENTION.value, ItemKind.VISITOR_POST.value})


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which an account's kind was not read; `until` is None while it still is not."""

    account: str
    kind: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Turns:
    """How many turns were made, missed and failed."""

    made: int = 0
    missed: int = 0
    failed: int = 0

    @property
    def percent(self) -> int | None:
        """Of the planned turns those that were made, rounded down; None when none was planned."""
        planned = self.made + self.missed
        return 100 * self.made // planned if planned else None


def silence(every: timedelta) -> timedelta:
    """After this long without an answer, an account's kind counts as not watched."""
    return 3 * every + PATIENCE


def answered(
    session: Session,
    store: Store,
    stream: StreamRow,
    *,
    every: timedelta,
    zone: tzinfo,
    now: datetime,
    whole: bool,
) -> None:
    """Note an answer of the network. To be called before the stream's `last_success_at` moves; `whole` ends a turn."""
    last = stream.last_success_at
    today = _day(session, store, stream, now.astimezone(zone).date(), every)
    today.made += int(whole)
    if last is None or last >= now:
        return
    missed = max(0, round((now - last) / every) - 1)
    for day, start, end in _by_day(last, now, zone):
        longest = int((end - start).total_seconds())
        lost = min(missed, _before(last, end, every)) - min(missed, _before(last, start, every))
        row = today if day == today.day else _day(session, store, stream, day, every)
        row.missed += lost
        row.longest = max(row.longest, longest)
    if now - last > silence(every):
        session.add(
            WatchGapRow(
                school_id=store.school, account=stream.account, kind=stream.kind, since=last, until=now
            )
        )


def failed(
    session: Session, store: Store, stream: StreamRow, *, every: timedelta, zone: tzinfo, now: datetime
) -> None:
    """Note a try that came to nothing."""
    _day(session, store, stream, now.astimezone(zone).date(), every).failed += 1


def gaps(session: Session, store: Store, since: datetime, now: datetime) -> list[Gap]:
    """Every time of which a part lies between `since` and `now` and in which something was not read, oldest first."""
    kept = session.exec(
        select(WatchGapRow)
        .where(WatchGapRow.school_id == store.school, WatchGapRow.until > since, WatchGapRow.since < now)
        .order_by(col(WatchGapRow.since))
    )
    found = [Gap(row.account, row.kind, row.since, row.until if row.until <= now else None) for row in kept]
    every = intervals(session, store)
    for stream in session.exec(select(StreamRow).where(StreamRow.school_id == store.school)):
        usual, last = every.get((stream.account, stream.kind)), stream.last_success_at
        late = usual is not None and last is not None and now - last > silence(usual)
        if last is not None and (late or stream.blocked_at is not None):
            found.append(Gap(stream.account, stream.kind, last, None))
    return found


def together(found: Sequence[Gap]) -> list[tuple[datetime, datetime | None]]:
    """The gaps as times, those that overlap as one."""
    merged: list[tuple[datetime, datetime | None]] = []
    for since, until in sorted(((gap.since, gap.until) for gap in found), key=lambda one: one[0]):
        if merged and (merged[-1][1] is None or since <= merged[-1][1]):
            before = merged[-1][1]
            end = None if before is None or until is None else max(before, until)
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((since, until))
    return merged


def days(session: Session, store: Store, first: date, last: date) -> Sequence[WatchedDayRow]:
    """What is known of the days from `first` to `last`, both included."""
    return session.exec(
        select(WatchedDayRow)
        .where(WatchedDayRow.school_id == store.school, WatchedDayRow.day >= first, WatchedDayRow.day <= last)
        .order_by(col(WatchedDayRow.day))
    ).all()


def turns(rows: Sequence[WatchedDayRow]) -> Turns:
    """The sum of some days."""
    return Turns(
        sum(row.made for row in rows), sum(row.missed for row in rows), sum(row.failed for row in rows)
    )


def began(session: Session, store: Store) -> date | None:
    """The first day on which anything was watched, as far as is known; None before it."""
    return session.exec(
        select(func.min(WatchedDayRow.day)).where(WatchedDayRow.school_id == store.school)
    ).one()


def intervals(session: Session, store: Store) -> dict[tuple[str, str], timedelta]:
    """How often each (account, kind) is read, as of its newest day."""
    rows = session.exec(
        select(WatchedDayRow.account, WatchedDayRow.kind, WatchedDayRow.every)
        .where(WatchedDayRow.school_id == store.school)
        .order_by(col(WatchedDayRow.day))
    )
    return {(account, kind): timedelta(seconds=every) for account, kind, every in rows}


def _before(last: datetime, end: datetime, every: timedelta) -> int:
    """How many turns after `last` were planned before `end`."""
    return max(0, ceil((end - last) / every) - 1)


def _by_day(start: datetime, end: datetime, zone: tzinfo) -> Iterator[tuple[date, datetime, datetime]]:
    """The time between, cut at the school's midnights."""
    while start < end:
        day = start.astimezone(zone).date()
        midnight = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
        yield day, start, min(midnight, end)
        start = midnight


def _day(session: Session, store: Store, stream: StreamRow, day: date, every: timedelta) -> WatchedDayRow:
    row = session.exec(
        select(WatchedDayRow).where(
            WatchedDayRow.school_id == store.school,
            WatchedDayRow.account == stream.account,
            WatchedDayRow.kind == stream.kind,
            WatchedDayRow.day == day,
        )
    ).first()
    if row is None:
        row = WatchedDayRow(
            school_id=store.school, account=stream.account, kind=stream.kind, day=day, every=0
        )
        session.add(row)
    row.every = int(every.total_seconds())
    return row
