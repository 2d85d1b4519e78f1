"""What a digest counts and lists, from the database. Reads only."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from alerts.desk import Desk
from alerts.offers import NOT_A_PROBLEM
from alerts.rows import removal
from alerts.views_digest import ClosedCase, UndeliveredRow, WatchRow
from monitor.domain import CaseState, ItemKind, Reason, Role, Severity
from monitor.store import Store
from monitor.tables import CaseRow, IncidentRow, ItemRow, OutboxRow, StreamRow
from monitor.tables_people import FollowerRow as FollowerTable

_TALLY = timedelta(days=30)


def items_read(session: Session, store: Store, since: datetime) -> int:
    return session.exec(
        select(func.count())
        .select_from(ItemRow)
        .where(
            ItemRow.school_id == store.school,
            ItemRow.seen_at > since,
            col(ItemRow.kind).not_in([ItemKind.FOLLOWER.value, ItemKind.POST.value]),
        )
    ).one()


def waiting(session: Session, store: Store) -> list[CaseRow]:
    """What a person must still decide; what is low waits for nobody and is only counted."""
    return list(
        session.exec(
            select(CaseRow)
            .where(
                CaseRow.school_id == store.school,
                CaseRow.state != CaseState.CLOSED.value,
                CaseRow.severity > Severity.LOW.value,
                col(CaseRow.joined_to).is_(None),  # a pile-on is one case
            )
            .order_by(col(CaseRow.severity).desc(), col(CaseRow.id))
        )
    )


def closed_since(session: Session, store: Store, since: datetime) -> list[CaseRow]:
    return list(
        session.exec(
            select(CaseRow)
            .where(
                CaseRow.school_id == store.school,
                col(CaseRow.closed_at) > since,
                col(CaseRow.joined_to).is_(None),
            )
            .order_by(col(CaseRow.id))
        )
    )


def closed_case(session: Session, case: CaseRow) -> ClosedCase:
    return ClosedCase(
        ref=case.ref,
        category=case.category,
        removal=removal(session, case),
        false_alarm=case.outcome == NOT_A_PROBLEM,
    )


def quiet_counts(session: Session, store: Store, since: datetime) -> tuple[tuple[str, int], ...]:
    rows = session.exec(
        select(ItemRow.category, func.count())
        .where(
            ItemRow.school_id == store.school,
            ItemRow.seen_at > since,
            ItemRow.severity == Severity.LOW.value,
            col(ItemRow.category).is_not(None),
        )
        .group_by(col(ItemRow.category))
        .order_by(col(ItemRow.category))
    ).all()
    return tuple((category, count) for category, count in rows if category)


def new_followers(session: Session, store: Store, since: datetime) -> int:
    return session.exec(
        select(func.count())
        .select_from(FollowerTable)
        .where(FollowerTable.school_id == store.school, FollowerTable.first_seen_at > since)
    ).one()


def watched(session: Session, store: Store, desk: Desk, since: datetime) -> tuple[WatchRow, ...]:
    streams = session.exec(
        select(StreamRow).where(StreamRow.school_id == store.school).order_by(col(StreamRow.id))
    ).all()
    incidents = session.exec(
        select(IncidentRow).where(
            IncidentRow.school_id == store.school,
            col(IncidentRow.key).startswith("stream:"),
            col(IncidentRow.closed_at).is_(None) | (col(IncidentRow.closed_at) > since),
        )
    ).all()
    rows = []
    for account, name in desk.accounts.items():
        times = [stream.last_success_at for stream in streams if stream.account == account]
        gaps = [one for one in incidents if one.key.split(":")[1] == account]
        rows.append(
            WatchRow(
                account=name,
                network=desk.networks.get(account, ""),
                last_success=None if not times or None in times else min(time for time in times if time),
                gaps=tuple((max(one.opened_at, since), one.closed_at) for one in gaps),
            )
        )
    return tuple(rows)


def undelivered(session: Session, store: Store) -> tuple[UndeliveredRow, ...]:
    rows = session.exec(
        select(OutboxRow).where(
            OutboxRow.school_id == store.school,
            OutboxRow.reason != Reason.CLAIM.value,  # a family's, shown with its follower
            col(OutboxRow.sent_at).is_(None),
            (col(OutboxRow.attempts) > 0) | col(OutboxRow.failed_at).is_not(None),
        )
    ).all()
    undelivered = []
    for row in rows:
        case = session.get(CaseRow, row.case_id) if row.case_id else None
        undelivered.append(
            UndeliveredRow(
                ref=case.ref if case else "",
                role=Role(row.role),
                since=row.created_at,
                says=row.reply or "The mail server has not answered yet.",
            )
        )
    return tuple(undelivered)


def decided(session: Session, store: Store, now: datetime, *, false_alarm: bool) -> int:
    query = (
        select(func.count())
        .select_from(CaseRow)
        .where(
            CaseRow.school_id == store.school,
            col(CaseRow.closed_at) > now - _TALLY,
            col(CaseRow.joined_to).is_(None),
        )
    )
    if false_alarm:
        query = query.where(CaseRow.outcome == NOT_A_PROBLEM)
    return session.exec(query).one()
