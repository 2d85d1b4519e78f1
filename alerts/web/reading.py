"""Rows to what a page shows. Reads only; every word of a stranger passes `alerts.safe` here, before any template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from sqlalchemy import case as case_when
from sqlmodel import Session, col, select

from alerts import safe, words
from alerts.offers import Offer, Situation, by_hand_only, limits, offers
from alerts.situation import copies_of, decisions_of, said, situation_of
from alerts.views import StepState
from alerts.web import phrases
from alerts.web.around import Fact, author_facts, context, doors_of, earlier, escalation_of, told
from alerts.web.context import PageContext, Viewer, seen_as
from alerts.web.marked import Piece, pieces
from monitor.domain import ActionKind, CaseState, Choice, Done, ItemKind, Severity
from monitor.drill_mark import is_drill
from monitor.tables import CaseRow, DecisionRow, EvidenceRow, FindingRow, ItemRow

DRILL = "DRILL: "
LISTED = 200  # of what a viewer may see: whoever writes thousands must not push the gravest off the page


class Why(NamedTuple):
    title: str
    severity: str
    reason: str
    detector: str
    policy: str


class Decided(NamedTuple):
    who: str
    at: str
    what: str
    reason: str
    outcome: str


class Copy(NamedTuple):
    at: str
    short: str
    sha256: str
    number: int
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One case in the list: no word of the comment."""

    ref: str
    title: str
    call: str
    tone: str
    network: str
    age: str
    state: str
    standing: str
    waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    line: Line
    sentence: str
    facts: list[Fact]
    is_kept: bool  # False: pruned
    pieces: list[Piece]
    is_cut: bool
    extract: str
    why: list[Why]
    context: list[Fact]
    author: list[Fact]
    earlier: list[str]
    steps: list[tuple[str, phrases.Step]]
    coming: str
    offers: Mapping[Choice, Offer]
    limits: list[str]
    elsewhere: list[tuple[ActionKind, Offer]]
    reply: str
    next_steps: tuple[str, ...]
    doors: list[tuple[str, str]]
    told: list[Fact]
    decisions: list[Decided]
    copies: list[Copy]
    seq: int
    item_id: int
    is_waiting: bool


def case_by_ref(page: PageContext, session: Session, ref: str) -> CaseRow | None:
    return session.exec(
        select(CaseRow).where(CaseRow.school_id == page.store.school, CaseRow.ref == ref)
    ).first()


def lines(page: PageContext, session: Session, viewer: Viewer, now: datetime) -> list[Line]:
    """The cases that this viewer may see: waiting first, worst first, oldest first."""
    closed = col(CaseRow.state) == CaseState.CLOSED.value
    rows = session.exec(
        select(CaseRow)
        .where(CaseRow.school_id == page.store.school)
        .order_by(
            closed,
            case_when((closed, None), else_=col(CaseRow.state) == CaseState.ACKNOWLEDGED.value),
            case_when((closed, None), else_=col(CaseRow.severity)).desc(),
            col(CaseRow.id).desc(),
        )
    )
    seen = list(islice((row for row in rows if seen_as(page, viewer, row) is not None), LISTED))
    order = {CaseState.OPEN: 0, CaseState.ACKNOWLEDGED: 1, CaseState.CLOSED: 2}
    seen.sort(key=lambda row: (order[CaseState(row.state)], -row.severity, row.opened_at))
    return [line(page, row, now) for row in seen]


def line(page: PageContext, case: CaseRow, now: datetime) -> Line:
    severity = Severity(case.severity)
    return Line(
        ref=case.ref,
        title=f"{DRILL if is_drill(case.external_id) else ''}{page.title(case.category)}",
        call=words.CALL[severity],
        tone=severity.word,
        network=words.network_words(case.network)[0],
        age=phrases.ago(case.opened_at, now),
        state=phrases.STATES[CaseState(case.state)],
        standing=phrases.CAME_OF_IT[Done(case.standing)] if case.standing != Done.VISIBLE else "Still public",
        waits=case.state == CaseState.OPEN,
    )


