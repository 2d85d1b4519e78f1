"""A bare mail in place of one that cannot be sent as it was written: a person is told all the same, by a link.

For what tells of cases and for digests. A sign-in code or a family's mail is not replaced: it can be asked for again.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from alerts import links
from alerts.desk import Desk, Reader
from alerts.mime import bare
from alerts.outbox import BARE, enqueue
from monitor.domain import Reason, Role, Severity
from monitor.store import Store
from monitor.tables import CaseRow, OutboxRow
from monitor.tables_telling import TellingRow


def tell_barely(
    session: Session, store: Store, desk: Desk, row: OutboxRow, address: str | None, now: datetime
) -> bool:
    """Put it into the outbox, in the caller's transaction; False where none is due: it would be no help, or it is the bare
    one itself that does not arrive. `address` None: the message does not open, so whoever holds its role now is told."""
    if row.dedup_key.startswith(BARE) or (row.case_id is None and row.reason != Reason.DIGEST):
        return False
    role = Role(row.role)
    reader = Reader(role, address) if address else desk.reader(role, desk.today(now))
    if row.case_id is not None:
        case = session.get_one(CaseRow, row.case_id)
        if not desk.may_hear(reader, case, now):
            return False
    token = links.issue(
        store,
        session,
        case_id=row.case_id,
        role=reader.role,
        address=reader.address,
        now=now,
        valid=desk.link_valid,
    )
    stamp = desk.stamp(reader, store.school, "bare", row.message_id, now=now)
    made = enqueue(
        store,
        session,
        now=now,
        dedup_key=f"{BARE}{row.dedup_key}",
        role=reader.role,
        recipient=reader.address,
        reason=Reason(row.reason),
        message_id=stamp.message_id,
        message=bare(stamp, links.address_of(desk.public_url, token)),
        case_id=row.case_id,
        severity=None if row.severity is None else Severity(row.severity),
    )
    for share in session.exec(
        select(TellingRow).where(
            TellingRow.school_id == store.school, TellingRow.message_id == row.message_id
        )
    ):
        share.message_id = stamp.message_id
    return made
