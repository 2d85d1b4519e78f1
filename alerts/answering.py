"""What an answer by mail does: at most one decision, by the rules of the page, and at most one mail back.

Only whoever the alert was mailed to may answer it, while they hold that role and may see the case. Everything else
does nothing; people of the school are told so, a few times an hour, strangers never.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, func, select

from alerts import links
from alerts.compose_answer import Answered, AnswerView, compose_answer
from alerts.deciding import Asked, Result, decide
from alerts.desk import Desk, Reader, bypassed
from alerts.inbox.reply import Heard, Reply
from alerts.outbox import enqueue
from alerts.reply_codes import by_mail, by_reply, find, words_for
from alerts.rows import alert_view
from alerts.tellings import thread_of
from monitor.domain import Choice, Reason, Role
from monitor.ports import Clock
from monitor.set_back import ahead
from monitor.store import Store
from monitor.tables import CaseRow, DecisionRow, OutboxRow
from monitor.tables_replies import ReplyCodeRow

WAITS = timedelta(minutes=2)  # for the network, before whoever answered is told that it has not answered yet
MOST_AN_HOUR = 4  # mails to one role about answers that did nothing: two machines must not talk for ever
_SAYS_NOTHING = "answer-nothing:"


class Came(StrEnum):
    """What became of an answer."""

    DECIDED = "decided"
    AUTOMATIC = "automatic"
    SENDER = "sender"
    UNPROVEN = "unproven"
    STRANGER = "stranger"  # proven, and holds no role
    NOT_THEIRS = "not_theirs"  # no code, one that nobody knows, or another reader's
    NO_WORD = "no_word"  # not one of our words alone in the first line
    EXPIRED = "expired"
    USED = "used"
    CHANGED = "changed"  # somebody decided, or the author edited, since the mail was made
    NOT_OFFERED = "not_offered"


_UNHEARD = {
    Heard.AUTOMATIC: Came.AUTOMATIC,
    Heard.SENDER: Came.SENDER,
    Heard.UNPROVEN: Came.UNPROVEN,
}
_TOLD = {
    Came.NO_WORD: Answered.NO_WORD,
    Came.EXPIRED: Answered.EXPIRED,
    Came.USED: Answered.USED,
    Came.CHANGED: Answered.CHANGED,
    Came.NOT_OFFERED: Answered.NOT_OFFERED,
}


def take(store: Store, desk: Desk, session: Session, reply: Reply, digest: bytes, now: datetime) -> Came:
    """Decide what this answer decides, in the caller's transaction. `digest`: the keyed hash of the message."""
    if reply.heard is not Heard.PROVEN:
        return _UNHEARD[reply.heard]
    sender = links.recipient_hash(store.vault, reply.address)
    held = _held(store, desk, sender)
    if not held:
        return Came.STRANGER
    row = find(store, session, reply.code)
    case = session.get_one(CaseRow, row.case_id) if row is not None else None
    if row is None or case is None or not _is_theirs(desk, row, case, sender, held):
        role, address = next(iter(sorted(held.items())))
        _say_nothing(session, store, desk, Reader(role, address), digest, now)
        return Came.NOT_THEIRS
    came = _decided(store, desk, session, row, case, reply, now)
    if came is not Came.DECIDED:
        reader = Reader(Role(row.role), held[Role(row.role)])
        _say_nothing(session, store, desk, reader, digest, now, case=case, answered=_TOLD[came])
    return came


def confirm(store: Store, desk: Desk, *, clock: Clock) -> int:
    """One mail to each who decided by mail, once the network has answered or WAITS is over; returns how many."""
    now, made = clock(), 0
    with store.read() as session:
        waiting = session.exec(
            select(ReplyCodeRow.id).where(
                ReplyCodeRow.school_id == store.school,
                col(ReplyCodeRow.used_at).is_not(None),
                col(ReplyCodeRow.confirmed_at).is_(None),
            )
        ).all()
    for row_id in waiting:
        with store.write() as session:
            row = session.get_one(ReplyCodeRow, row_id)
            if row.confirmed_at is None and _is_settled(session, store, row, now):
                row.confirmed_at = now
                session.add(row)
                made += _say_done(session, store, desk, row, now)
    return made


def _held(store: Store, desk: Desk, sender: str) -> Mapping[Role, str]:
    """The roles that this address holds today, whoever stands in."""
    holders = desk.replies.holders if desk.replies else {}
    return {
        role: address
        for role, address in holders.items()
        if links.recipient_hash(store.vault, address) == sender
    }


def _is_theirs(desk: Desk, row: ReplyCodeRow, case: CaseRow, sender: str, held: Mapping[Role, str]) -> bool:
    return (
        row.recipient == sender
        and Role(row.role) in held
        and not bypassed(case) & held.keys()
        and desk.may_see(Role(row.role), case)
    )


