"""What a week or a term comes to, from the database. Reads only; whom it is told decides who calls it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session, col, func, select

from alerts import digest_rows as rows
from alerts import follower_facts as facts
from alerts.desk import Desk
from alerts.offers import NOT_A_PROBLEM
from alerts.rows import waiting_case
from alerts.views_report import AccountFigures, FiguresView
from alerts.words import family
from monitor import coverage
from monitor.domain import ItemKind, Severity
from monitor.drills import real_case
from monitor.forecast import pounds
from monitor.heads import newest_hash
from monitor.store import Store
from monitor.tables import CaseRow, ItemRow, OutboxRow, SpendRow, StreamRow
from monitor.tables_people import FollowerRow
from monitor.tables_telling import TellingRow


def figures(
    session: Session,
    store: Store,
    desk: Desk,
    since: datetime,
    now: datetime,
    *,
    counts: Callable[[CaseRow], bool],
) -> FiguresView:
    """From `since` to now; what was watched is counted by whole days. Only cases that `counts` are counted anywhere."""
    first = desk.today(since)
    opened = [case for case in _cases(session, store, CaseRow.opened_at, since, now) if counts(case)]
    closed = [case for case in _cases(session, store, CaseRow.closed_at, since, now) if counts(case)]
    told = {case.id: _told(session, case) for case in opened}
    reads, cost = _paid(session, store, desk, first, desk.today(now))
    return FiguresView(
        first=first,
        last=desk.today(now),
        accounts=_accounts(session, store, desk, first, since, now),
        read=rows.items_read(session, store, since),
        found=_by_family([case.category for case in opened if case.severity > Severity.LOW]),
        noted=rows.quiet_counts(session, store, since),
        decided=len(closed),
        false_alarms=sum(case.outcome == NOT_A_PROBLEM for case in closed),
        to_tell=tuple(at - _seen(session, case) for case in opened if (at := told[case.id])),
        to_answer=tuple(
            answered - at
            for case in opened
            if (at := told[case.id])
            and (answered := case.acknowledged_at or case.closed_at)
            and answered > at
        ),
        waiting=tuple(waiting_case(case) for case in rows.waiting(session, store) if counts(case)),
        not_delivered=sum(counts(case) for case in rows.not_delivered(session, store, now)),
        new_followers=session.exec(
            select(func.count())
            .select_from(FollowerRow)
            .where(FollowerRow.school_id == store.school, FollowerRow.first_seen_at > since)
        ).one(),
        followers=facts.counts(session, store) if _lists_followers(session, store) else (),
        reads=reads,
        pounds=cost,
        chain_head=newest_hash(session, store),
    )


def _cases(
    session: Session, store: Store, at: datetime | None, since: datetime, now: datetime
) -> list[CaseRow]:
    return list(
        session.exec(
            select(CaseRow)
            .where(
                CaseRow.school_id == store.school,
                real_case(),
                col(CaseRow.joined_to).is_(None),  # a pile-on is one case
                col(at) > since,
                col(at) <= now,
            )
            .order_by(col(CaseRow.id))
        )
    )


def _accounts(
    session: Session, store: Store, desk: Desk, first: date, since: datetime, now: datetime
) -> tuple[AccountFigures, ...]:
    known = coverage.days(session, store, first, desk.today(now))
    gaps = coverage.gaps(session, store, since, now)
    made = []
    for key, name in desk.accounts.items():
        turns = coverage.turns([row for row in known if row.account == key])
        said = [gap for gap in gaps if gap.account == key and gap.kind in coverage.SAID]
        times = tuple((max(start, since), end) for start, end in coverage.together(said))
        network = desk.networks.get(key, "")
        made.append(
            AccountFigures(name=name, network=network, made=turns.made, missed=turns.missed, gaps=times)
        )
    return tuple(made)


def _by_family(categories: Sequence[str]) -> tuple[tuple[str, int], ...]:
    return tuple(Counter(family(category) for category in categories).most_common())


def _seen(session: Session, case: CaseRow) -> datetime:
    """When the first version of what the case is about was seen."""
    first = session.exec(
        select(func.min(ItemRow.seen_at)).where(
            ItemRow.school_id == case.school_id,
            ItemRow.account == case.account,
            ItemRow.kind == case.kind,
            ItemRow.external_id == case.external_id,
        )
    ).one()
    return min(first, case.opened_at) if first else case.opened_at


def _told(session: Session, case: CaseRow) -> datetime | None:
    """When the first mail that told of it, alone or with others, was accepted."""
    return session.exec(
        select(func.min(OutboxRow.sent_at))
        .join(TellingRow, col(TellingRow.message_id) == col(OutboxRow.message_id))
        .where(TellingRow.case_id == case.id, TellingRow.message_id != "")
    ).one()


def _paid(session: Session, store: Store, desk: Desk, first: date, last: date) -> tuple[int, Decimal]:
    """Paid reads, and their cost at most, in the calendar months (UTC) that the days touch."""
    spent = session.exec(
        select(SpendRow).where(
            SpendRow.school_id == store.school,
            SpendRow.month >= f"{first:%Y-%m}",
            SpendRow.month <= f"{last:%Y-%m}",
        )
    ).all()
    reads, cost = 0, Decimal(0)
    for row in spent:
        price = desk.budget.prices.get(row.network, Decimal(0))
        if price:
            reads += row.reads
            cost += pounds(row.reads, price, desk.budget.dollars_per_pound)
    return reads, cost


def _lists_followers(session: Session, store: Store) -> bool:
    query = select(StreamRow.id).where(
        StreamRow.school_id == store.school, StreamRow.kind == ItemKind.FOLLOWER.value
    )
    return session.exec(query).first() is not None
