"""What happened in a case, in order: seen, copied, told, decided, carried out, read back. Reads only.

Roles, never names: who held a role on a day is for the school to say. What a reviewer wrote stays in their words.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from alerts.offers import DISMISSALS, OUTCOMES
from alerts.situation import Deciding, copies_of, decisions_of, said
from alerts.words import role_words
from monitor.domain import Choice, Reason, Role
from monitor.given import GIVEN, NOT_CAPTURED
from monitor.pile_rows import members
from monitor.tables import AuditRow, CaseRow, DecisionRow, EvidenceRow, FindingRow, ItemRow, OutboxRow
from monitor.tables_evidence import GivenRow
from monitor.tables_telling import TellingRow

_FORMULA = tuple("=+-@\t\r\n\0＝＋－＠")  # OWASP, CSV injection; ASVS 5.0 1.2.10
_TOLD: Mapping[str, str] = {
    "first": "told of it",
    "updated": "told that it changed",
    "reminder": "reminded",
    "escalation": "told because nobody had answered",
    "closed": "told that somebody else had closed it",
}
_CHOSE: Mapping[Choice, str] = {
    Choice.REMOVE: "decided to hide it",
    Choice.RESTORE: "decided to show it again",
    Choice.DELETE: "decided to delete it",
    Choice.REPORT: "decided to report it",
    Choice.REPORTED: "said that it was reported",
    Choice.UNDO: "took that back",
    Choice.TOLD: "told somebody outside",
    Choice.ASK_DSL: "handed the case to the safeguarding lead",
    Choice.REOPEN: "opened the case again",
    Choice.ACKNOWLEDGE: "took the case on",
    Choice.DISMISS: "found it not a problem",
    Choice.CLOSE: "closed the case",
}


class Event(NamedTuple):
    at: datetime
    who: str
    what: str
    more: str = ""


class Exporting(Deciding, Protocol):
    """What an export needs to know of the school."""

    @property
    def timezone(self) -> ZoneInfo: ...
    @property
    def school_name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def accounts(self) -> Mapping[str, str]: ...
    @property
    def jurisdiction(self) -> str: ...


def who(school: Exporting, role: str) -> str:
    """A role as a person says it; "Schoolgate" for the program."""
    if role not in {one.value for one in Role}:
        return "Schoolgate"
    words = role_words(Role(role), school.jurisdiction)
    return words[0].upper() + words[1:]


def given_of(school: Deciding, session: Session, case: CaseRow) -> list[GivenRow]:
    """What people gave to this case, oldest first."""
    return list(
        session.exec(
            select(GivenRow)
            .where(GivenRow.school_id == school.store.school, GivenRow.case_id == case.id)
            .order_by(col(GivenRow.id))
        )
    )


def categories_of(school: Deciding, session: Session, case: CaseRow) -> set[str]:
    """The case's own and every one that was found in any version of its item."""
    found = session.exec(
        select(FindingRow.category)
        .join(ItemRow, col(ItemRow.id) == col(FindingRow.item_id))
        .where(
            ItemRow.school_id == school.store.school,
            ItemRow.account == case.account,
            ItemRow.kind == case.kind,
            ItemRow.external_id == case.external_id,
        )
    )
    return {case.category, *found}


def cases_of(session: Session, case: CaseRow) -> list[CaseRow]:
    """The case, and what was gathered under it: a pile-on goes out as one."""
    return [case, *members(session, case)]


def all_copies(school: Deciding, session: Session, case: CaseRow) -> list[tuple[CaseRow, EvidenceRow]]:
    """Every copy with the case that it was made for, in the order in which they are numbered."""
    return [(one, copy) for one in cases_of(session, case) for copy in copies_of(school, session, one)]


def chronology(school: Exporting, session: Session, case: CaseRow) -> list[Event]:
    """Everything that is on record of a case, and of those gathered under it by their references, oldest first."""
    events = [*_copied(school, session, case)]
    for one in cases_of(session, case):
        own = (
            *_versions(school, session, one),
            *_mailed(school, session, one),
            *_decided(school, session, one),
        )
        about = "" if one.id == case.id else f"{one.ref}: "
        events += [
            event._replace(what=f"{about}{event.what}") for event in (*own, *_audited(school, session, one))
        ]
    return sorted(events, key=lambda event: event.at)


def decisions(school: Exporting, session: Session, case: CaseRow) -> list[dict[str, Any]]:
    """Each decision with its reason and what came of it, oldest first, as JSON values."""
    found = []
    rows = [(one, row) for one in cases_of(session, case) for row in decisions_of(school, session, one)]
    for one, row in sorted(rows, key=lambda pair: pair[1].created_at):
        words = said(school, row)
        found.append(
            {
                "case": one.ref,
                "number": row.seq + 1,
                "at": row.created_at.astimezone(UTC).isoformat(),
                "who": who(school, row.role),
                "decided": row.choice,
                "because": _because(row, words),
                "in_their_words": words.get("reason", ""),
                "told": words.get("to", ""),
                "told_at": words.get("at", ""),
                "reference": words.get("reference", ""),
                "outcome": row.done,
                "outcome_at": row.done_at.astimezone(UTC).isoformat() if row.done_at else None,
                "outcome_says": row.detail,
                "read_back_from_the_network": row.read_back,
                "reason_kept": bool(row.sealed),
            }
        )
    return found


