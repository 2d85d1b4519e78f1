"""Whom the school's own account follows: established and known organisations only, and no personal account.

Source: the policy that an account "will only follow and accept followers of established and known organisations". What
is not on a list is shown to the office; nothing is unfollowed by itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, func, select

from monitor import follower_rows, following_rows, keys, spend
from monitor.domain import Author, VerificationState
from monitor.errors import ConnectorError
from monitor.following import FollowerChoice
from monitor.names import normal_handle
from monitor.poll import Watch
from monitor.ports import Clock, Following, Register
from monitor.store import Store
from monitor.tables_people import FollowedRow, FollowerRow
from monitor.verify_stage import School

log = structlog.get_logger(__name__)
EVERY = timedelta(days=6, hours=12)  # asked once a day, this reads once a week
PERSONAL = "its handle is on the records: a personal account, which the school does not follow"
VERIFIED = "it is the account of somebody on the records, which the school does not follow"
UNKNOWN = "it is not on the list of organisations"


def audit_following(
    store: Store,
    watch: Watch,
    register: Register,
    school: School,
    *,
    clock: Clock,
) -> int:
    """Read whom the account follows, if that is due and the network tells; returns how many it should not follow.

    The school's own accounts and its configured organisations may be followed. Never raises ConnectorError: what did not answer is asked again the next day.
    """
    if not isinstance(watch.connector, Following) or not _is_due(store, watch, clock()):
        return 0
    try:
        followed = watch.connector.following()
    except ConnectorError:
        log.info("whom the account follows was not read", account=watch.key)
        return 0
    now = clock()
    names = (*school.organisations, *school.handles)
    allowed = {found for name in names if (found := normal_handle(watch.network, name))}
    wrong = 0
    with store.write() as session:
        spend.add(session, store, watch.network, followed.reads, now)
        known = {row.external_id: row for row in following_rows.rows(session, store, watch.key)}
        for author in followed.people:
            says = _says(store, session, watch.network, author, register, allowed)
            wrong += bool(says)
            _keep(store, session, watch, author, known.pop(author.external_id or "", None), says, now)
        for row in known.values() if followed.complete else ():
            session.delete(row)
            if not row.allowed:
                _audit(store, session, row, "no longer followed", now)
    return wrong


def _is_due(store: Store, watch: Watch, now: datetime) -> bool:
    with store.read() as session:
        last = session.exec(
            select(func.max(FollowedRow.seen_at)).where(
                FollowedRow.school_id == store.school, FollowedRow.account == watch.key
            )
        ).one()
        if last is not None and now - last < EVERY:
            return False
        return spend.may_read(session, store, watch.network, watch.budget, watch.optional_share, now)


def _says(
    store: Store,
    session: Session,
    network: str,
    author: Author,
    register: Register,
    allowed: set[tuple[str, str]],
) -> str:
    """Why the school should not follow this account; empty when it may."""
    follower = session.exec(
        select(FollowerRow).where(
            FollowerRow.school_id == store.school,
            FollowerRow.network == network,
            FollowerRow.external_id == author.external_id,
            FollowerRow.state == VerificationState.VERIFIED.value,
        )
    ).first()
    if follower is not None:
        return VERIFIED
    handle = normal_handle(network, author.handle) if author.handle else None
    made = follower_rows.decision_of(store, session, network, author.external_id or "")
    if handle in allowed or (made is not None and made.choice == FollowerChoice.ORGANISATION):
        return ""
    return PERSONAL if handle and register.handle(*handle) else UNKNOWN


def _keep(
    store: Store,
    session: Session,
    watch: Watch,
    author: Author,
    row: FollowedRow | None,
    says: str,
    now: datetime,
) -> None:
    if row is None:
        row = FollowedRow(
            school_id=store.school,
            account=watch.key,
            network=watch.network,
            external_id=author.external_id or "",
            sealed=b"",
            allowed=True,
            says="",
            first_seen_at=now,
            seen_at=now,
        )
    news = bool(says) and row.allowed
    sealer = keys.for_month(session, store, now)
    row.sealed = sealer.seal_json({"handle": author.handle or ""}, following_rows.SEALED)
    row.allowed, row.says, row.seen_at = not says, says, now
    session.add(row)
    session.flush()
    if news:
        _audit(store, session, row, "followed without being on a list", now)


def _audit(store: Store, session: Session, row: FollowedRow, happened: str, now: datetime) -> None:
    store.audit(session, at=now, actor="schoolgate", happened=happened, thing=f"followed {row.id}")
