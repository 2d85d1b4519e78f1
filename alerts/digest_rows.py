"""What a digest counts and lists, from the database. Reads only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from alerts.desk import Desk
from alerts.offers import NOT_A_PROBLEM
from alerts.rows import removal
from alerts.views_digest import CaseFacts, ClosedCase, UndeliveredRow, WatchRow
from monitor import coverage
from monitor.domain import CaseState, Choice, Done, ItemKind, Reason, Role, Severity
from monitor.drills import real_case, real_item
from monitor.store import Store
from monitor.tables import (
    AuditRow,
    CaseRow,
    DecisionRow,
    EvidenceRow,
    IncidentRow,
    ItemRow,
    NoticeRow,
    OutboxRow,
    StreamRow,
)
from monitor.tables_people import FollowerRow as FollowerTable
from monitor.tables_telling import TellingRow

_TALLY = timedelta(days=30)
_NO_DECISION = frozenset(
    {Choice.ACKNOWLEDGE.value, Choice.REPORT.value, Choice.REPORTED.value, Choice.TOLD.value}
)
Sees = Callable[[CaseRow], bool]  # whether the reader may know of a case


def items_read(session: Session, store: Store, since: datetime) -> int:
    return session.exec(
        select(func.count())
        .select_from(ItemRow)
        .where(
            ItemRow.school_id == store.school,
            real_item(),
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
                real_case(),
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
                real_case(),
                col(CaseRow.closed_at) > since,
                col(CaseRow.joined_to).is_(None),
            )
            .order_by(col(CaseRow.id))
        )
    )


def closed_case(session: Session, case: CaseRow, sees: Sees) -> ClosedCase:
    return ClosedCase(
        ref=case.ref,
        category=case.category,
        removal=removal(session, case),
        false_alarm=case.outcome == NOT_A_PROBLEM,
        facts=case_facts(session, case, sees),
    )


def case_facts(session: Session, case: CaseRow, sees: Sees) -> CaseFacts:
    """What was done about a case. Of its author's earlier cases only those that the reader `sees` are counted."""
    decisions = session.exec(
        select(DecisionRow).where(DecisionRow.case_id == case.id).order_by(col(DecisionRow.id))
    ).all()
    told = [one for one in decisions if one.choice == Choice.TOLD.value]
    reported = [one for one in decisions if one.done == Done.REPORTED.value]
    deciding = [one for one in decisions if one.choice not in _NO_DECISION and one not in reported]
    copies = session.exec(
        select(func.count()).select_from(EvidenceRow).where(EvidenceRow.case_id == case.id)
    ).one()
    return CaseFacts(
        standing=Done(case.standing),
        taken_by=Role(case.acknowledged_by) if case.acknowledged_by in set(Role) else None,
        decided_by=Role(deciding[-1].role) if deciding else None,
        reported_by=Role(reported[-1].role) if reported else None,
        told_by=Role(told[-1].role) if told else None,
        copies=copies,
        packed=_packed(session, case),
        earlier=sum(sees(one) for one in _earlier(session, case)),
    )


def _packed(session: Session, case: CaseRow) -> bool:
    found = select(AuditRow.id).where(
        AuditRow.school_id == case.school_id,
        AuditRow.thing == f"case {case.ref}",
        AuditRow.event == "exported",
    )
    return session.exec(found.limit(1)).first() is not None


def _earlier(session: Session, case: CaseRow) -> list[CaseRow]:
    author = session.get_one(ItemRow, case.item_id).author_id
    if author is None:
        return []
    return list(
        session.exec(
            select(CaseRow)
            .join(ItemRow, col(ItemRow.id) == col(CaseRow.item_id))
            .where(
                CaseRow.school_id == case.school_id,
                CaseRow.network == case.network,
                ItemRow.author_id == author,
                CaseRow.number < case.number,
            )
        )
    )


