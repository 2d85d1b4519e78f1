"""Everything that happened about one case as one list in order: seen, copied, told, decided, carried out, looked at
again, handed on, closed. Reads only; what others do to a case and write into the audit stands here by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from alerts import safe, words
from alerts.situation import copies_of, decisions_of, said
from alerts.web import phrases
from alerts.web.context import PageContext
from monitor.domain import Choice, Done, Reason, Role
from monitor.tables import AuditRow, CaseRow, DecisionRow, ItemRow, NoticeRow, OutboxRow

MOST = 120  # entries on the page: an author who edits a thousand times must not fill it
_SHOWN_ELSEWHERE = (" decided", " carried out")  # as decisions, with their reasons
_AUDITED: Mapping[str, str] = {
    "case opened": "Case opened",
    "case re-opened": "Case opened again: its text was changed for the worse",
    "became a pile-on": "Became a pile-on",
    "pile-on grew": "The pile-on grew, and people were told again",
    "left the pile-on": "Left the pile-on: it stands alone",
    "leads the pile-on": "Leads the pile-on from now on",
    "cases tied": "Tied to another case",
    "exported": "Everything was taken out as one ZIP",
}
_TELLS: Mapping[str, str] = {
    Reason.FIRST.value: "Told",
    Reason.UPDATED.value: "Told of a change",
    Reason.REMINDER.value: "Reminded",
    Reason.ESCALATION.value: "Told because nobody had answered",
}


class Entry(NamedTuple):
    when: datetime
    at: str
    says: str
    reason: str = ""  # in a reviewer's own words


def timeline(
    page: PageContext, session: Session, case: CaseRow, time: words.LocalTime
) -> tuple[list[Entry], int]:
    """(the newest entries, oldest first; how many older ones are left out)."""
    found = [
        *_seen(session, case),
        *_copied(page, session, case),
        *_audited(page, session, case),
        *_told(page, session, case),
        *_decided(page, session, case, time),
    ]
    found.sort(key=lambda one: one[0])
    kept = found[-MOST:]
    return [Entry(when, time.full(when), says, why) for when, says, why in kept], len(found) - len(kept)


_Found = Iterator[tuple[datetime, str, str]]


def _seen(session: Session, case: CaseRow) -> _Found:
    rows = session.exec(
        select(ItemRow.posted_at, ItemRow.seen_at)
        .where(
            ItemRow.school_id == case.school_id,
            ItemRow.account == case.account,
            ItemRow.kind == case.kind,
            ItemRow.external_id == case.external_id,
        )
        .order_by(col(ItemRow.version))
    ).all()
    network = words.network_words(case.network)[0]
    for number, (posted_at, seen_at) in enumerate(rows):
        if number == 0 and posted_at is not None:
            yield posted_at, f"Posted, as {network} says", ""
        yield seen_at, f"Seen on {network}" if number == 0 else "Seen with another text", ""


def _copied(page: PageContext, session: Session, case: CaseRow) -> _Found:
    for number, copy in enumerate(copies_of(page, session, case), 1):
        yield copy.captured_at, f"Copied and sealed (copy {number})", ""


def _told(page: PageContext, session: Session, case: CaseRow) -> _Found:
    mails = session.exec(select(OutboxRow).where(OutboxRow.case_id == case.id)).all()
    for mail in mails:
        role = words.role_words(Role(mail.role), page.jurisdiction) if mail.role in list(Role) else mail.role
        tells = _TELLS.get(mail.reason, "Written to")
        if mail.sent_at is not None:
            yield mail.sent_at, f"{tells}: {role}, by mail", ""
        if mail.failed_at is not None:
            yield mail.failed_at, f"The mail to {role} could not be delivered", ""
    alone = {mail.dedup_key.rpartition(":")[0] for mail in mails}
    notices = session.exec(
        select(NoticeRow).where(NoticeRow.case_id == case.id, col(NoticeRow.composed_at).is_not(None))
    )
    for notice in notices:
        if f"notice:{notice.id}" not in alone and notice.composed_at is not None:
            yield notice.composed_at, "Mailed, alone or with other cases", ""


def _decided(page: PageContext, session: Session, case: CaseRow, time: words.LocalTime) -> _Found:
    for row in decisions_of(page, session, case):
        who = phrases.role_name(row.role, page.jurisdiction)
        what = phrases.DECIDED[Choice(row.choice)]
        yield row.created_at, f"{who} {what}", phrases.decided(row, said(page, row), time, row.created_at)
        if row.done is not None and row.done_at is not None and row.choice != Choice.REPORTED:
            read = ", read back from the network" if row.read_back else ""
            detail = f": {safe.shown(row.detail, 300).rstrip('.')}" if row.detail else ""
            yield row.done_at, f"{phrases.CAME_OF_IT[Done(row.done)]}{read}{detail}", ""


def _audited(page: PageContext, session: Session, case: CaseRow) -> _Found:
    rows = session.exec(
        select(AuditRow)
        .where(AuditRow.school_id == page.store.school, AuditRow.thing == f"case {case.ref}")
        .order_by(col(AuditRow.seq))
    )
    for row in rows:
        if row.event.endswith(_SHOWN_ELSEWHERE):
            continue
        if row.event.startswith("joined "):  # of another case its viewer may not know
            yield row.at, "Gathered into a pile-on", ""
            continue
        yield row.at, _AUDITED.get(row.event, row.event[:1].upper() + row.event[1:]), ""


def decided_since(
    page: PageContext, session: Session, case: CaseRow, seq: int, time: words.LocalTime
) -> list[str]:
    """What was decided since a page with this count of decisions was shown: one sentence each."""
    rows: list[DecisionRow] = [row for row in decisions_of(page, session, case) if row.seq >= seq]
    return [
        f"{phrases.role_name(row.role, page.jurisdiction)} {phrases.DECIDED[Choice(row.choice)]}, "
        f"{time.full(row.created_at)}."
        for row in rows
    ]
