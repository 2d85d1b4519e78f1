"""Cases that should be read together: shown on each to whoever may see the other, and tied by a reviewer's POST."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlmodel import Session, col, or_, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts.web.context import PageContext, Viewer, case_by_ref, case_for
from alerts.web.entry import context_of, frame, gone, looking, refused, signed_out
from alerts.web.guards import token_holds
from alerts.web.listing import found
from alerts.web.render import render
from alerts.web.sight import sight
from monitor.pile_rows import AGAIN, BESIDE, SEE_ALSO
from monitor.tables import CaseRow
from monitor.tables_cases import TieRow

_SHOWN = 20
_WORDS = {  # of the other case: (where this is the later one, where this is the earlier one)
    SEE_ALSO: ("See also", "See also"),
    BESIDE: ("It came with the pile-on", "Too grave to stand in this pile-on"),
    AGAIN: ("Again: an earlier pile-on", "A later wave"),
}


class Tie(NamedTuple):
    says: str
    ref: str
    title: str


def ties(page: PageContext, session: Session, viewer: Viewer, case: CaseRow) -> list[Tie]:
    """The newest first; none of a case that the viewer may not see."""
    rows = session.exec(
        select(TieRow, CaseRow)
        .join(
            CaseRow,
            or_(
                (col(TieRow.case_id) == case.id) & (col(CaseRow.id) == TieRow.other_id),
                (col(TieRow.other_id) == case.id) & (col(CaseRow.id) == TieRow.case_id),
            ),
        )
        .where(sight(page, session, viewer))
        .order_by(col(TieRow.id).desc())
        .limit(_SHOWN)
    ).all()
    return [
        Tie(_WORDS[tie.kind][tie.other_id == case.id], other.ref, page.title(other.category))
        for tie, other in rows
    ]


def tied(request: Request, form: Mapping[str, str]) -> Response:
    """POST /case/{ref}/tie: two cases that this reviewer may see are shown on each other's page from now on."""
    page, _, now = context_of(request)
    viewer, ref = looking(request), request.path_params["ref"]
    if viewer is None:
        return signed_out(page)
    if not token_holds(page.store.vault, viewer, form.get("token", ""), "tie", ref):
        return refused(page, viewer)
    with page.store.write() as session:
        mine = case_for(page, session, viewer, ref)
        if mine is None:
            return gone(page, viewer)
        case, role = mine
        other_ref = found(page, session, viewer, form.get("other", ""))
        other = case_by_ref(page, session, other_ref) if other_ref else None
        if other is None or other.id == case.id:
            return render(
                "undecided.html",
                status=422,
                title="Nothing was done",
                result="no_case",
                ref=ref,
                meanwhile=[],
                **frame(page, viewer),
            )
        if not _is_tied(session, case, other):
            session.add(
                TieRow(
                    school_id=page.store.school,
                    case_id=case.id or 0,
                    other_id=other.id or 0,
                    kind=SEE_ALSO,
                    made_by=role.value,
                    made_at=now,
                )
            )
            for one in (case, other):
                page.store.audit(
                    session, at=now, actor=role.value, happened="cases tied", thing=f"case {one.ref}"
                )
    return RedirectResponse(f"/case/{ref}", 303)


def _is_tied(session: Session, case: CaseRow, other: CaseRow) -> bool:
    either = ((case.id, other.id), (other.id, case.id))
    return any(
        session.exec(select(TieRow.id).where(TieRow.case_id == one, TieRow.other_id == two)).first()
        for one, two in either
    )
