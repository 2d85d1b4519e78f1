"""A digest or report on its way: linked, put into the outbox, and kept as it is mailed, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from alerts import keeping, links
from alerts.compose_digest import digest_mail
from alerts.desk import Desk, Reader
from alerts.outbox import enqueue
from monitor.domain import Reason
from monitor.store import Store

_THING = {"daily": "digest"}  # the word in Message-IDs and keys; another kind is its own


def post(
    store: Store,
    session: Session,
    desk: Desk,
    reader: Reader,
    values: Mapping[str, Any],
    day: date,
    now: datetime,
    *,
    kind: str = "daily",
) -> int:
    """How many messages were made: 0 when this one is there already. `values`: of the digest's template, without link."""
    word = _THING.get(kind, kind)
    token = links.issue(
        store, session, case_id=None, role=reader.role, address=reader.address, now=now, valid=desk.link_valid
    )
    stamp = desk.stamp(reader, store.school, word, day.isoformat(), now=now)
    made = enqueue(
        store,
        session,
        now=now,
        dedup_key=f"{word}:{day.isoformat()}:{reader.role}",
        role=reader.role,
        recipient=reader.address,
        reason=Reason.DIGEST,
        message_id=stamp.message_id,
        message=digest_mail(values, links.address_of(desk.public_url, token), stamp),
    )
    if made:
        keeping.keep(store, session, kind=kind, day=day, role=reader.role, values=values, now=now)
    return int(made)
