"""The claims stage: a claim that was asked on the page meets the register, and may become a confirmation mail; one that
was proven by signing in at the network is confirmed or not, and nothing is mailed.

The page itself never asks the register, so nothing in its answer can depend on it. Here is where it is asked, and
what comes of it is seen by the reader of the mailbox alone, and by the school.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import String, cast, literal
from sqlmodel import Session, col, func, select

from alerts.compose import compose_claim
from alerts.desk import Desk, Reader
from alerts.links import new_token
from alerts.outbox import enqueue
from alerts.views import ClaimView
from monitor import keys
from monitor.claim_limits import guesses
from monitor.claim_rows import SEALED, expire, judge_again
from monitor.claims import SIGNED_IN, Records, Standing, Weighed, weigh
from monitor.domain import Reason, Role
from monitor.family_code_rows import good_for, people_of
from monitor.incidents import close_incident, open_incident
from monitor.ports import Clock
from monitor.store import Store
from monitor.tables import IncidentRow, OutboxRow
from monitor.tables_people import ClaimRow
from monitor.vault import token_hash

_DAY = timedelta(days=1)
_TOLD = timedelta(days=7)  # an incident about a claim is news, not a fault that lasts


def consider(store: Store, desk: Desk, records: Records, *, clock: Clock) -> int:
    """Look at every claim with `considered_at IS NULL`, each in its own transaction; returns how many.

    Also ends what ran out, and notes which confirmations no mailbox took.
    """
    now = clock()
    with store.read() as session:
        waiting = session.exec(
            select(ClaimRow.id)
            .where(ClaimRow.school_id == store.school, col(ClaimRow.considered_at).is_(None))
            .order_by(col(ClaimRow.id))
        ).all()
    for claim_id in waiting:
        with store.write() as session:
            row = session.get_one(ClaimRow, claim_id)
            if row.considered_at is None:
                _consider(session, store, desk, records, row, now)
    with store.write() as session:
        expire(store, session, now)
        _undelivered(session, store)
        _news_ends(session, store, now)
    return len(waiting)


def address_of(public_url: str, token: str) -> str:
    """The confirmation's link as it stands in the mail."""
    return f"{public_url.rstrip('/')}/claim/{token}"


def _consider(
    session: Session, store: Store, desk: Desk, records: Records, row: ClaimRow, now: datetime
) -> None:
    said = store.vault.unseal_json(row.sealed, SEALED)
    code = good_for(store, session, row)
    row.by_letter = code is not None
    weighed = weigh(
        records,
        address=said["address"],
        network=row.network,
        handle=said["handle"],
        mailed_today=_mailed_today(session, store, row, now),
        proven=row.way in SIGNED_IN,
        family=people_of(code) if code else None,
        guesses=code is None and guesses(store, session, row),
    )
    row.considered_at = now
    row.standing, row.person, row.role = weighed.standing.value, weighed.person, weighed.role
    row.sealed = b""
    if weighed.standing is Standing.MAILED:
        row.sealed = keys.for_month(session, store, now).seal_json({"handle": said["handle"]}, SEALED)
        _mail(session, store, desk, row, said["address"], now)
    elif weighed.standing is Standing.CONFIRMED:
        row.confirmed_at = row.created_at
    elif weighed.standing is Standing.RESTRICTED:
        _tell_the_lead(session, store, row, weighed, now)
    session.add(row)
    session.flush()
    store.audit(
        session,
        at=now,
        actor="schoolgate",
        happened=f"claim {weighed.standing.value.replace('_', ' ')}",
        thing=f"claim {row.id}",
    )
    judge_again(store, session, row)


def _mailed_today(session: Session, store: Store, row: ClaimRow, now: datetime) -> int:
    return session.exec(
        select(func.count())
        .select_from(ClaimRow)
        .where(
            ClaimRow.school_id == store.school,
            ClaimRow.email == row.email,
            col(ClaimRow.token_hash).is_not(None),
            col(ClaimRow.considered_at) > now - _DAY,
        )
    ).one()


def _mail(session: Session, store: Store, desk: Desk, row: ClaimRow, address: str, now: datetime) -> None:
    """Put the confirmation into the outbox, where the address is sealed and goes when the mail has gone."""
    token = new_token()
    row.token_hash = token_hash(token)
    # whoever claims holds no role at the school: the office is who speaks to families
    stamp = desk.stamp(Reader(Role.OFFICE, address), store.school, "claim", str(row.id), now=now)
    view = ClaimView(
        network=row.network,
        asked_at=row.created_at,
        until=row.expires_at,
        link=address_of(desk.public_url, token),
    )
    enqueue(
        store,
        session,
        now=now,
        dedup_key=_mail_key(row),
        role="claimant",
        recipient=address,
        reason=Reason.CLAIM,
        message_id=stamp.message_id,
        message=compose_claim(view, stamp),
    )


def _mail_key(row: ClaimRow) -> str:
    return f"claim:{row.id}"


def _tell_the_lead(session: Session, store: Store, row: ClaimRow, weighed: Weighed, now: datetime) -> None:
    """Once for each person in a while: an incident that is open would be told of again with each new key."""
    told = session.exec(
        select(ClaimRow.id).where(
            ClaimRow.school_id == store.school,
            ClaimRow.person == weighed.person,
            ClaimRow.standing == Standing.RESTRICTED.value,
            ClaimRow.id != row.id,
            col(ClaimRow.considered_at) > now - _TOLD,
        )
    ).first()
    if told is not None:
        return
    open_incident(
        store,
        session,
        f"claim:{row.id}",
        says="somebody asked to be verified with the e-mail address or the account of a contact whom the school's records restrict",
        cure="Nothing was sent and nobody was verified.\n"
        "In the list of followers the account, if it follows, says that a claim to it was held back.\n"
        "Tell the office whether it may go on following.",
        now=now,
    )


def _undelivered(session: Session, store: Store) -> None:
    failed = session.exec(
        select(ClaimRow).where(
            ClaimRow.school_id == store.school,
            ClaimRow.standing == Standing.MAILED.value,
            select(OutboxRow.id)
            .where(
                OutboxRow.school_id == store.school,
                OutboxRow.dedup_key == literal("claim:") + cast(ClaimRow.id, String),
                col(OutboxRow.failed_at).is_not(None),
            )
            .exists(),
        )
    ).all()
    for row in failed:
        row.standing = Standing.UNDELIVERED.value
        session.add(row)
        judge_again(store, session, row)


def _news_ends(session: Session, store: Store, now: datetime) -> None:
    told = session.exec(
        select(IncidentRow.key).where(
            IncidentRow.school_id == store.school,
            col(IncidentRow.key).startswith("claim:"),
            col(IncidentRow.closed_at).is_(None),
            col(IncidentRow.composed_at) <= now - _TOLD,
        )
    ).all()
    for key in told:
        close_incident(store, session, key, now=now)
