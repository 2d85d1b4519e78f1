"""After a false alarm: a reviewer proposes what Schoolgate should do otherwise. The proposal is put on trial and acts on
nothing; /rules shows what it would have done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts.offers import NOT_A_PROBLEM
from alerts.situation import item_of
from alerts.web.context import PageContext, Viewer, case_for, role_among
from alerts.web.entry import context_of, frame, gone, looking, refused, signed_out
from alerts.web.guards import form_token, token_holds
from alerts.web.render import render
from monitor.detectors.changes import (
    FEWEST_PROTECTED,
    FEWEST_WORDS,
    LONGEST_PHRASE,
    MOST_WORDS,
    Change,
    Kind,
    is_protected,
)
from monitor.domain import CaseState, ItemKind, Role, Severity
from monitor.drill_mark import is_drill
from monitor.tables import CaseRow, FindingRow, ItemRow
from monitor.tuning import MOST_OPEN, open_proposals, propose

PROPOSERS = frozenset({Role.HEADTEACHER, Role.DEPUTY, Role.DSL, Role.ESAFETY})
LONGEST_COMMENT = 500  # characters
KINDS: Mapping[Kind, str] = {
    Kind.PHRASE: "It is harmless inside this exact phrase",
    Kind.PERSON: "It should count only where a person is spoken of",
    Kind.SHADOW: "Put the whole rule aside",
}
_UNTUNED = "schoolgate."  # findings of ours that no rule made


class Wrong(StrEnum):
    """Why a proposal was not put on trial; the page says it in a sentence."""

    KIND = "Choose what Schoolgate should do otherwise."
    GONE = "Schoolgate does not find this any more, so there is nothing to change."
    PROTECTED = (
        "This rule guards against harm to a child or a life, or finds what is said of staff. It is never put aside; "
        "only an exact phrase may be let through."
    )
    PHRASE = f"Type the phrase as it stands in the text: {FEWEST_WORDS} to {MOST_WORDS} words, and more than what was found."
    SHORT = f"For this rule the phrase must have {FEWEST_PROTECTED} words at least: a short one would let a real one through."
    NO_CHANGE = (
        "With this change Schoolgate would still find it here. Take the words in which it stands in the text."
    )
    MANY = f"{MOST_OPEN} changes are on trial already. Withdraw or take over some of them first."


class Lesson(NamedTuple):
    """One finding that may be learnt from."""

    finding: int
    title: str
    rule: str
    reason: str
    kinds: Mapping[str, str]
    is_protected: bool
    token: str


@dataclass(frozen=True, slots=True)
class Learning:
    lessons: Sequence[Lesson]
    on_trial: int  # changes that came from this case


def learning_of(page: PageContext, session: Session, viewer: Viewer, case: CaseRow) -> Learning | None:
    """What the case's page offers a viewer who may see it; None when there is nothing to learn from."""
    if page.judge is None or not viewer.roles & PROPOSERS or not _is_false_alarm(page, session, case):
        return None
    lessons = []
    for one in _findings(session, case):
        guarded = is_protected(one.category, Severity(one.severity))
        kinds = {kind.value: says for kind, says in KINDS.items() if kind is Kind.PHRASE or not guarded}
        token = form_token(page.store.vault, viewer, "learn", case.ref, one.id)
        assert one.id is not None
        lessons.append(
            Lesson(one.id, page.title(one.category), one.detector, one.reason, kinds, guarded, token)
        )
    mine = [row for row in open_proposals(session, page.store.school) if row.case_id == case.id]
    return Learning(lessons, len(mine)) if lessons else None


def _is_false_alarm(page: PageContext, session: Session, case: CaseRow) -> bool:
    if case.state != CaseState.CLOSED or case.outcome != NOT_A_PROBLEM or is_drill(case.external_id):
        return False
    return (
        case.kind != ItemKind.FOLLOWER and item_of(page, session.get_one(ItemRow, case.item_id)) is not None
    )


def _findings(session: Session, case: CaseRow) -> Sequence[FindingRow]:
    rows = session.exec(
        select(FindingRow).where(FindingRow.item_id == case.item_id).order_by(col(FindingRow.severity).desc())
    ).all()
    seen: dict[str, FindingRow] = {}
    for row in rows:  # one rule is learnt about once
        if not row.detector.startswith(_UNTUNED):
            seen.setdefault(row.detector, row)
    return list(seen.values())


def proposed(request: Request, form: Mapping[str, str]) -> Response:
    """POST /case/{ref}/learn"""
    page, _, now = context_of(request)
    viewer, ref = looking(request), request.path_params["ref"]
    if viewer is None:
        return signed_out(page)
    role = role_among(viewer, PROPOSERS)
    number = form.get("finding", "")
    with page.store.read() as session:
        mine = case_for(page, session, viewer, ref)
        if mine is None or role is None:
            return gone(page, viewer)
        case, _ = mine
        if page.judge is None or not _is_false_alarm(page, session, case):
            return refused(page, viewer)
        finding = next((one for one in _findings(session, case) if str(one.id) == number), None)
        item = item_of(page, session.get_one(ItemRow, case.item_id))
    if (
        finding is None
        or item is None
        or not token_holds(page.store.vault, viewer, form.get("token", ""), "learn", ref, finding.id)
    ):
        return refused(page, viewer)
    phrase = " ".join(form.get("phrase", "").split())
    change = _change(page, finding, form.get("kind", ""), phrase)
    wrong = change if isinstance(change, Wrong) else _without(page, item.text, finding, change)
    if wrong is None and isinstance(change, Change):
        with page.store.write() as session:
            row = propose(
                session,
                page.store,
                case,
                change,
                category=finding.category,
                phrase=phrase if change.kind is Kind.PHRASE else "",
                comment=form.get("comment", "").strip()[:LONGEST_COMMENT],
                role=role,
                now=now,
            )
        if row is not None:
            return RedirectResponse(f"/case/{ref}#learn", 303)
        wrong = Wrong.MANY
    return render(
        "unlearned.html",
        status=422,
        title="Nothing was put on trial",
        says=wrong,
        ref=ref,
        **frame(page, viewer),
    )


def _change(page: PageContext, finding: FindingRow, kind: str, phrase: str) -> Change | Wrong:
    """What the form asks for, held to what may be changed at all."""
    assert page.judge is not None
    if kind not in {one.value for one in Kind}:
        return Wrong.KIND
    guarded = is_protected(finding.category, Severity(finding.severity))
    if kind != Kind.PHRASE:
        return Wrong.PROTECTED if guarded else Change(finding.detector, Kind(kind))
    if not phrase or len(phrase) > LONGEST_PHRASE:
        return Wrong.PHRASE
    words = page.judge.words(phrase)
    if not FEWEST_WORDS <= len(words) <= MOST_WORDS:
        return Wrong.PHRASE
    if guarded and len(words) < FEWEST_PROTECTED:
        return Wrong.SHORT
    return Change(finding.detector, Kind.PHRASE, words)


def _without(page: PageContext, text: str, finding: FindingRow, change: Change) -> Wrong | None:
    """Whether the change takes this very finding away: one that does not was not made for this case."""
    assert page.judge is not None

    def is_found(changes: Sequence[Change]) -> bool:
        assert page.judge is not None
        span = finding.start, finding.end
        found = page.judge.judged(text, changes)
        return any(one.detector == finding.detector and one.span == span for one in found)

    if not is_found(()):
        return Wrong.GONE
    return Wrong.NO_CHANGE if is_found((change,)) else None
