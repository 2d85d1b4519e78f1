"""The daily digest: what one day's rows say, for whom, once a day, quiet days too. Sends nothing itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from alerts import links
from alerts.compose import compose_digest
from alerts.desk import Desk, Reader
from alerts.outbox import enqueue
from alerts.rows import removal, waiting_case
from alerts.views import ClosedCase, DigestView, FollowerRow, UndeliveredRow, WatchRow
from monitor import items
from monitor.crash import point
from monitor.domain import CaseState, ItemKind, Reason, Role, Severity, VerificationState
from monitor.hours import digest_due, next_digest
from monitor.ports import Clock
from monitor.store import Store
from monitor.tables import (
    AuditRow,
    CaseRow,
    DigestRow,
    IncidentRow,
    ItemRow,
    OutboxRow,
    StreamRow,
)
from monitor.tables import FollowerRow as FollowerTable

READERS = (Role.OFFICE, Role.ESAFETY, Role.HEADTEACHER)
FALSE_ALARM = "not a problem"  # the outcome that dismissing a case writes
_TALLY = timedelta(days=30)
_TODO = {
    VerificationState.UNVERIFIED: "Not on the school's records. If you know who it is, add the handle to the register "
    "and import it again; if not, open the account's list of followers and remove it there.",
    VerificationState.CLAIMED: "The register lists this handle; nobody has proven it yet. Nothing to do today.",
}


def digest(store: Store, desk: Desk, *, clock: Clock) -> int:
    """Put today's digest into the outbox when it is due and not there yet; returns how many messages it made."""
    now = clock()
    day = digest_due(now, desk.hours)
    if day is None:
        return 0
    with store.read() as session:
        if _there(session, store, day):
            return 0
    try:
        with store.write() as session:
            made = _make(session, store, desk, day, now)
    except IntegrityError:
        return 0  # another run made it meanwhile
    point("digest.stored")
    return made


def view_of(session: Session, store: Store, desk: Desk, day: date, now: datetime, link: str) -> DigestView:
    """What the digest of `day` says, from the last one to `now`."""
    since = _since(session, store, now)
    return DigestView(
        day=day,
        link=link,
        next_at=next_digest(now, desk.hours),
        read=_read(session, store, since),
        waiting=tuple(waiting_case(case) for case in _waiting(session, store)),
        closed=tuple(_closed(session, case) for case in _closed_since(session, store, since)),
        quiet_counts=_quiet(session, store, since),
        new_followers=_new_followers(session, store, since),
        followers=_followers(session, store, desk, since),
        watched=_watched(session, store, desk, since),
        undelivered=_undelivered(session, store),
        decided=_decided(session, store, now, false_alarm=False),
        false_alarms=_decided(session, store, now, false_alarm=True),
        chain_head=session.exec(
            select(AuditRow.hash)
            .where(AuditRow.school_id == store.school)
            .order_by(col(AuditRow.seq).desc())
            .limit(1)
        ).first()
        or "",
    )


def _there(session: Session, store: Store, day: date) -> bool:
    return (
        session.exec(
            select(DigestRow.id).where(DigestRow.school_id == store.school, DigestRow.local_date == day)
        ).first()
        is not None
    )


def _make(session: Session, store: Store, desk: Desk, day: date, now: datetime) -> int:
    covers_from = _since(session, store, now)
    made = 0
    told: set[str] = set()
    for role in READERS:
        reader: Reader = desk.reader(role, desk.today(now))
        if reader.address in told:
            continue
        told.add(reader.address)
        token = links.issue(
            store,
            session,
            case_id=None,
            role=reader.role,
            address=reader.address,
            now=now,
            valid=desk.link_valid,
        )
        view = view_of(session, store, desk, day, now, f"{desk.public_url.rstrip('/')}/c/{token}")
        stamp = desk.stamp(reader, store.school, "digest", day.isoformat(), now=now)
        made += enqueue(
            store,
            session,
            now=now,
            dedup_key=f"digest:{day.isoformat()}:{reader.role}",
            role=reader.role,
            recipient=reader.address,
            reason=Reason.DIGEST,
            message_id=stamp.message_id,
            message=compose_digest(view, stamp),
        )
    session.add(
        DigestRow(
            school_id=store.school, local_date=day, covers_from=covers_from, covers_to=now, created_at=now
        )
    )
    store.audit(
        session, at=now, actor="schoolgate", happened="digest made", thing=f"digest {day.isoformat()}"
    )
    return made