def quiet_counts(session: Session, store: Store, since: datetime) -> tuple[tuple[str, int], ...]:
    rows = session.exec(
        select(ItemRow.category, func.count())
        .where(
            ItemRow.school_id == store.school,
            real_item(),
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


def watched(
    session: Session, store: Store, desk: Desk, since: datetime, now: datetime
) -> tuple[WatchRow, ...]:
    """When each account was last read, and when it was not: gaps are told from the readings, so that time in which the
    service itself was off counts too."""
    streams = session.exec(
        select(StreamRow).where(StreamRow.school_id == store.school).order_by(col(StreamRow.id))
    ).all()
    gaps = coverage.gaps(session, store, since, now)
    rows = []
    for account, name in desk.accounts.items():
        times = [stream.last_success_at for stream in streams if stream.account == account]
        spans = coverage.together([gap for gap in gaps if gap.account == account])
        rows.append(
            WatchRow(
                account=name,
                network=desk.networks.get(account, ""),
                last_success=None if not times or None in times else min(time for time in times if time),
                gaps=tuple((max(start, since) if end else start, end) for start, end in spans),
            )
        )
    return tuple(rows)


def not_delivered(session: Session, store: Store, now: datetime) -> list[CaseRow]:
    """Cases of the last 30 days that were found and of which nobody was told: a mail was made and none was accepted, or
    none was made an hour after it should have been."""
    mails = (
        select(OutboxRow.id)
        .join(TellingRow, col(TellingRow.message_id) == col(OutboxRow.message_id))
        .where(TellingRow.case_id == CaseRow.id, TellingRow.message_id != "")
    )
    late = select(NoticeRow.id).where(
        NoticeRow.case_id == CaseRow.id,
        col(NoticeRow.composed_at).is_(None),
        col(NoticeRow.not_before) < now - timedelta(hours=1),
    )
    return list(
        session.exec(
            select(CaseRow).where(
                CaseRow.school_id == store.school,
                CaseRow.state == CaseState.OPEN.value,
                CaseRow.severity > Severity.LOW.value,
                CaseRow.opened_at > now - _TALLY,
                real_case(),
                col(CaseRow.joined_to).is_(None),
                (
                    mails.where(col(OutboxRow.attempts) > 0).exists()
                    & ~mails.where(col(OutboxRow.sent_at).is_not(None)).exists()
                )
                | late.exists(),
            )
        )
    )


def soon(session: Session, store: Store) -> tuple[str, ...]:
    """What runs out or stops soon, in our words: an access, the month's reads."""
    rows = session.exec(
        select(IncidentRow.says).where(
            IncidentRow.school_id == store.school,
            col(IncidentRow.closed_at).is_(None),
            col(IncidentRow.key).startswith("expires:") | col(IncidentRow.key).startswith("relist:"),
        )
    )
    return tuple(rows)


def undelivered(session: Session, store: Store, sees: Sees) -> tuple[UndeliveredRow, ...]:
    """Of mails about a case only those of cases that the reader `sees`: to whom it went would tell of an allegation."""
    rows = session.exec(
        select(OutboxRow).where(
            OutboxRow.school_id == store.school,
            OutboxRow.reason != Reason.CLAIM.value,  # a family's, shown with its follower
            col(OutboxRow.sent_at).is_(None),
            (col(OutboxRow.attempts) > 0) | col(OutboxRow.failed_at).is_not(None),
            col(OutboxRow.replaced).is_(False),
        )
    ).all()
    undelivered = []
    for row in rows:
        case = session.get(CaseRow, row.case_id) if row.case_id else None
        if case is not None and not sees(case):
            continue
        undelivered.append(
            UndeliveredRow(
                ref=case.ref if case else "",
                role=Role(row.role),
                since=row.created_at,
                says=row.reply or "The mail server has not answered yet.",
            )
        )
    return tuple(undelivered)


def decided(session: Session, store: Store, now: datetime, sees: Sees, *, false_alarm: bool) -> int:
    query = select(CaseRow).where(
        CaseRow.school_id == store.school,
        real_case(),
        col(CaseRow.closed_at) > now - _TALLY,
        col(CaseRow.joined_to).is_(None),
    )
    if false_alarm:
        query = query.where(CaseRow.outcome == NOT_A_PROBLEM)
    return sum(sees(case) for case in session.exec(query))