def _decided(
    store: Store, desk: Desk, session: Session, row: ReplyCodeRow, case: CaseRow, reply: Reply, now: datetime
) -> Came:
    role, deciding = Role(row.role), by_mail(store, desk)
    hindrances = (
        (row.expires_at <= now, Came.EXPIRED),
        (reply.word is None, Came.NO_WORD),
        (row.used_at is not None, Came.USED),
        ((row.seq, row.item_id) != (case.decisions, case.item_id), Came.CHANGED),
        (reply.word not in words_for(deciding, session, case, role), Came.NOT_OFFERED),
    )
    came = next((came for hinders, came in hindrances if hinders), None)
    if came is not None or reply.word is None:
        return came or Came.NO_WORD
    asked = Asked(reply.word.choice, row.seq, row.item_id)
    if decide(deciding, session, case, role, asked, now) is not Result.STORED:
        return Came.NOT_OFFERED
    row.used_at, row.choice = now, asked.choice.value
    session.add(row)
    store.audit(session, at=now, actor=row.role, happened="answered by mail", thing=f"case {case.ref}")
    return Came.DECIDED


def _is_settled(session: Session, store: Store, row: ReplyCodeRow, now: datetime) -> bool:
    decision = _decision(session, store, row)
    assert row.used_at is not None
    return decision is None or decision.done_at is not None or now >= row.used_at + WAITS


def _decision(session: Session, store: Store, row: ReplyCodeRow) -> DecisionRow | None:
    return session.exec(
        select(DecisionRow).where(
            DecisionRow.school_id == store.school,
            DecisionRow.case_id == row.case_id,
            DecisionRow.seq == row.seq,
        )
    ).first()


def _say_done(session: Session, store: Store, desk: Desk, row: ReplyCodeRow, now: datetime) -> bool:
    role, case = Role(row.role), session.get_one(CaseRow, row.case_id)
    address = _held(store, desk, row.recipient).get(role)
    if address is None or not desk.may_hear(Reader(role, address), case, now):
        return False  # the role is somebody else's by now, or the case is none of theirs
    decision = _decision(session, store, row)
    answered = {Choice.ACKNOWLEDGE: Answered.ACK, Choice.ASK_DSL: Answered.DSL}.get(
        Choice(row.choice or ""), Answered.HIDE
    )
    if answered is Answered.HIDE and (decision is None or decision.done_at is None):
        answered = Answered.HIDE_WAITS
    return _mail(session, store, desk, Reader(role, address), f"answer:{row.id}", now, case, answered)


def _say_nothing(
    session: Session,
    store: Store,
    desk: Desk,
    reader: Reader,
    digest: bytes,
    now: datetime,
    *,
    case: CaseRow | None = None,
    answered: Answered = Answered.NOT_THEIRS,
) -> None:
    lately = session.exec(
        select(func.count())
        .select_from(OutboxRow)
        .where(
            OutboxRow.school_id == store.school,
            OutboxRow.role == reader.role.value,
            col(OutboxRow.dedup_key).startswith(_SAYS_NOTHING),
            col(OutboxRow.created_at) > now - timedelta(hours=1),
            ~ahead(OutboxRow.created_at, now),
        )
    ).one()
    if lately < MOST_AN_HOUR:
        _mail(session, store, desk, reader, f"{_SAYS_NOTHING}{digest.hex()}", now, case, answered)


def _mail(
    session: Session,
    store: Store,
    desk: Desk,
    reader: Reader,
    key: str,
    now: datetime,
    case: CaseRow | None,
    answered: Answered,
) -> bool:
    thread = thread_of(session, store, case.id, reader) if case is not None else None
    stamp = desk.stamp(reader, store.school, key, now=now, thread=thread)
    return enqueue(
        store,
        session,
        now=now,
        dedup_key=key,
        role=reader.role,
        recipient=reader.address,
        reason=Reason.ANSWER,
        message_id=stamp.message_id,
        message=compose_answer(_view(session, store, desk, reader, case, answered, now), stamp),
    )


def _view(
    session: Session,
    store: Store,
    desk: Desk,
    reader: Reader,
    case: CaseRow | None,
    answered: Answered,
    now: datetime,
) -> AnswerView:
    if case is None:
        return AnswerView(answered)
    token = links.issue(
        store,
        session,
        case_id=case.id,
        role=reader.role,
        address=reader.address,
        now=now,
        valid=desk.link_valid,
    )
    truth = alert_view(
        session,
        store,
        desk,
        case,
        reader,
        reason=Reason.UPDATED,
        link=links.address_of(desk.public_url, token),
        told=desk.readers(case, now),
        escalates=None,
    )
    return AnswerView(
        answered, truth, by_reply(session, store, desk, case, reader, now), case.acknowledged_by
    )
