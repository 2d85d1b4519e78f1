"""The part of the audit log that a case's evidence hangs on, so that it can be checked without Schoolgate. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from sqlmodel import Session, col, select

from alerts.export.history import Exporting, all_copies, cases_of, given_of
from monitor.tables import AuditRow, CaseRow


def extract(school: Exporting, session: Session, case: CaseRow) -> dict[str, Any]:
    """From the case's first entry to the newest of all. Entries about anything else are there by number and hash alone:
    they keep the chain whole and tell nothing of another case."""
    mine = {f"case {one.ref}" for one in cases_of(session, case)}
    mine |= {f"copy {row.id}" for _, row in all_copies(school, session, case)}
    mine |= {f"given {row.id}" for row in given_of(school, session, case)}
    of_school = col(AuditRow.school_id) == school.store.school
    first = session.exec(
        select(AuditRow.seq)
        .where(of_school, col(AuditRow.thing).in_(sorted(mine)))
        .order_by(col(AuditRow.seq))
        .limit(1)
    ).first()
    rows: Sequence[AuditRow] = session.exec(
        select(AuditRow).where(of_school, col(AuditRow.seq) >= (first or 0)).order_by(col(AuditRow.seq))
    ).all()
    return {
        "school_id": school.store.school,
        "head": {"seq": rows[-1].seq, "hash": rows[-1].hash} if rows else None,
        "entries": [_entry(row, whole=row.thing in mine) for row in rows],
    }


def _entry(row: AuditRow, *, whole: bool) -> dict[str, Any]:
    links = {"seq": row.seq, "prev_hash": row.prev_hash, "hash": row.hash}
    if not whole:
        return links
    return links | {
        "at": row.at.astimezone(UTC).isoformat(),
        "actor": row.actor,
        "event": row.event,
        "thing": row.thing,
        "detail": row.detail,
    }
