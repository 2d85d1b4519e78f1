"""What helps to carry on with a case: taking back, reporting, telling somebody outside, ready words, looks again. Reads
only; every word of a stranger passes `alerts.safe` here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlmodel import Session

from alerts import safe, words
from alerts.answers import Answer, ready
from alerts.known_link import known_link
from alerts.offers import HOSTS, Undo
from alerts.outside import Door, due
from alerts.report_paths import ReportPath
from alerts.situation import copies_of, decisions_of, situation_of
from alerts.situation import said as said_in
from alerts.web import phrases
from alerts.web.context import PageContext
from monitor import rechecks
from monitor.domain import Choice, Done, Item
from monitor.rechecks import Found
from monitor.tables import CaseRow, DecisionRow, EvidenceRow, ItemRow
from monitor.tables_rechecks import RecheckRow

OLDEST, AHEAD = timedelta(days=365), timedelta(minutes=5)  # of a time that somebody gives


class DoorView(NamedTuple):
    """`due`: in words, by when it must have been told; `late`: that time has passed. `told`: by whom and when."""

    door: Door
    due: str
    late: bool
    told: str


class Aid(NamedTuple):
    warns: str  # what nobody must do before somebody outside was told
    undo: str  # until when it can be taken back, in words; empty: it cannot
    report: ReportPath
    form_host: str
    block: str
    doors: list[DoorView]
    now: str  # as a field for a local time takes it
    looks: list[str]
    nudge: bool
    answers: tuple[Answer, ...]


def aid_of(page: PageContext, session: Session, case: CaseRow, now: datetime) -> Aid:
    """For a viewer who may see the case."""
    time = words.LocalTime(page.timezone.key)
    now_true = situation_of(page, session, case, now)
    decisions = decisions_of(page, session, case)
    path = page.report_paths.path(case.network, case.category)
    looks = rechecks.of_case(session, page.store, case)
    may_act = page.may_hide(case.category)
    doors = page.doors.doors_for(case.category, reported=now_true.reported) if may_act else ()
    shown = [_door(page, door, case, decisions, time, now) for door in doors]
    return Aid(
        warns=next((view.door.warns for view in shown if view.door.warns and not view.told), ""),
        undo=_undo(now_true.undo, case, time, now),
        report=path if may_act else ReportPath(),
        form_host=urlsplit(path.form).hostname or "",
        block=_block(page, session, case, now_true.item, path, time),
        doors=shown,
        now=now.astimezone(page.timezone).strftime("%Y-%m-%dT%H:%M"),
        looks=_looks(looks, case, time, now),
        nudge=any(row.nudge for row in looks) and case.standing == Done.VISIBLE,
        answers=ready(case.category, page.complaints),
    )


def told_at(text: str, page: PageContext, now: datetime) -> datetime | None:
    """The moment that a form's local time names; None when it is none, lies ahead, or is older than a year."""
    try:
        at = datetime.fromisoformat(text[:40])
    except ValueError:
        return None
    at = at.replace(tzinfo=page.timezone) if at.tzinfo is None else at
    return at.astimezone(UTC) if now - OLDEST <= at <= now + AHEAD else None


def _undo(undo: Undo | None, case: CaseRow, time: words.LocalTime, now: datetime) -> str:
    if undo is None:
        return ""
    network, until = words.network_words(case.network)[0], time.near(undo.until, now)
    if undo.choice is Choice.DELETE:
        return f"It is deleted from {network} at {until}. Until then you can take it back."
    return f"You can take it back until {until}: everybody sees it again if you do."


def _door(
    page: PageContext,
    door: Door,
    case: CaseRow,
    decisions: Sequence[DecisionRow],
    time: words.LocalTime,
    now: datetime,
) -> DoorView:
    told = ""
    for row in decisions:
        words_of = said_in(page, row) if row.choice == Choice.TOLD else {}
        if words_of.get("why") == door.key:
            who = phrases.role_name(row.role, page.jurisdiction)
            told = f"{who} told them, {phrases.told_when(words_of, time, now)}."
    by = due(door, case.opened_at, page.timezone, page.is_working_day)
    late = by is not None and by < now and not told
    return DoorView(door, time.full(by) if by and not told else "", late, told)


def _looks(rows: Sequence[RecheckRow], case: CaseRow, time: words.LocalTime, now: datetime) -> list[str]:
    """What was seen later, a line each; looks that fell together are one. Last, when it is looked at next."""
    seen: dict[datetime, RecheckRow] = {
        row.done_at: row for row in rows if row.done_at and row.found != Found.NOT_NEEDED
    }
    lines = [f"{time.near(at, now)}: {_came(row, case)}" for at, row in seen.items()]
    waiting = sorted({row.due_at for row in rows if row.done_at is None})
    if waiting:
        when = words.listed(tuple(time.near(at, now) for at in waiting))
        lines.append(f"Schoolgate looks again at {when}.")
    return lines


def _came(row: RecheckRow, case: CaseRow) -> str:
    network = words.network_words(case.network)[0]
    detail = f": {said.rstrip('.')}" if (said := safe.shown(row.detail, 200)) else ""
    says = {
        Found.HIDDEN: "looked again, still hidden",
        Found.GONE: f"looked again, {network} no longer has it",
        Found.PUBLIC: "looked again, it is public",
        Found.BACK: "looked again, it is back: everybody sees it",
        Found.THERE: f"looked again{detail}",
        Found.UNREAD: f"could not look again{detail}",
    }[Found(row.found or Found.UNREAD)]
    return f"{says}; its author had edited it." if row.edited else f"{says}."


def _block(
    page: PageContext,
    session: Session,
    case: CaseRow,
    item: Item | None,
    path: ReportPath,
    time: words.LocalTime,
) -> str:
    """What others ask for, to be copied: addresses, numbers, times. Never the text, nor anybody's name."""
    row = session.get_one(ItemRow, case.item_id)
    network, place = words.network_words(case.network)
    url = known_link(item.url or "", HOSTS.get(case.network, frozenset())) if item else ""
    copy = next(
        (one for one in reversed(copies_of(page, session, case)) if one.item_id == case.item_id), None
    )
    facts: Mapping[str, str] = {
        "School": page.school_name,
        "Our reference": case.ref,
        "What": page.title(case.category),
        f"{network} calls it": " → ".join(path.choose),
        "Where": f"{network} {place} {page.accounts.get(case.account, case.account)}",
        "Address": url,
        "Its number there": row.target_id,
        "Stands under": row.thread_id or "",
        "Number of the account that wrote it": row.author_id or "",
        "Posted": _both(row.posted_at, time) if row.posted_at else "the network does not say",
        "Seen by us": _both(row.seen_at, time),
        "Copy": _copied(copy, time),
    }
    return "\n".join(f"{name}: {safe.clean(text)}" for name, text in facts.items() if text)


def _both(at: datetime, time: words.LocalTime) -> str:
    """Local time and UTC, as a record needs it."""
    return f"{time.full(at)} ({at.astimezone(UTC):%Y-%m-%d %H:%M} UTC)"


def _copied(copy: EvidenceRow | None, time: words.LocalTime) -> str:
    return f"sealed {_both(copy.captured_at, time)}, SHA-256 {copy.sha256}" if copy else ""
