"""A pile-on on its page: the comments that one case gathers, a page of them at a time, and the POST that hides them all.

Each keeps its own copy, standing and page. Nothing is shown or counted of one that the viewer may not see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, func, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts import safe, words
from alerts.deciding import Asked, decide
from alerts.situation import item_of
from alerts.web import phrases
from alerts.web.context import PageContext, Viewer, case_for, seen_as
from alerts.web.entry import context_of, frame, gone, looking, refused, signed_out
from alerts.web.guards import form_token, token_holds
from alerts.web.marked import Piece, pieces
from alerts.web.render import render
from alerts.web.said import extract
from alerts.web.sight import sight
from monitor.domain import ActionKind, Choice, Done, Means
from monitor.tables import CaseRow, DecisionRow, EvidenceRow, FindingRow, ItemRow

PER_PART = 20
AT_ONCE = 200  # hidden by one press: one transaction, and as many requests to the network
_LONGEST = 500  # characters of one comment here; its own page has more


@dataclass(frozen=True, slots=True)
class Gathered:
    ref: str
    at: str
    standing: str
    is_kept: bool
    extract: str
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class PileView:
    """`lead` is the reference of the case that leads, where this one is gathered under it (then nothing else is set).

    `upto` and `token` bind the button to what was on the page: a comment that came later is not hidden unseen.
    """

    lead: str = ""
    count: int = 0
    authors: int = 0
    shown: Sequence[Gathered] = ()
    part: int = 1
    parts: int = 1
    opened: bool = False  # the list: somebody leafs through it
    hideable: int = 0
    upto: int = 0
    token: str = ""


def pile_view(
    page: PageContext, session: Session, viewer: Viewer, case: CaseRow, part: int, time: words.LocalTime
) -> PileView | None:
    """None: the case stands by itself, or the rest of its pile-on is not for this viewer. `part` 0: folded."""
    seen = sight(page, session, viewer)
    if case.joined_to is not None:
        lead = session.exec(select(CaseRow.ref).where(seen, CaseRow.id == case.joined_to)).first()
        return PileView(lead=lead) if lead is not None else None
    mine = seen & or_(col(CaseRow.joined_to) == case.id, col(CaseRow.id) == case.id)
    count, upto, authors = session.exec(
        select(func.count(), func.max(CaseRow.id), func.count(func.distinct(ItemRow.author_id)))
        .select_from(CaseRow)
        .join(ItemRow, col(ItemRow.id) == CaseRow.item_id)
        .where(mine)
    ).one()
    if count < 2:  # noqa: PLR2004
        return None
    parts = -(-count // PER_PART)
    opened, part = part > 0, min(max(part, 1), parts)
    rows = session.exec(
        select(CaseRow, ItemRow)
        .join(ItemRow, col(ItemRow.id) == CaseRow.item_id)
        .where(mine)
        .order_by(col(CaseRow.id).desc())
        .offset((part - 1) * PER_PART)
        .limit(PER_PART)
    ).all()
    found = _findings(session, [row for _, row in rows])
    return PileView(
        count=count,
        authors=authors,
        shown=[_gathered(page, one, row, found.get(row.id or 0, []), time) for one, row in rows],
        part=part,
        parts=parts,
        opened=opened,
        hideable=session.exec(
            select(func.count())
            .select_from(CaseRow)
            .join(ItemRow, col(ItemRow.id) == CaseRow.item_id)
            .where(mine, _hideable(page))
        ).one(),
        upto=upto or 0,
        token=_token(page, session, viewer, case, upto or 0),
    )


def hide_all(request: Request, form: Mapping[str, str]) -> Response:
    """POST /case/{ref}/pile/hide: one decision for each comment that was on the page and can be hidden from here."""
    page, _, now = context_of(request)
    viewer, ref = looking(request), request.path_params["ref"]
    if viewer is None:
        return signed_out(page)
    written = form.get("upto", "")
    with page.store.write() as session:
        mine = case_for(page, session, viewer, ref)
        if mine is None:
            return gone(page, viewer)
        case, _ = mine
        if not (written.isascii() and written.isdigit() and len(written) <= 18):  # noqa: PLR2004
            return refused(page, viewer)
        upto = int(written)
        given = form.get("token", "")
        if not token_holds(page.store.vault, viewer, given, *_shown(page, session, viewer, case, upto)):
            return render(
                "undecided.html",
                status=409,
                title="Nothing was done",
                result="stale",
                ref=ref,
                meanwhile=[],
                **frame(page, viewer),
            )
        rows = session.exec(
            select(CaseRow)
            .join(ItemRow, col(ItemRow.id) == CaseRow.item_id)
            .where(_up_to(page, session, viewer, case, upto), _hideable(page))
            .order_by(col(CaseRow.id))
            .limit(AT_ONCE)
        ).all()
        for one in rows:
            role = seen_as(page, viewer, one)
            if role is not None:
                asked = Asked(Choice.REMOVE, one.decisions, one.item_id, reason=f"with {ref}")
                decide(page, session, one, role, asked, now)  # what is not offered for this one is not done
    return RedirectResponse(f"/case/{ref}", 303)


def _up_to(
    page: PageContext, session: Session, viewer: Viewer, case: CaseRow, upto: int
) -> ColumnElement[bool]:
    mine = or_(col(CaseRow.joined_to) == case.id, col(CaseRow.id) == case.id)
    return sight(page, session, viewer) & mine & (col(CaseRow.id) <= upto)


def _shown(
    page: PageContext, session: Session, viewer: Viewer, case: CaseRow, upto: int
) -> tuple[object, ...]:
    """What the button was shown with: another count of comments, decisions or versions makes it stale."""
    sums = session.exec(
        select(func.count(), func.sum(CaseRow.decisions), func.sum(CaseRow.item_id)).where(
            _up_to(page, session, viewer, case, upto)
        )
    ).one()
    return ("hide all", case.ref, upto, *sums)


def _token(page: PageContext, session: Session, viewer: Viewer, case: CaseRow, upto: int) -> str:
    return form_token(page.store.vault, viewer, *_shown(page, session, viewer, case, upto))


def _hideable(page: PageContext) -> ColumnElement[bool]:
    """Public still, copied, nothing asked of the network that it has not answered, and hidden by its API."""
    able = [
        network
        for network, actions in page.capabilities.items()
        if ActionKind.HIDE in actions and actions[ActionKind.HIDE].means is Means.BY_API
    ]
    waiting = select(DecisionRow.id).where(
        col(DecisionRow.case_id) == CaseRow.id, col(DecisionRow.done_at).is_(None)
    )
    copied = select(EvidenceRow.id).where(
        col(EvidenceRow.case_id) == CaseRow.id,
        col(EvidenceRow.item_id) == CaseRow.item_id,
        EvidenceRow.sealed != b"",
    )
    return (
        (col(CaseRow.standing) == Done.VISIBLE.value)
        & col(CaseRow.network).in_(able)
        & col(ItemRow.pruned_at).is_(None)
        & ~("," + col(ItemRow.refused) + ",").contains(f",{ActionKind.HIDE.value},")
        & ~waiting.correlate(CaseRow).exists()
        & copied.correlate(CaseRow).exists()
    )


def _findings(session: Session, rows: Sequence[ItemRow]) -> dict[int, list[FindingRow]]:
    found: dict[int, list[FindingRow]] = {}
    for one in session.exec(select(FindingRow).where(col(FindingRow.item_id).in_([row.id for row in rows]))):
        found.setdefault(one.item_id, []).append(one)
    return found


def _gathered(
    page: PageContext, case: CaseRow, row: ItemRow, findings: Sequence[FindingRow], time: words.LocalTime
) -> Gathered:
    item = item_of(page, row)
    text = safe.cut(item.text, _LONGEST) if item else ""
    still = case.standing == Done.VISIBLE
    return Gathered(
        ref=case.ref,
        at=time.full(row.posted_at or row.seen_at),
        standing="Still public" if still else phrases.CAME_OF_IT[Done(case.standing)],
        is_kept=item is not None,
        extract=extract(text, findings, case.category),
        pieces=pieces(text, [(one.start, one.end) for one in findings]),
    )
