"""The hash chain of audit entries: how one is made, and how a whole chain is checked. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime

from monitor.tables import AuditRow

START = "0" * 64


def _hash(row: AuditRow) -> str:
    fields = [
        row.school_id,
        row.seq,
        row.at.astimezone(UTC).isoformat(),
        row.actor,
        row.event,
        row.thing,
        row.detail,
    ]
    return hashlib.sha256((row.prev_hash + json.dumps(fields, ensure_ascii=False)).encode()).hexdigest()


def chained(
    last: AuditRow | None, *, school: str, at: datetime, actor: str, event: str, thing: str, detail: str = ""
) -> AuditRow:
    """The entry that follows `last` (None: the first)."""
    row = AuditRow(
        school_id=school,
        seq=last.seq + 1 if last else 1,
        at=at,
        actor=actor,
        event=event,
        thing=thing,
        detail=detail,
        prev_hash=last.hash if last else START,
        hash="",
    )
    row.hash = _hash(row)
    return row


def broken_at(rows: Iterable[AuditRow]) -> int | None:
    """The `seq` of the first entry that does not follow from the one before; None when the chain holds."""
    expected, prev = 1, START
    for row in rows:
        if row.seq != expected or row.prev_hash != prev or row.hash != _hash(row):
            return expected
        expected, prev = expected + 1, row.hash
    return None