def _since(session: Session, store: Store, now: datetime) -> datetime:
    last = session.exec(
        select(func.max(DigestRow.covers_to)).where(DigestRow.school_id == store.school)
    ).one()
    return last or now - timedelta(days=1)


def _read(session: Session, store: Store, since: datetime) -> int:
    return session.exec(
        select(func.count())
        .select_from(ItemRow)
        .where(
            ItemRow.school_id == store.school,
            ItemRow.seen_at > since,
            col(ItemRow.kind).not_in([ItemKind.FOLLOWER.value, ItemKind.POST.value]),
        )
    ).one()


def _waiting(session: Session, store: Store) -> list[CaseRow]:
    """What a person must still decide; what is low waits for nobody and is only counted."""
    return list(
        session.exec(
            select(CaseRow)
            .where(
                CaseRow.school_id == store.school,
                CaseRow.state != CaseState.CLOSED.value,
                CaseRow.severity > Severity.LOW.value,
            )
            .order_by(col(CaseRow.severity).desc(), col(CaseRow.id))
        )
    )


def _closed_since(session: Session, store: Store, since: datetime) -> list[CaseRow]:
    return list(
        session.exec(
            select(CaseRow)
            .where(CaseRow.school_id == store.school, col(CaseRow.closed_at) > since)
            .order_by(col(CaseRow.id))
        )
    )


def _closed(session: Session, case: CaseRow) -> ClosedCase:
    return ClosedCase(
        ref=case.ref,
        category=case.category,
        removal=removal(session, case),
        false_alarm=case.outcome == FALSE_ALARM,
    )


def _quiet(session: Session, store: Store, since: datetime) -> tuple[tuple[str, int], ...]:
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


def _new_followers(session: Session, store: Store, since: datetime) -> int:
    return session.exec(
        select(func.count())
        .select_from(FollowerTable)
        .where(FollowerTable.school_id == store.school, FollowerTable.first_seen_at > since)
    ).one()


def _followers(session: Session, store: Store, desk: Desk, since: datetime) -> tuple[FollowerRow, ...]:
    rows = session.exec(
        select(FollowerTable)
        .where(
            FollowerTable.school_id == store.school,
            FollowerTable.first_seen_at > since,
            col(FollowerTable.state).in_(
                [VerificationState.UNVERIFIED.value, VerificationState.CLAIMED.value]
            ),
        )
        .order_by(col(FollowerTable.state), col(FollowerTable.id))
    ).all()
    listed = []
    for row in rows:
        author = items.from_row(session.get_one(ItemRow, row.item_id), store.vault).author
        state = VerificationState(row.state)
        listed.append(
            FollowerRow(
                handle=author.handle or "(no handle)",
                network=row.network,
                account=desk.accounts.get(row.account, row.account),
                state=state,
                since=row.first_seen_at,
                says=row.reason,
                todo=_TODO[state],
            )
        )
    return tuple(listed)


def _watched(session: Session, store: Store, desk: Desk, since: datetime) -> tuple[WatchRow, ...]:
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


def _undelivered(session: Session, store: Store) -> tuple[UndeliveredRow, ...]:
    rows = session.exec(
        select(OutboxRow).where(
            OutboxRow.school_id == store.school,
            col(OutboxRow.sent_at).is_(None),
            (OutboxRow.attempts > 0) | col(OutboxRow.failed_at).is_not(None),
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


def _decided(session: Session, store: Store, now: datetime, *, false_alarm: bool) -> int:
    query = (
        select(func.count())
        .select_from(CaseRow)
        .where(CaseRow.school_id == store.school, col(CaseRow.closed_at) > now - _TALLY)
    )
    if false_alarm:
        query = query.where(CaseRow.outcome == FALSE_ALARM)
    return session.exec(query).one()
