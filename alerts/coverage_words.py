"""What was watched, in plain words: one account, day by day. Reads only; the figures are monitor/coverage.py's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from alerts.words import LocalTime, counted, day, listed, network_words
from monitor import coverage
from monitor.domain import ItemKind
from monitor.store import Store
from monitor.tables import ItemRow, StreamRow
from monitor.tables_watching import WatchedDayRow

DAYS = 14
KINDS = {
    ItemKind.COMMENT.value: "comments",
    ItemKind.MENTION.value: "mentions",
    ItemKind.VISITOR_POST.value: "visitors’ posts",
    ItemKind.FOLLOWER.value: "followers",
    ItemKind.POST.value: "own posts",
}


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day of one account. `sign` is ✔, ✖ or ○ (no record)."""

    day: str
    sign: str
    says: str
    turns: str


@dataclass(frozen=True, slots=True)
class AccountLines:
    name: str
    network: str
    percent: int | None  # of the planned readings, over the days shown; rounded down
    last: str
    newest: str
    longest: str
    days: tuple[DayLine, ...]


def accounts(
    session: Session,
    store: Store,
    names: Mapping[str, str],
    networks: Mapping[str, str],
    now: datetime,
    zone: ZoneInfo,
) -> tuple[AccountLines, ...]:
    """Every account of `names` (key → name) on the last DAYS days, the newest first."""
    today = now.astimezone(zone).date()
    shown = [today - timedelta(days=number) for number in range(DAYS)]
    rows = coverage.days(session, store, shown[-1], today)
    gaps = coverage.gaps(session, store, _midnight(shown[-1], zone), now)
    streams = session.exec(select(StreamRow).where(StreamRow.school_id == store.school)).all()
    return tuple(
        _account(
            name,
            network_words(networks[key])[0] if key in networks else "",
            [row for row in rows if row.account == key],
            [gap for gap in gaps if gap.account == key],
            [stream for stream in streams if stream.account == key],
            _newest(session, store, key),
            shown,
            now,
            zone,
        )
        for key, name in names.items()
    )


def _account(
    name: str,
    network: str,
    rows: Sequence[WatchedDayRow],
    gaps: Sequence[coverage.Gap],
    streams: Sequence[StreamRow],
    newest: datetime | None,
    shown: Sequence[date],
    now: datetime,
    zone: ZoneInfo,
) -> AccountLines:
    local = LocalTime(zone.key)
    read = [at for stream in streams if (at := stream.last_success_at)]
    never = [KINDS.get(stream.kind, stream.kind) for stream in streams if stream.last_success_at is None]
    last = f"{local.near(min(read), now)} ({_ago(now - min(read))} ago)" if read else "never yet"
    if read and never:
        last += f"; {listed(tuple(never))} never yet"
    began = min((stream.baseline_at for stream in streams if stream.baseline_at), default=None)
    longest = max((row.longest for row in rows), default=0)
    return AccountLines(
        name,
        network,
        coverage.turns(rows).percent,
        last,
        f"{_ago(now - newest)} old" if newest else "none was ever read",
        _ago(timedelta(seconds=longest)) if longest else "none",
        tuple(
            _day(one, here, gaps, began, now, zone)
            for one in shown
            if (here := [row for row in rows if row.day == one]) or began is None or one >= local.date(began)
        ),
    )


def _day(
    when: date,
    rows: Sequence[WatchedDayRow],
    gaps: Sequence[coverage.Gap],
    began: datetime | None,
    now: datetime,
    zone: ZoneInfo,
) -> DayLine:
    start, end = _midnight(when, zone), _midnight(when + timedelta(days=1), zone)
    here = [gap for gap in gaps if gap.since < end and (gap.until is None or gap.until > start)]
    turns = coverage.turns(rows)
    failed = f", {turns.failed} failed" if turns.failed else ""
    count = f"{turns.made} of {turns.made + turns.missed}{failed}" if rows else ""
    if not rows and not here:
        return DayLine(day(when), "○", "no record of this day", "")
    if not any(gap.kind in coverage.SAID for gap in here) and began and began.astimezone(zone).date() == when:
        said = [f"watched from {LocalTime(zone.key).clock(began)}"]
    elif not here and not turns.made:
        return DayLine(day(when), "✖", "not watched", count)
    else:
        said = []
    said += [f"{what}not {_read(what)} {_times(one, start, end, zone)}" for what, one in _grouped(here)]
    if said and not here:
        return DayLine(day(when), "✔", said[0], count)
    if said:
        return DayLine(day(when), "✖", "; ".join(said), count)
    whole = "watched so far" if end > now else "watched all day"
    return DayLine(day(when), "✔", whole, count)


def _grouped(gaps: Sequence[coverage.Gap]) -> list[tuple[str, list[coverage.Gap]]]:
    """The gaps of what people say together, and after them each other kind's under its name."""
    said = [gap for gap in gaps if gap.kind in coverage.SAID]
    spans = coverage.together(said)
    others = sorted({gap.kind for gap in gaps if not _within(gap, spans)} - coverage.SAID)
    return ([("", said)] if said else []) + [
        (f"{KINDS.get(kind, kind)} ", [gap for gap in gaps if gap.kind == kind]) for kind in others
    ]


def _within(gap: coverage.Gap, spans: Sequence[tuple[datetime, datetime | None]]) -> bool:
    """Whether "not watched" says it already."""
    return any(
        since <= gap.since and (until is None or (gap.until is not None and gap.until <= until))
        for since, until in spans
    )


def _read(what: str) -> str:
    return "read" if what else "watched"


def _times(gaps: Sequence[coverage.Gap], start: datetime, end: datetime, zone: ZoneInfo) -> str:
    local = LocalTime(zone.key)
    spans = []
    for since, until in coverage.together(gaps):
        if since <= start and (until is None or until >= end):
            return "all day"
        if until is None:
            spans.append(f"since {local.clock(since)}")
        else:
            till = local.clock(until) if until < end else "24:00"
            spans.append(f"{local.clock(max(since, start))}–{till}")
    return listed(tuple(spans))


def _newest(session: Session, store: Store, account: str) -> datetime | None:
    """When the newest thing that somebody said was posted, or seen where the network does not tell."""
    return session.exec(
        select(func.max(func.coalesce(ItemRow.posted_at, ItemRow.seen_at))).where(
            ItemRow.school_id == store.school,
            ItemRow.account == account,
            col(ItemRow.kind).in_(coverage.SAID),
        )
    ).one()


def _ago(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    if minutes < 120:  # noqa: PLR2004 - two hours are told in minutes
        return counted(max(minutes, 0), "minute")
    if minutes < 48 * 60:
        return counted(minutes // 60, "hour")
    return counted(minutes // (24 * 60), "day")


def _midnight(when: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(when, time(), zone).astimezone(UTC)
