"""What a digest says of followers: who is new and waits, and all of them in figures. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlmodel import Session, col, select

from alerts import follower_facts as facts
from alerts.desk import Desk
from alerts.follower_words import AGAIN, possible, todo
from alerts.inbox.counts import came_to_nothing
from alerts.invite import invitable
from alerts.views_digest import FollowerRow, FollowingView
from monitor import following_rows, items
from monitor.domain import ItemKind, Role, VerificationState
from monitor.store import Store
from monitor.tables import ItemRow, StreamRow
from monitor.tables_people import FollowerRow as FollowerTable


def new_and_waiting(
    session: Session, store: Store, desk: Desk, role: Role, since: datetime
) -> tuple[FollowerRow, ...]:
    """The followers of since then that wait, but for those with a case that this reader may not see."""
    rows = session.exec(
        select(FollowerTable)
        .where(
            FollowerTable.school_id == store.school,
            FollowerTable.first_seen_at > since,
            col(FollowerTable.reason).not_in(AGAIN),
            col(FollowerTable.state).in_(
                [VerificationState.UNVERIFIED.value, VerificationState.CLAIMED.value]
            ),
        )
        .order_by(col(FollowerTable.state), col(FollowerTable.id))
    ).all()
    return _shown(session, store, desk, role, rows)


def newly_verified(
    session: Session, store: Store, desk: Desk, role: Role, since: datetime
) -> tuple[FollowerRow, ...]:
    """The followers who were verified since then: nothing to do, but somebody may ask the office."""
    return _shown(session, store, desk, role, facts.newly_verified(session, store, since))


def known_once(session: Session, store: Store, desk: Desk, role: Role) -> tuple[FollowerRow, ...]:
    """The followers who were known once and are not any more, every day until somebody decides."""
    return _shown(session, store, desk, role, facts.known_once(session, store))


def _shown(
    session: Session, store: Store, desk: Desk, role: Role, rows: Sequence[FollowerTable]
) -> tuple[FollowerRow, ...]:
    may_see = partial(desk.may_see, role)
    office_only = role is Role.OFFICE
    return tuple(
        _row(session, store, desk, row)
        for row in rows
        if not facts.is_held(session, store, row, may_see, office_only=office_only)
    )


def _row(session: Session, store: Store, desk: Desk, row: FollowerTable) -> FollowerRow:
    author = items.from_row(session.get_one(ItemRow, row.item_id), store.vault).author
    state = VerificationState(row.state)
    may_invite = invitable(store, session, row)
    return FollowerRow(
        handle=author.handle or "(no handle)",
        network=row.network,
        account=desk.accounts.get(row.account, row.account),
        state=state,
        since=row.first_seen_at,
        says="; ".join(filter(None, (row.reason, possible(row.possible)))),
        todo=todo(
            state,
            row.reason,
            on_record=row.person is not None,
            invitable=may_invite,
            possible=row.possible,
        ),
        unnamed=row.possible == "pupil",
    )


def in_figures(
    session: Session, store: Store, desk: Desk, role: Role, since: datetime, now: datetime
) -> FollowingView | None:
    """None where no network of this school lists its followers."""
    streams = session.exec(
        select(StreamRow.account).where(
            StreamRow.school_id == store.school, StreamRow.kind == ItemKind.FOLLOWER.value
        )
    ).all()
    networks = sorted({desk.networks[account] for account in streams if account in desk.networks})
    if not networks:
        return None
    today = desk.today(now)
    return FollowingView(
        counts=facts.counts(session, store),
        by_hand=facts.by_hand(session, store, partial(desk.may_see, role), office_only=role is Role.OFFICE),
        followed=len(following_rows.rows(session, store, wrong=True)),
        reviews=len(facts.reviews_due(session, store, today)) + sum(one.is_due(today) for one in desk.listed),
        overdue=facts.overdue(session, store, now - desk.overdue_after),
        possible=facts.possible(session, store),
        overdue_days=desk.overdue_after.days,
        letters=came_to_nothing(session, store, since),
        doors=facts.doors(session, store, networks, desk.capabilities),
    )