def as_csv(events: list[Event], zone: ZoneInfo) -> bytes:
    """UTF-8 with a byte order mark, for Excel; no cell begins as a formula does."""
    written = io.StringIO(newline="")
    table = csv.writer(written, quoting=csv.QUOTE_ALL)
    table.writerow(["UTC", f"local ({zone.key})", "who", "what", "more"])
    for event in events:
        local = event.at.astimezone(zone).isoformat(timespec="seconds")
        utc = event.at.astimezone(UTC).isoformat(timespec="seconds")
        table.writerow([utc, local, *map(_cell, event[1:])])
    return written.getvalue().encode("utf-8-sig", "replace")


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _because(row: DecisionRow, words: Mapping[str, Any]) -> str:
    given = str(words.get("why", ""))
    return {Choice.DISMISS: DISMISSALS, Choice.CLOSE: OUTCOMES}.get(Choice(row.choice), {}).get(given, "")


def _versions(school: Exporting, session: Session, case: CaseRow) -> Iterator[Event]:
    rows = session.exec(
        select(ItemRow)
        .where(
            ItemRow.school_id == school.store.school,
            ItemRow.account == case.account,
            ItemRow.kind == case.kind,
            ItemRow.external_id == case.external_id,
        )
        .order_by(col(ItemRow.version))
    )
    for row in rows:
        if row.version == 1 and row.posted_at is not None:
            yield Event(row.posted_at, "Its author", "posted it", "the time that the network gives")
        edited = (
            f"read version {row.version}: its author had changed it" if row.version > 1 else "first read it"
        )
        yield Event(row.seen_at, "Schoolgate", edited)


def _copied(school: Exporting, session: Session, case: CaseRow) -> Iterator[Event]:
    for number, (one, copy) in enumerate(all_copies(school, session, case), 1):
        about = "" if one.id == case.id else f" of {one.ref}"
        yield Event(copy.captured_at, "Schoolgate", f"made copy {number}{about}", f"SHA-256 {copy.sha256}")
    for number, row in enumerate(given_of(school, session, case), 1):
        more = f"{NOT_CAPTURED}; received {row.received_at.astimezone(school.timezone):%d.%m.%Y}; SHA-256 {row.sha256}"
        yield Event(row.entered_at, who(school, row.entered_by), f"entered given-{number}.{row.kind}", more)


def _mailed(school: Exporting, session: Session, case: CaseRow) -> Iterator[Event]:
    """Each word to each reader, in a mail of its own or with others."""
    rows = session.exec(
        select(TellingRow, OutboxRow)
        .join(OutboxRow, col(OutboxRow.message_id) == col(TellingRow.message_id))
        .where(
            TellingRow.school_id == school.store.school,
            OutboxRow.school_id == school.store.school,
            TellingRow.case_id == case.id,
            TellingRow.message_id != "",
        )
        .order_by(col(TellingRow.id))
    )
    for telling, mail in rows:
        how = "by mail, together with other cases" if mail.reason == Reason.GROUPED else "by mail"
        if mail.sent_at is not None:
            yield Event(
                mail.sent_at, who(school, telling.role), f"was {_TOLD.get(telling.reason, 'told')}", how
            )
        elif mail.failed_at is not None:
            yield Event(mail.failed_at, who(school, telling.role), "could not be reached by mail")


def _decided(school: Exporting, session: Session, case: CaseRow) -> Iterator[Event]:
    for row in decisions_of(school, session, case):
        words = said(school, row)
        outside = [str(words.get(name, "")) for name in ("to", "at")]
        reference = f"reference {words['reference']}" if words.get("reference") else ""
        reasons = [_because(row, words), *outside, reference, str(words.get("reason", ""))]
        more = "; ".join(filter(None, reasons)) if row.sealed else "the reason is no longer kept"
        yield Event(
            row.created_at,
            who(school, row.role),
            _CHOSE.get(Choice(row.choice), f"decided: {row.choice}"),
            more,
        )
        if row.done_at is not None and row.done is not None:
            read = "read back from the network" if row.read_back else "not read back"
            more = "; ".join(filter(None, (row.detail.rstrip("."), read)))
            yield Event(row.done_at, "Schoolgate", f"noted the outcome: {row.done}", more)


def _audited(school: Exporting, session: Session, case: CaseRow) -> Iterator[Event]:
    """What is on record nowhere else."""
    rows = session.exec(
        select(AuditRow)
        .where(AuditRow.school_id == school.store.school, AuditRow.thing == f"case {case.ref}")
        .order_by(col(AuditRow.seq))
    )
    for row in rows:
        if row.event.endswith((" decided", " carried out")) or row.event == GIVEN:
            continue
        yield Event(row.at, who(school, row.actor), row.event, f"audit entry {row.seq}")
