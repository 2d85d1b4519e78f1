"""The hash chain of audit entries: how one is made, and how a whole chain is checked. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from monitor.tables import AuditRow

START = "0" * 64


class Anchor(NamedTuple):
    """The entry that a kept chain goes on from: it was pruned, its number and hash stay."""

    seq: int
    hash: str


BEGINNING = Anchor(0, START)


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


def broken_at(rows: Iterable[AuditRow], after: Anchor = BEGINNING) -> int | None:
    """The `seq` of the first entry that does not follow from the one before; None when the chain holds.

    `after`: what the first of `rows` must follow from.
    """
    prev = after
    for row in rows:
        if row.seq != prev.seq + 1 or row.prev_hash != prev.hash or row.hash != _hash(row):
            return prev.seq + 1
        prev = Anchor(row.seq, row.hash)
    return None
