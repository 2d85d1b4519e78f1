"""Pile-ons as rows: an item's case joins the one case that people handle, and stands for itself again when it must.

In the caller's transaction, after its case was opened with evidence and a notice of its own. Joining takes back a notice
that has not gone yet: its readers have been told of the case that leads, or are in the same transaction.
What may be gathered and when people are told is judged in monitor/pile_on.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from monitor import pile_on
from monitor.cases import Opening, stand_open
from monitor.domain import CaseState, Choice, Role, Severity
from monitor.drill_mark import is_drill
from monitor.pile_on import PileOn
from monitor.pile_rows import (
    AGAIN,
    BESIDE,
    Newcomer,
    as_value,
    follow,
    led_by,
    members,
    note,
    pile_of,
    read_kinds,
    roles_of,
    targets_of,
    tell,
    tie,
    untell,
    waits,
    written_kinds,
)
from monitor.store import Store
from monitor.tables import CaseRow, DecisionRow
from monitor.tables_cases import PileRow, TargetRow
from monitor.triage import routing

_BULLYING = "bullying"


def gather(
    session: Session, store: Store, one: Newcomer, opening: Opening, measure: PileOn, now: datetime
) -> None:
    """Put a case where it belongs: into the pile-on against its target, at the head of a new one, or by itself."""
    if is_drill(one.row.external_id):  # nothing real is handled with a drill, nor closed with it
        return
    shut = bool(one.case.bypassed)
    if pile_on.stands_alone(one.verdict, named=shut):
        _stand_alone(session, store, one, opening, now)
        return
    leads = led_by(session, store, one.case)
    if leads is None and one.case.joined_to is None and not pile_on.gathers(one.verdict, named=shut):
        return
    targets = targets_of(store, one)
    found = leads or pile_of(session, store, one, targets)
    if found is None:
        note(session, store, one, targets, now)
        _form(session, store, one, targets, opening, measure, now)
        return
    if leads is not None:  # its own case was told of already, as any case whose text was changed
        return
    _join(session, store, one, found, opening, measure, now)
    if one.case.joined_to is None:  # the pile is over
        found.digest = b""
        tie(session, store, one.case, found.case_id, AGAIN, now)
        note(session, store, one, targets, now)
        _form(session, store, one, targets, opening, measure, now)


def _form(
    session: Session,
    store: Store,
    one: Newcomer,
    targets: Sequence[bytes],
    opening: Opening,
    measure: PileOn,
    now: datetime,
) -> None:
    for digest in targets:
        rows = session.exec(
            select(CaseRow, TargetRow.author)
            .join(TargetRow, col(TargetRow.case_id) == CaseRow.id)
            .where(
                TargetRow.school_id == store.school,
                TargetRow.digest == digest,
                TargetRow.at > now - measure.window,
                CaseRow.state != CaseState.CLOSED.value,
                CaseRow.bypassed == "",
                col(CaseRow.joined_to).is_(None),
                col(CaseRow.id).not_in(select(PileRow.case_id)),
            )
            .order_by(col(CaseRow.state), col(CaseRow.id))  # "acknowledged" first: somebody is on it
        ).all()
        if pile_on.is_pile(len({who for _, who in rows if who}), len(rows), measure):
            _begin(session, store, one, digest, [case for case, _ in rows], opening, now)
            return


def _begin(
    session: Session,
    store: Store,
    one: Newcomer,
    digest: bytes,
    cases: Sequence[CaseRow],
    opening: Opening,
    now: datetime,
) -> None:
    lead, *others = cases
    known: dict[str, int] = dict(pile_on.kinds(one.verdict))
    for case in cases:
        if pile_on.family(case.category) in pile_on.AIMED:
            known[pile_on.family(case.category)] = max(
                known.get(pile_on.family(case.category), 0), case.severity
            )
    pupil = pile_on.against_pupil(one.verdict.findings) or any(
        pile_on.family(case.category) in {_BULLYING, "identifying"} for case in cases
    )
    gravest = max(cases, key=lambda case: case.severity)
    lead.category = gravest.category
    before = lead.severity
    for case in others:
        case.joined_to = lead.id
        untell(session, case)
    session.flush()
    _raise(lead, Severity(gravest.severity), {role for case in cases for role in roles_of(case)}, pupil=pupil)
    if lead.severity > before:
        stand_open(lead)
    follow(session, lead, None)
    session.add(
        PileRow(
            school_id=store.school,
            case_id=lead.id or 0,
            digest=digest,
            items=len(cases),
            told=len(cases),
            kinds=written_kinds(known),
            pupil=pupil,
            began_at=now,
            last_at=now,
        )
    )
    tell(session, store, lead, opening, now, "became a pile-on", f"{len(cases)} comments")


def _join(
    session: Session,
    store: Store,
    one: Newcomer,
    pile: PileRow,
    opening: Opening,
    measure: PileOn,
    now: datetime,
) -> None:
    lead = session.get_one(CaseRow, pile.case_id)
    edited = one.case.joined_to is not None
    changed = edited and waits(session, one.case)
    joining = pile_on.comes_to(as_value(pile, lead, edited), one.verdict, one.told.roles, measure, now)
    if joining is None:
        one.case.joined_to = None
        return
    pupil = pile_on.against_pupil(one.verdict.findings)
    first_pupil = pupil and not pile.pupil
    before = lead.severity
    one.case.joined_to = lead.id
    untell(session, one.case)
    pile.items += 0 if edited else 1
    pile.last_at = now
    pile.pupil = pile.pupil or pupil
    known = read_kinds(pile.kinds)
    for name, level in pile_on.kinds(one.verdict).items():
        known[name] = max(known.get(name, 0), level)
    pile.kinds = written_kinds(known)
    assert one.verdict.severity is not None
    if one.verdict.severity > lead.severity and one.verdict.category is not None:
        lead.category = one.verdict.category
    _raise(lead, one.verdict.severity, {*roles_of(lead), *one.told.roles}, pupil=pile.pupil)
    if joining.reopen or lead.severity > before:
        stand_open(lead)
    one.case.state = lead.state
    one.case.acknowledged_at, one.case.acknowledged_by = lead.acknowledged_at, lead.acknowledged_by
    session.flush()
    store.audit(
        session,
        at=now,
        actor="schoolgate",
        happened=f"joined {lead.ref}",
        thing=f"case {one.case.ref}",
        detail="pile-on",
    )
    if joining.tell or changed or first_pupil:
        pile.told = pile.items
        why = joining.why or (
            "a comment in it was changed" if changed else "a child of the school is the target"
        )
        tell(session, store, lead, opening, now, "pile-on grew", why)


def _stand_alone(session: Session, store: Store, one: Newcomer, opening: Opening, now: datetime) -> None:
    """What is grave by itself has a case of its own, which names the pile-on that it came with."""
    led = led_by(session, store, one.case)
    if led is not None:
        asked = session.exec(
            select(DecisionRow.id).where(
                DecisionRow.case_id == one.case.id, DecisionRow.choice == Choice.ASK_DSL.value
            )
        ).first()
        if asked is None:  # whom the pile-on brought in need not know of this
            one.case.roles, one.case.handed_to = one.told.roles_text, ""
        _hand_over(session, store, one.case, led, opening, now)
    elif one.case.joined_to is not None:
        pile = pile_of(session, store, one, ())
        tie(session, store, one.case, one.case.joined_to, BESIDE, now)
        one.case.joined_to = None
        if pile is not None:
            pile.items -= 1
    else:
        pile = pile_of(session, store, one, targets_of(store, one))
        if pile is not None:
            tie(session, store, one.case, pile.case_id, BESIDE, now)
        return
    one.case.state, one.case.acknowledged_at = CaseState.OPEN.value, None
    if not waits(session, one.case):
        tell(session, store, one.case, opening, now, "left the pile-on", "it stands alone")


def _hand_over(
    session: Session, store: Store, old: CaseRow, pile: PileRow, opening: Opening, now: datetime
) -> None:
    """The next oldest case leads; the pile-on goes when none is left."""
    left = [case for case in members(session, old) if case.state != CaseState.CLOSED]
    if not left:
        session.delete(pile)
        return
    lead = left[0]
    session.exec(
        update(CaseRow).where(col(CaseRow.joined_to) == old.id).values(joined_to=lead.id),
        execution_options={"synchronize_session": "fetch"},
    )
    lead.joined_to = None
    gravest = max(left, key=lambda case: case.severity)
    lead.category = gravest.category
    roles = {role for case in left for role in roles_of(case)}
    _raise(lead, Severity(gravest.severity), roles, pupil=pile.pupil)
    pile.case_id, pile.items = lead.id or 0, pile.items - 1
    tie(session, store, old, lead.id or 0, BESIDE, now)
    stand_open(lead)
    tell(session, store, lead, opening, now, "leads the pile-on", f"after {old.ref}")


def _raise(lead: CaseRow, severity: Severity, roles: set[Role], *, pupil: bool) -> None:
    """The case as it is told: the gravest item, one step up where a child of the school is the target."""
    if pupil:
        severity = pile_on.one_up(severity)
        roles = roles | set(routing(_BULLYING, pupil=True))
        if pile_on.family(lead.category) in {"insult", "identifying"}:
            lead.category = _BULLYING
    lead.severity = max(lead.severity, severity.value)
    had = roles_of(lead)
    more = sorted(role for role in roles if role not in had)
    lead.roles = ",".join([*had, *more])
    lead.handed_to = ",".join(filter(None, [lead.handed_to, *more]))
