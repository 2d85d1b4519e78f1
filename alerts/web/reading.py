"""Rows to what a page shows. Reads only; every word of a stranger passes `alerts.safe` here, before any template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from alerts import safe, words
from alerts.handing import all_offers
from alerts.offers import Offer, Situation, by_hand_only, limits
from alerts.situation import copies_of, decisions_of, said, situation_of
from alerts.views import StepState
from alerts.web import phrases
from alerts.web.around import Fact, author_facts, context, escalation_of, has_it, told
from alerts.web.conduct import Conduct, conduct
from alerts.web.context import PageContext, Viewer
from alerts.web.listing import Line, line
from alerts.web.marked import Piece, pieces
from alerts.web.notes import paste
from alerts.web.pile import PileView, pile_view
from alerts.web.said import extract
from alerts.web.ties import Tie, ties
from alerts.web.timeline import Entry, timeline
from monitor.domain import ActionKind, CaseState, Choice, Done, ItemKind, Role, Severity
from monitor.tables import CaseRow, DecisionRow, EvidenceRow, FindingRow, ItemRow


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
    conduct: Conduct
    steps: list[tuple[str, phrases.Step]]
    coming: str
    offers: Mapping[Choice, Offer]
    limits: list[str]
    elsewhere: list[tuple[ActionKind, Offer]]
    reply: str
    next_steps: tuple[str, ...]
    told: list[Fact]
    has_it: str  # who was mailed, in one line; empty: nobody yet
    decisions: list[Decided]
    copies: list[Copy]
    seq: int
    item_id: int
    is_waiting: bool
    on_it: str  # who else has it and since when; empty: nobody, or whoever looks
    pile: PileView | None
    ties: list[Tie]
    timeline: list[Entry]
    unlisted: int  # entries of the timeline that are too many to show
    notes: str
    asks: str  # whom "hand it on" would bring in


def view(
    page: PageContext, session: Session, viewer: Viewer, case: CaseRow, now: datetime, *, part: int = 0
) -> CaseView:
    """Everything that the page of one case shows to a viewer who may see it; `part`: which page of its pile-on, 0: folded."""
    time = words.LocalTime(page.timezone.key)
    row = session.get_one(ItemRow, case.item_id)
    now_true = situation_of(page, session, case, now)
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
    entries, unlisted = timeline(page, session, case, time)
    facts = [
        Fact("Where", f"{network} {place}: {account}"),
        Fact("Posted", time.full(row.posted_at) if row.posted_at else "the network does not say"),
        Fact("Seen", time.full(row.seen_at)),
    ]
    removal = phrases.removal(case, decisions, hide.note if hide else "", time, now)
    asked = page.to_be_asked(case)
    pile = pile_view(page, session, viewer, case, part, time)
    return CaseView(
        line=line(page, case, now),
        sentence=words.happened(ItemKind(case.kind), case.network, case.category),
        facts=facts,
        is_kept=now_true.item is not None,
        pieces=pieces(text, [(one.start, one.end) for one in findings]),
        is_cut=len(text) > safe.SHOWN_LIMIT,
        extract=extract(text, findings, case.category),
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
        conduct=conduct(page, session, viewer, case, row, time),
        steps=[
            ("Copy", _copied(copies, case, now_true, time, now)),
            ("Removal", removal),
            ("Report", phrases.reporting(case, decisions, page.jurisdiction, time, now)),
        ],
        coming=phrases.coming(case, escalation_of(page, session, case, now), page.jurisdiction, time, now),
        offers=all_offers(page, now_true, case),
        limits=limits(now_true, able, page.may_hide),
        elsewhere=by_hand_only(now_true, able) if page.may_hide(case.category) else [],
        reply=phrases.reply_for(case.category),
        next_steps=next_steps,
        told=told(page, session, case, time, now),
        has_it=has_it(page, session, case),
        decisions=[decided(page, one, time, now) for one in decisions],
        copies=[
            Copy(time.full(copy.captured_at), copy.sha256[:12], copy.sha256, number, bool(copy.sealed))
            for number, copy in enumerate(copies, 1)
        ],
        seq=case.decisions,
        item_id=case.item_id,
        is_waiting=now_true.waiting,
        on_it=_on_it(page, viewer, case, time, now),
        pile=pile,
        ties=ties(page, session, viewer, case),
        timeline=entries,
        unlisted=unlisted,
        notes=paste(page, case, facts, findings, copies, entries, removal.says, pile, time),
        asks=words.role_words(asked, page.jurisdiction) if asked else "",
    )


def _on_it(page: PageContext, viewer: Viewer, case: CaseRow, time: words.LocalTime, now: datetime) -> str:
    """Who else pressed "I'm on it", for somebody who is about to do something too."""
    if case.state != CaseState.ACKNOWLEDGED or not case.acknowledged_by or not case.acknowledged_at:
        return ""
    if Role(case.acknowledged_by) in viewer.roles:
        return ""
    who = phrases.role_name(case.acknowledged_by, page.jurisdiction)
    return f"{who} is on it since {time.near(case.acknowledged_at, now)}."


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
    return phrases.Step(StepState.DONE, f"Copied {time.when(copy.captured_at, now)} and sealed.{media}")


def decided(page: PageContext, row: DecisionRow, time: words.LocalTime, now: datetime) -> Decided:
    outcome = ""
    if row.done is not None and row.choice != Choice.REPORTED:
        at = f" {time.when(row.done_at, now)}" if row.done_at else ""
        read = "; read back from the network" if row.read_back else ""
        detail = f": {safe.shown(row.detail, 300).rstrip('.')}" if row.detail else ""
        outcome = f"{phrases.CAME_OF_IT[Done(row.done)]}{at}{read}{detail}."
    elif row.done_at is None:
        outcome = phrases.waits(row, time, now)
    return Decided(
        who=phrases.role_name(row.role, page.jurisdiction),
        at=time.near(row.created_at, now),
        what=phrases.DECIDED[Choice(row.choice)],
        reason=phrases.decided(row, said(page, row), time, now),
        outcome=outcome,
    )