def view(page: PageContext, session: Session, viewer: Viewer, case: CaseRow, now: datetime) -> CaseView:
    """Everything that the page of one case shows to a viewer who may see it."""
    time = words.LocalTime(page.timezone.key)
    row = session.get_one(ItemRow, case.item_id)
    now_true = situation_of(page, session, case)
    able = page.capabilities.get(case.network, {})
    hide = able.get(ActionKind.HIDE)
    decisions, copies = decisions_of(page, session, case), copies_of(page, session, case)
    findings = session.exec(
        select(FindingRow).where(FindingRow.item_id == case.item_id).order_by(col(FindingRow.severity).desc())
    ).all()
    text = now_true.item.text if now_true.item else ""
    next_steps = page.doors.next_steps(case.category)
    account = page.accounts.get(case.account, case.account)
    network, place = words.network_words(case.network)
    return CaseView(
        line=line(page, case, now),
        sentence=words.happened(ItemKind(case.kind), case.network, case.category),
        facts=[
            Fact("Where", f"{network} {place}: {account}"),
            Fact("Posted", time.full(row.posted_at) if row.posted_at else "the network does not say"),
            Fact("Seen", time.full(row.seen_at)),
        ],
        is_kept=now_true.item is not None,
        pieces=pieces(text, [(one.start, one.end) for one in findings]),
        is_cut=len(text) > safe.SHOWN_LIMIT,
        extract=_extract(text, findings, case.category),
        why=[
            Why(
                page.title(one.category),
                Severity(one.severity).word,
                one.reason,
                one.detector,
                words.guidance(one.policy),
            )
            for one in findings
        ],
        context=context(page, session, viewer, row),
        author=author_facts(page, session, row, now_true.item.author if now_true.item else None),
        earlier=earlier(page, session, viewer, case, row),
        steps=[
            ("Copy", _copied(copies, case, now_true, time, now)),
            ("Removal", phrases.removal(case, decisions, hide.note if hide else "", time, now)),
            ("Report", phrases.reporting(case, decisions, page.jurisdiction, time, now)),
        ],
        coming=phrases.coming(case, escalation_of(page, session, case, now), page.jurisdiction, time, now),
        offers=offers(now_true, able, page.may_hide),
        limits=limits(now_true, able, page.may_hide),
        elsewhere=by_hand_only(now_true, able) if page.may_hide(case.category) else [],
        reply=phrases.reply_for(case.category),
        next_steps=next_steps,
        doors=doors_of(page.doors.page, next_steps, reported=now_true.reported),
        told=told(page, session, case, time, now),
        decisions=[_decided(page, one, time, now) for one in decisions],
        copies=[
            Copy(time.full(copy.captured_at), copy.sha256[:12], copy.sha256, number, bool(copy.sealed))
            for number, copy in enumerate(copies, 1)
        ],
        seq=case.decisions,
        item_id=case.item_id,
        is_waiting=now_true.waiting,
    )


def _extract(text: str, findings: Sequence[FindingRow], category: str) -> str:
    if words.family(category) in words.NEVER_QUOTED:
        return ""
    names = [(one.start, one.end) for one in findings if words.family(one.category) == "identifying"]
    return safe.masked(text, [(one.start, one.end) for one in findings if one.end > one.start], names)


def _copied(
    copies: Sequence[EvidenceRow], case: CaseRow, now_true: Situation, time: words.LocalTime, now: datetime
) -> phrases.Step:
    copy = next((one for one in reversed(copies) if one.item_id == case.item_id), None)
    if copy is None:
        return phrases.Step(StepState.WAITING, "Not copied yet, so it cannot be hidden or deleted from here.")
    if not copy.sealed:
        at = time.near(copy.captured_at, now)
        return phrases.Step(StepState.DONE, f"Copied at {at}; the copy is no longer kept.")
    media = " Pictures and videos are never copied." if now_true.item and now_true.item.has_media else ""
    return phrases.Step(StepState.DONE, f"Copied at {time.near(copy.captured_at, now)} and sealed.{media}")


def _decided(page: PageContext, row: DecisionRow, time: words.LocalTime, now: datetime) -> Decided:
    outcome = ""
    if row.done is not None and row.choice != Choice.REPORTED:
        at = f" at {time.near(row.done_at, now)}" if row.done_at else ""
        read = "; read back from the network" if row.read_back else ""
        detail = f": {safe.shown(row.detail, 300).rstrip('.')}" if row.detail else ""
        outcome = f"{phrases.CAME_OF_IT[Done(row.done)]}{at}{read}{detail}."
    elif row.done_at is None:
        outcome = "The network has not answered yet."
    return Decided(
        who=phrases.role_name(row.role, page.jurisdiction),
        at=time.near(row.created_at, now),
        what=phrases.DECIDED[Choice(row.choice)],
        reason=phrases.decided(row, said(page, row)),
        outcome=outcome,
    )
