"""Cases: how a verdict opens, worsens or re-opens one, with its evidence and its notice. Always in the caller's
transaction, so that a case without evidence, or one that nobody is told of, cannot be stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from monitor.domain import CaseState, Done, Reason, Role, Severity, Verdict
from monitor.evidence import keep_evidence
from monitor.hours import Hours, tell_at
from monitor.set_back import ahead
from monitor.store import Store
from monitor.tables import CaseRow, FindingRow, ItemRow, NoticeRow

MOST_FINDINGS = 60  # kept of one item, the gravest first: a flood in one text must not flood the page


@dataclass(frozen=True, slots=True)
class Opening:
    """What a case needs to know of the school."""

    prefix: str
    hours: Hours


@dataclass(frozen=True, slots=True)
class Told:
    """Who is to be told of a case, the first foremost, and who must not be: they are named in it."""

    roles: tuple[Role, ...]
    bypassed: frozenset[Role] = frozenset()

    @property
    def roles_text(self) -> str:
        return ",".join(self.roles)

    @property
    def bypassed_text(self) -> str:
        return ",".join(sorted(self.bypassed))


def record(session: Session, store: Store, row: ItemRow, verdict: Verdict) -> None:
    """Write the verdict and each finding on the item."""
    row.severity = verdict.severity.value if verdict.severity else None
    row.category = verdict.category
    for finding in sorted(verdict.findings, key=lambda one: -one.severity)[:MOST_FINDINGS]:
        assert row.id is not None
        session.add(
            FindingRow(
                school_id=store.school,
                item_id=row.id,
                category=finding.category,
                severity=finding.severity.value,
                detector=finding.detector,
                reason=finding.reason,
                start=finding.span[0],
                end=finding.span[1],
                policy=finding.policy,
            )
        )


def open_or_update(
    session: Session,
    store: Store,
    row: ItemRow,
    verdict: Verdict,
    opening: Opening,
    *,
    told: Told,
    now: datetime,
) -> CaseRow | None:
    """The case of this item: made, worsened or re-opened. None when there is nothing to handle.

    A new version of an item whose case exists never loses evidence: each version has its own row. The case is told
    of again only when the verdict got worse, is of another kind, concerns somebody else, or the case had been closed.
    Whoever any version names stays shut out, for all versions stand on the page.
    """
    case = _case_of(session, store, row)
    if verdict.severity is None or verdict.category is None:
        if case is not None:
            keep_evidence(session, store, case, row, now, opening.hours.zone)
        return None
    if case is None:
        case = _new(session, store, row, verdict, opening, told=told, now=now)
        keep_evidence(session, store, case, row, now, opening.hours.zone)
        store.audit(
            session,
            at=now,
            actor="schoolgate",
            happened="case opened",
            thing=f"case {case.ref}",
            detail=verdict.category,
        )
        notify_of(session, store, case, Reason.FIRST, opening, now)
        return case
    keep_evidence(session, store, case, row, now, opening.hours.zone)
    worse = verdict.severity > case.severity
    closed = case.state == CaseState.CLOSED
    old = set(case.roles.split(",")), set(case.bypassed.split(","))
    others = verdict.severity >= case.severity and not old[0].issuperset(told.roles)
    kind = verdict.severity >= case.severity and _family(verdict.category) != _family(case.category)
    named = not old[1].issuperset(told.bypassed)
    assert row.id is not None
    case.item_id = row.id
    case.standing, case.standing_at = (Done.HIDDEN if row.hidden else Done.VISIBLE).value, now
    if not (worse or closed or kind or others or named):
        return case
    if closed or verdict.severity >= case.severity:
        case.category, case.severity = verdict.category, verdict.severity.value
        handed = (role for role in case.handed_to.split(",") if role not in told.roles)
        case.roles = ",".join([*told.roles, *filter(None, handed)])
    case.bypassed = ",".join(sorted(filter(None, old[1].union(told.bypassed))))
    reopen(session, store, case, opening, because=verdict.category, now=now)
    return case


def _family(category: str) -> str:
    return category.partition(".")[0]


def _case_of(session: Session, store: Store, row: ItemRow) -> CaseRow | None:
    return session.exec(
        select(CaseRow).where(
            CaseRow.school_id == store.school,
            CaseRow.account == row.account,
            CaseRow.kind == row.kind,
            CaseRow.external_id == row.external_id,
        )
    ).first()


def _new(
    session: Session,
    store: Store,
    row: ItemRow,
    verdict: Verdict,
    opening: Opening,
    *,
    told: Told,
    now: datetime,
) -> CaseRow:
    number = (
        session.exec(select(func.max(CaseRow.number)).where(CaseRow.school_id == store.school)).one() or 0
    ) + 1
    assert row.id is not None
    assert verdict.severity is not None
    assert verdict.category is not None
    case = CaseRow(
        school_id=store.school,
        number=number,
        ref=f"{opening.prefix}-{number:04d}",
        account=row.account,
        network=row.network,
        kind=row.kind,
        external_id=row.external_id,
        item_id=row.id,
        category=verdict.category,
        severity=verdict.severity.value,
        roles=told.roles_text,
        bypassed=told.bypassed_text,
        opened_at=now,
        standing=(Done.HIDDEN if row.hidden else Done.VISIBLE).value,
        standing_at=row.seen_at,
    )
    session.add(case)
    session.flush()
    return case


def notify_of(
    session: Session, store: Store, case: CaseRow, reason: Reason, opening: Opening, now: datetime
) -> None:
    """Leave a notice: somebody must be told of this case, at the hour that its severity allows."""
    severity = Severity(case.severity)
    last_medium = session.exec(
        select(func.max(NoticeRow.not_before)).where(
            NoticeRow.school_id == store.school,
            NoticeRow.severity == Severity.MEDIUM.value,
            ~ahead(NoticeRow.created_at, now),
        )
    ).one()
    if severity is Severity.MEDIUM and last_medium is not None and last_medium >= now:
        not_before: datetime | None = last_medium  # join the group that is waiting
    else:
        not_before = tell_at(severity, now, opening.hours, last_medium=last_medium)
    if not_before is None:
        return
    assert case.id is not None
    number = session.exec(
        select(func.count())
        .select_from(NoticeRow)
        .where(NoticeRow.case_id == case.id, col(NoticeRow.reason) == reason.value)
    ).one()
    session.add(
        NoticeRow(
            school_id=store.school,
            case_id=case.id,
            reason=reason.value,
            number=number + 1,
            severity=severity.value,
            created_at=now,
            not_before=not_before,
        )
    )
    session.flush()


def stand_open(case: CaseRow) -> None:
    """Nobody is on it any more; why it had been closed stays in the decisions."""
    case.state, case.acknowledged_at, case.acknowledged_by = CaseState.OPEN.value, None, None
    case.closed_at = case.closed_by = case.outcome = case.closing_reason = None


def reopen(
    session: Session, store: Store, case: CaseRow, opening: Opening, *, because: str, now: datetime
) -> None:
    """A case that stands differently than its last decision left it is open again, and its readers are told.

    `because` goes into the audit chain: a category or a few words, nothing of the content.
    """
    stand_open(case)
    store.audit(
        session,
        at=now,
        actor="schoolgate",
        happened="case re-opened",
        thing=f"case {case.ref}",
        detail=because,
    )
    notify_of(session, store, case, Reason.UPDATED, opening, now)
