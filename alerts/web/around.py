"""What stands round a case: the thread, the author, who was told, where to turn. Reads only."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from alerts import safe, words
from alerts.situation import item_of
from alerts.web import phrases
from alerts.web.context import PageContext, Viewer, seen_as
from monitor.domain import Author, CaseState, ItemKind, Reason, Role, Severity, VerificationState
from monitor.tables import CaseRow, ItemRow, NoticeRow, OutboxRow
from monitor.tables_people import FollowerRow


class Fact(NamedTuple):
    name: str
    says: str


def context(page: PageContext, session: Session, viewer: Viewer, row: ItemRow) -> list[Fact]:
    """What it answers and what it stands under, when Schoolgate has read them.

    Never the words of another case that this viewer may not see: anybody may answer an allegation.
    """
    names = {row.thread_id: "It stands under", row.parent_id: "It answers"}
    found = []
    for external_id, name in names.items():
        if external_id is None or external_id == row.external_id:
            continue
        other = session.exec(
            select(ItemRow)
            .where(
                ItemRow.school_id == page.store.school,
                ItemRow.account == row.account,
                ItemRow.external_id == external_id,
                ItemRow.kind != ItemKind.FOLLOWER.value,
            )
            .order_by(col(ItemRow.version).desc())
        ).first()
        item = item_of(page, other) if other is not None else None
        if other is not None and item is not None and item.text and _open_to(page, session, viewer, other):
            found.append(Fact(name, safe.shown(item.text, 600, lines=True)))
    return found


def _open_to(page: PageContext, session: Session, viewer: Viewer, row: ItemRow) -> bool:
    """Whether an item was judged and is no case, or one that this viewer may see. An edit may have made it an allegation."""
    if row.assessed_at is None:
        return False
    case = session.exec(
        select(CaseRow).where(
            CaseRow.school_id == page.store.school,
            CaseRow.account == row.account,
            CaseRow.kind == row.kind,
            CaseRow.external_id == row.external_id,
        )
    ).first()
    return case is None or seen_as(page, viewer, case) is not None


def author_facts(page: PageContext, session: Session, row: ItemRow, author: Author | None) -> list[Fact]:
    facts = []
    if author is not None and author.handle:
        facts.append(Fact("Handle", safe.shown(f"@{author.handle.lstrip('@')}", 80)))
    if author is not None and author.name:
        facts.append(Fact("Name given", safe.shown(author.name, 80)))
    if author is not None and author.bio and row.kind == ItemKind.FOLLOWER:
        facts.append(Fact("Says of itself", safe.shown(author.bio, 300)))
    follower = session.exec(
        select(FollowerRow).where(
            FollowerRow.school_id == page.store.school,
            FollowerRow.account == row.account,
            FollowerRow.external_id == row.author_id,
        )
    ).first()
    if row.author_id is None:
        known = words.author_words(None)
    elif follower is None:
        known = "not among the followers that Schoolgate has read"
    else:
        known = words.author_words(VerificationState(follower.state), follower.role)
    return [*facts, Fact("Known as", known)]


def told(
    page: PageContext, session: Session, case: CaseRow, time: words.LocalTime, now: datetime
) -> list[Fact]:
    rows = session.exec(
        select(OutboxRow)
        .where(OutboxRow.school_id == page.store.school, OutboxRow.case_id == case.id)
        .order_by(col(OutboxRow.id))
    ).all()
    by_role: dict[str, str] = {}
    for row in rows:
        if row.sent_at is not None:
            says = f"mailed {time.when(row.sent_at, now)}"
        elif row.failed_at is not None:
            says = "the mail could not be delivered"
        else:
            says = "the mail is on its way"
        by_role.setdefault(phrases.role_name(row.role, page.jurisdiction), says)
    return [Fact(name, says) for name, says in by_role.items()]


def has_it(page: PageContext, session: Session, case: CaseRow) -> str:
    """Who has been mailed about it, in one line for whoever must know at once; empty: nobody yet."""
    roles = session.exec(
        select(OutboxRow.role)
        .where(
            OutboxRow.school_id == page.store.school,
            OutboxRow.case_id == case.id,
            col(OutboxRow.sent_at).is_not(None),
        )
        .order_by(col(OutboxRow.id))
    ).all()
    names = tuple(words.role_words(Role(role), page.jurisdiction) for role in dict.fromkeys(roles))
    return f"Mailed to {words.listed(names)}." if names else ""


def escalation_of(
    page: PageContext, session: Session, case: CaseRow, now: datetime
) -> phrases.Escalation | None:
    """When and to whom this case goes if nobody answers: counted from its mail, as the reminder clock does."""
    if case.state != CaseState.OPEN or case.joined_to is not None:
        return None
    nags = {Reason.REMINDER.value, Reason.ESCALATION.value}
    mailed_at = session.exec(
        select(func.max(NoticeRow.composed_at)).where(
            NoticeRow.case_id == case.id, col(NoticeRow.reason).not_in(nags)
        )
    ).one()
    at = page.escalates_at(Severity(case.severity), mailed_at) if mailed_at else None
    if at is None:
        return None
    sent = session.exec(
        select(OutboxRow.role).where(
            OutboxRow.case_id == case.id, OutboxRow.reason == Reason.ESCALATION.value
        )
    ).first()
    role = Role(sent) if sent else page.escalated_to(case, now) if page.escalated_to else None
    if role is None and page.escalated_to is not None:
        return None  # nobody stands behind those who were told
    to = words.role_words(role, page.jurisdiction) if role else "somebody else"
    return phrases.Escalation(at, to, told=sent is not None)
