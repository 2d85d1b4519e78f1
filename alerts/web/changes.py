"""Changes of rules, on trial and in use: what each would have taken away, and the POST that takes one over or withdraws it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, func, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts import safe, words
from alerts.offers import NOT_A_PROBLEM
from alerts.web.context import PageContext, Viewer, role_among, seen_as
from alerts.web.entry import context_of, frame, gone, looking, refused, signed_out
from alerts.web.guards import form_token, token_holds
from alerts.web.learning import KINDS, PROPOSERS
from alerts.web.render import render
from monitor.detectors.changes import Kind
from monitor.domain import CaseState, Role
from monitor.tables import CaseRow, ItemRow
from monitor.tables_tuning import ProposalRow, TrialHitRow
from monitor.tuning import TRIAL, State, decide, found_since, open_proposals, words_of

DECIDERS = frozenset({Role.HEADTEACHER, Role.DSL, Role.ESAFETY})
_NEXT = timedelta(microseconds=1)
_REFS = 12  # references shown of one figure


class Figures(NamedTuple):
    """Of what this viewer may see. `found` by the rule since the proposal; `gone`: the change would have taken a finding
    away; `unseen`: nothing would have been left. Of those that are gone: how many people found real, or not a problem."""

    found: int
    gone: int
    unseen: int
    real: int
    false: int
    waiting: int
    real_refs: Sequence[str]
    other_refs: Sequence[str]


class Shown(NamedTuple):
    number: int
    rule: str
    what: str
    phrase: str
    comment: str
    proposed: str
    decided: str
    ref: str
    state: str
    figures: Figures
    ripe: str  # from when it may be taken over; empty: now
    toml: str
    token: str


def shown(request: Request) -> Response:
    """GET /rules"""
    page, _, now = context_of(request)
    viewer = looking(request)
    if viewer is None:
        return RedirectResponse("/", 303)
    if not viewer.roles & PROPOSERS:
        return gone(page, viewer)
    with page.store.read() as session:
        rows = [
            _shown(page, session, viewer, row, case, now) for row, case in _visible(page, session, viewer)
        ]
    return render(
        "rules.html",
        title="Changes of rules",
        trials=[one for one in rows if one.state == State.TRIAL],
        active=[one for one in rows if one.state == State.ACTIVE],
        may_decide=bool(viewer.roles & DECIDERS),
        **frame(page, viewer),
    )


def decided(request: Request, form: Mapping[str, str]) -> Response:
    """POST /rules/{number}: take it over, or withdraw it."""
    page, _, now = context_of(request)
    viewer = looking(request)
    if viewer is None:
        return signed_out(page)
    role = role_among(viewer, DECIDERS)
    if role is None:
        return gone(page, viewer)
    to = {"take": State.ACTIVE, "withdraw": State.WITHDRAWN}.get(form.get("choice", ""))
    with page.store.write() as session:
        seen = {row.id: (row, case) for row, case in _visible(page, session, viewer)}
        row, case = seen.get(request.path_params["number"], (None, None))
        if row is None or case is None:
            return gone(page, viewer)
        now_true = _shown(page, session, viewer, row, case, now)
        if to is None or not token_holds(
            page.store.vault, viewer, form.get("token", ""), *_purpose(now_true)
        ):
            return refused(page, viewer)
        if to is State.ACTIVE and (now_true.ripe or (now_true.figures.real and "sure" not in form)):
            return render(
                "untaken.html",
                status=409,
                title="Nothing was changed",
                ripe=now_true.ripe,
                real=now_true.figures.real,
                **frame(page, viewer),
            )
        if row.state != to:
            decide(session, page.store, row, to, role, now)
    return RedirectResponse("/rules", 303)


def _purpose(one: Shown) -> tuple[object, ...]:
    """A form holds for the figures that were on the page: whoever takes a change over has seen them."""
    return "change", one.number, one.state, one.figures.gone, one.figures.real


def _visible(page: PageContext, session: Session, viewer: Viewer) -> list[tuple[ProposalRow, CaseRow]]:
    """The changes whose case this viewer may see: the phrase is of the case, and another's existence is not told."""
    found = []
    for row in open_proposals(session, page.store.school):
        case = session.get_one(CaseRow, row.case_id)
        if seen_as(page, viewer, case) is not None:
            found.append((row, case))
    return found


def _shown(
    page: PageContext, session: Session, viewer: Viewer, row: ProposalRow, case: CaseRow, now: datetime
) -> Shown:
    time = words.LocalTime(page.timezone.key)
    said = words_of(page.store, row)
    ripe_at = row.proposed_at + TRIAL
    who = words.role_words(Role(row.proposed_by), page.jurisdiction)
    one = Shown(
        number=row.id or 0,
        rule=row.rule,
        what=KINDS[Kind(row.kind)] if said else "It is no longer kept, and changes nothing",
        phrase=safe.shown(said.get("phrase", ""), 200),
        comment=safe.shown(said.get("comment", ""), 500, lines=True),
        proposed=f"{who}, {time.near(row.proposed_at, now)}",
        decided=f"{words.role_words(Role(row.decided_by), page.jurisdiction)}, {time.near(row.decided_at, now)}"
        if row.decided_by and row.decided_at
        else "",
        ref=case.ref,
        state=row.state,
        figures=_figures(page, session, viewer, row),
        ripe=time.full(ripe_at) if now < ripe_at else "",
        toml=f'[detection]\nshadow = ["{row.rule}"]' if row.kind == Kind.SHADOW else "",
        token="",
    )
    return one._replace(token=form_token(page.store.vault, viewer, *_purpose(one)))


def _figures(page: PageContext, session: Session, viewer: Viewer, row: ProposalRow) -> Figures:
    hits = session.exec(
        select(TrialHitRow, ItemRow)
        .join(ItemRow, col(ItemRow.id) == col(TrialHitRow.item_id))
        .where(TrialHitRow.school_id == page.store.school, TrialHitRow.proposal_id == row.id)
        .order_by(col(TrialHitRow.id).desc())
    ).all()
    visible = [
        (hit, case) for hit, item in hits if (case := _case_of(page, session, viewer, item)) is not None
    ]
    seen = list({case.id: (hit, case) for hit, case in visible}.values())  # an author's edits are one case
    closed = [(hit, case) for hit, case in seen if case.state == CaseState.CLOSED]
    real = [case.ref for _, case in closed if case.outcome != NOT_A_PROBLEM]
    others = [case.ref for _, case in seen if case.ref not in real]
    found = session.exec(
        select(func.count()).select_from(
            found_since(page.store.school, row.rule, row.proposed_at + _NEXT).subquery()
        )
    ).one()
    return Figures(
        found=max(found - (len(hits) - len(visible)), 0),
        gone=len(seen),
        unseen=sum(hit.left is None for hit, _ in seen),
        real=len(real),
        false=len(closed) - len(real),
        waiting=len(seen) - len(closed),
        real_refs=real[:_REFS],
        other_refs=others[:_REFS],
    )


def _case_of(page: PageContext, session: Session, viewer: Viewer, item: ItemRow) -> CaseRow | None:
    case = session.exec(
        select(CaseRow).where(
            CaseRow.school_id == page.store.school,
            CaseRow.account == item.account,
            CaseRow.kind == item.kind,
            CaseRow.external_id == item.external_id,
        )
    ).first()
    return case if case is not None and seen_as(page, viewer, case) is not None else None
