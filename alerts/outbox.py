"""Notify: what must be told becomes outbox rows, rendered once. It never sends; alerts/deliver.py does."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlmodel import Session, select

from monitor.domain import Reason
from monitor.store import Store
from monitor.tables import OutboxRow

SEALED = "outbox.sealed"


def enqueue(
    store: Store,
    session: Session,
    *,
    now: datetime,
    dedup_key: str,
    role: str,
    recipient: str,
    reason: Reason,
    message_id: str,
    message: bytes,
    case_id: int | None = None,
) -> bool:
    """Put one rendered message for one recipient into the outbox; False when `dedup_key` is there already."""
    there = session.exec(
        select(OutboxRow.id).where(OutboxRow.school_id == store.school, OutboxRow.dedup_key == dedup_key)
    ).first()
    if there is not None:
        return False
    session.add(
        OutboxRow(
            school_id=store.school,
            case_id=case_id,
            role=role,
            reason=reason.value,
            dedup_key=dedup_key,
            message_id=message_id,
            sealed=store.vault.seal_json({"to": recipient, "message": message.decode("ascii")}, SEALED),
            sha256=hashlib.sha256(message).hexdigest(),
            created_at=now,
            next_attempt_at=now,
        )
    )
    session.flush()
    return True
