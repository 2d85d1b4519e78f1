"""The rows of pile-ons: whose target is what, which case leads, what people were told of it, what is tied to what.

Asks and writes; judges nothing (monitor/pile_on.py) and puts nothing in its place (monitor/piles.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import Session, col, func, select

from monitor import pile_on
from monitor.cases import Opening, Told, notify_of
from monitor.domain import CaseState, Reason, Role, Severity, Verdict
from monitor.pile_on import Pile
from monitor.store import Store
from monitor.tables import CaseRow, ItemRow, NoticeRow
from monitor.tables_cases import PileRow, TargetRow, TieRow

BESIDE, AGAIN, SEE_ALSO = "beside", "again", "see_also"
_NAMES = 20  # of one item: a text that names a whole school is no way to slow the judging down


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An item that was just judged, with its case."""

    case: CaseRow
    row: ItemRow
    verdict: Verdict
    told: Told
    text: str
    people: frozenset[Role] = frozenset()  # whose office or holder the text names


def members(session: Session, case: CaseRow) -> Sequence[CaseRow]:
    """The cases that were gathered under this one, oldest first; none when it leads no pile-on."""
    return session.exec(select(CaseRow).where(CaseRow.joined_to == case.id).order_by(col(CaseRow.id))).all()


def follow(session: Session, case: CaseRow, outcome: str | None) -> None:
    """The gathered cases go with the one that leads them: what is open among them is acknowledged or closed as it is."""
    mine = (col(CaseRow.joined_to) == case.id) & (col(CaseRow.state) != CaseState.CLOSED.value)
    values = {
        "state": case.state,
        "acknowledged_at": case.acknowledged_at,
        "acknowledged_by": case.acknowledged_by,
    }
    if case.state == CaseState.CLOSED:
        values |= {
            "closed_at": case.closed_at,
            "closed_by": case.closed_by,
            "outcome": outcome,
            "closing_reason": case.closing_reason,
        }
    session.exec(
        update(CaseRow).where(mine).values(**values), execution_options={"synchronize_session": "fetch"}
    )


def targets_of(store: Store, one: Newcomer) -> list[bytes]:
    """Keyed hashes of what an item is aimed at, the thread first: the post or conversation it stands under, each child
    of the records and each of the school's roles that it names."""
    row = one.row
    thread = "\0".join((row.account, row.thread_id or row.parent_id or row.external_id))
    names = sorted(pile_on.names_in(one.text, one.verdict.findings))[:_NAMES]
    return [
        store.vault.digest("target thread", thread),
        *(store.vault.digest("target person", name) for name in names),
        *(store.vault.digest("target role", role.value) for role in sorted(one.people)),
    ]


def note(session: Session, store: Store, one: Newcomer, targets: Iterable[bytes], now: datetime) -> None:
    known = set(session.exec(select(TargetRow.digest).where(TargetRow.case_id == one.case.id)))
    author = one.row.author_id
    who = store.vault.digest("target author", f"{one.row.network}\0{author}") if author else None
    for digest in targets:
        if digest not in known:
            session.add(
                TargetRow(school_id=store.school, case_id=one.case.id or 0, digest=digest, author=who, at=now)
            )
    session.flush()


def led_by(session: Session, store: Store, case: CaseRow) -> PileRow | None:
    return session.exec(
        select(PileRow).where(PileRow.school_id == store.school, PileRow.case_id == case.id)
    ).first()


def pile_of(session: Session, store: Store, one: Newcomer, targets: Sequence[bytes]) -> PileRow | None:
    """The pile-on that a case stands in, or else the newest against one of its targets."""
    mine = (
        PileRow.case_id == one.case.joined_to
        if one.case.joined_to is not None
        else col(PileRow.digest).in_(targets)
    )
    return session.exec(
        select(PileRow).where(PileRow.school_id == store.school, mine).order_by(col(PileRow.id).desc())
    ).first()


def tell(
    session: Session, store: Store, case: CaseRow, opening: Opening, now: datetime, happened: str, why: str
) -> None:
    """One mail for what happened: a notice that has not gone yet goes in its stead, as soon as the case's severity by
    now allows."""
    session.flush()
    store.audit(session, at=now, actor="schoolgate", happened=happened, thing=f"case {case.ref}", detail=why)
    waiting = session.exec(
        select(NoticeRow.reason).where(
            NoticeRow.case_id == case.id,
            col(NoticeRow.composed_at).is_(None),
            col(NoticeRow.only_role).is_(None),
        )
    ).all()
    untell(session, case)
    notify_of(session, store, case, Reason.FIRST if Reason.FIRST in waiting else Reason.UPDATED, opening, now)


def untell(session: Session, case: CaseRow) -> None:
    """Take back what has not gone yet: the case that leads tells of it."""
    session.exec(
        delete(NoticeRow).where(
            col(NoticeRow.case_id) == case.id,
            col(NoticeRow.composed_at).is_(None),
            col(NoticeRow.only_role).is_(None),
        )
    )


def waits(session: Session, case: CaseRow) -> bool:
    return bool(
        session.exec(
            select(func.count())
            .select_from(NoticeRow)
            .where(NoticeRow.case_id == case.id, col(NoticeRow.composed_at).is_(None))
        ).one()
    )


def tie(session: Session, store: Store, case: CaseRow, other_id: int, kind: str, now: datetime) -> None:
    assert case.id is not None
    if (
        case.id == other_id
        or session.exec(
            select(TieRow.id).where(TieRow.case_id == case.id, TieRow.other_id == other_id)
        ).first()
    ):
        return
    session.add(
        TieRow(
            school_id=store.school,
            case_id=case.id,
            other_id=other_id,
            kind=kind,
            made_by="schoolgate",
            made_at=now,
        )
    )
    session.flush()


def roles_of(case: CaseRow) -> list[Role]:
    return [Role(word) for word in case.roles.split(",") if word]


def as_value(pile: PileRow, lead: CaseRow, edited: bool) -> Pile:
    return Pile(
        items=pile.items - edited,
        told=pile.told,
        kinds=read_kinds(pile.kinds),
        roles=frozenset(roles_of(lead)),
        severity=Severity(lead.severity),
        last_at=pile.last_at,
        closed_at=lead.closed_at if lead.state == CaseState.CLOSED else None,
    )


def read_kinds(kinds: str) -> dict[str, int]:
    pairs = (one.split(":") for one in kinds.split(",") if one)
    return {name: int(level) for name, level in pairs}


def written_kinds(kinds: Mapping[str, int]) -> str:
    return ",".join(f"{name}:{level}" for name, level in sorted(kinds.items()))
