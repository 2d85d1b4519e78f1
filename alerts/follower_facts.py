"""Facts about all followers, the same for the page and the digest. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from alerts.follower_words import AGAIN, STATES, WAITING
from alerts.words import family
from monitor import follower_rows
from monitor.domain import ActionKind, Capability, ItemKind, Means, VerificationState
from monitor.following import Shown, Truth, truth
from monitor.store import Store
from monitor.tables import CaseRow, FindingRow
from monitor.tables_people import ClaimRow, FollowerRow
from monitor.verify import ABUSE

Able = Mapping[str, Mapping[ActionKind, Capability]]


def counts(session: Session, store: Store) -> tuple[tuple[str, int], ...]:
    """How many followers are in each state, in our words and in the order in which a person asks."""
    rows = session.exec(
        select(FollowerRow.state, func.count())
        .where(FollowerRow.school_id == store.school)
        .group_by(col(FollowerRow.state))
    ).all()
    number = dict(rows)
    return tuple(
        (name, number.get(state.value, 0))
        for state, name in STATES.items()
        if state is not VerificationState.NEW or number.get(state.value)
    )


def doors(session: Session, store: Store, networks: Iterable[str], able: Able) -> tuple[tuple[str, int], ...]:
    """For each network that lets nobody be refused at the door: that sentence, and how many follow unverified."""
    found = []
    for network in networks:
        accept = able.get(network, {}).get(ActionKind.ACCEPT_FOLLOWER)
        if accept is None or accept.means is Means.BY_API:
            continue
        number = session.exec(
            select(func.count())
            .select_from(FollowerRow)
            .where(
                FollowerRow.school_id == store.school,
                FollowerRow.network == network,
                col(FollowerRow.state).in_([state.value for state in WAITING]),
            )
        ).one()
        found.append(
            (f"{accept.note} So followers cannot be refused at the door, only removed afterwards.", number)
        )
    return tuple(found)


def by_hand(session: Session, store: Store, may_see: Callable[[CaseRow], bool], *, office_only: bool) -> int:
    """How many steps a person must still do, or do again."""
    return sum(
        step.means == Means.GUIDED
        and truth(said=step.said_at is not None, shown=Shown(step.shown)) in {Truth.TO_DO, Truth.NOT_DONE}
        and not is_held(session, store, follower, may_see, office_only=office_only)
        for step, follower, _ in follower_rows.steps(store, session)
    )


def overdue(session: Session, store: Store, before: datetime) -> int:
    """How many have waited to be verified since before then. Who was known once is told of apart."""
    return session.exec(
        select(func.count())
        .select_from(FollowerRow)
        .where(
            FollowerRow.school_id == store.school,
            col(FollowerRow.state).in_([state.value for state in WAITING]),
            col(FollowerRow.reason).not_in(AGAIN),
            col(FollowerRow.first_seen_at) < before,
        )
    ).one()


def possible(session: Session, store: Store) -> int:
    """How many unverified accounts have a name that resembles one on the records."""
    return session.exec(
        select(func.count())
        .select_from(FollowerRow)
        .where(
            FollowerRow.school_id == store.school,
            FollowerRow.state == VerificationState.UNVERIFIED.value,
            FollowerRow.possible != "",
        )
    ).one()


def newly_verified(session: Session, store: Store, since: datetime) -> list[FollowerRow]:
    """Who has been verified since then, oldest first: they proved their claim, or came after they had proved it."""
    return list(
        session.exec(
            select(FollowerRow)
            .join(
                ClaimRow,
                (col(ClaimRow.school_id) == FollowerRow.school_id)
                & (col(ClaimRow.network) == FollowerRow.network)
                & (col(ClaimRow.external_id) == FollowerRow.external_id),
            )
            .where(
                FollowerRow.school_id == store.school,
                FollowerRow.state == VerificationState.VERIFIED.value,
                (col(ClaimRow.confirmed_at) > since)
                | (col(ClaimRow.confirmed_at).is_not(None) & (col(FollowerRow.first_seen_at) > since)),
            )
            .order_by(col(FollowerRow.id))
            .distinct()
        )
    )


def known_once(session: Session, store: Store) -> list[FollowerRow]:
    """Followers who were verified or approved and are not any more, newest first: their e-mail has left the register, or
    the account has another handle."""
    return list(
        session.exec(
            select(FollowerRow)
            .where(
                FollowerRow.school_id == store.school,
                col(FollowerRow.state).in_([state.value for state in WAITING]),
                col(FollowerRow.reason).in_(AGAIN),
            )
            .order_by(col(FollowerRow.id).desc())
        )
    )


def reviews_due(session: Session, store: Store, today: date) -> list[FollowerRow]:
    """The organisations that were approved on the page and are to be looked at again, newest first."""
    rows = session.exec(
        select(FollowerRow)
        .where(
            FollowerRow.school_id == store.school,
            FollowerRow.state == VerificationState.ORGANISATION.value,
        )
        .order_by(col(FollowerRow.id).desc())
    ).all()
    made = ((row, follower_rows.decision_of(store, session, row.network, row.external_id)) for row in rows)
    return [
        row for row, one in made if one is not None and one.review_on is not None and one.review_on <= today
    ]


def is_held(
    session: Session,
    store: Store,
    follower: FollowerRow,
    may_see: Callable[[CaseRow], bool],
    *,
    office_only: bool,
) -> bool:
    """Whether nothing of this account is shown to a reader: there is a case about it that they may not see, or they are of
    the office alone and its handle is abuse (which is no case where it followed before watching began)."""
    cases = session.exec(
        select(CaseRow).where(
            CaseRow.school_id == store.school,
            CaseRow.account == follower.account,
            CaseRow.kind == ItemKind.FOLLOWER.value,
            CaseRow.external_id == follower.external_id,
        )
    ).all()
    if not all(may_see(case) for case in cases):
        return True
    found = session.exec(select(FindingRow.category).where(FindingRow.item_id == follower.item_id)).all()
    return office_only and any(family(category) in ABUSE for category in found)
