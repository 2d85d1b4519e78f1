"""Mails that a technician asks for: one that says that mail works, and a look at today's digest."""

from __future__ import annotations

from datetime import datetime

from alerts.compose import compose_digest, compose_test
from alerts.desk import Desk
from alerts.digest import view_of
from alerts.outbox import enqueue
from alerts.views import TestView
from monitor.domain import Reason, Role
from monitor.store import Store


def test_mail(store: Store, desk: Desk, role: Role, now: datetime) -> str:
    """Put a mail that only says that mail works into the outbox; returns the address it goes to."""
    reader = desk.reader(role, desk.today(now))
    stamp = desk.stamp(reader, store.school, "test", now.isoformat(), now=now)
    with store.write() as session:
        enqueue(
            store,
            session,
            now=now,
            dedup_key=f"test:{stamp.message_id}",
            role=reader.role,
            recipient=reader.address,
            reason=Reason.TEST,
            message_id=stamp.message_id,
            message=compose_test(TestView(asked_at=now, accounts=tuple(desk.accounts.values())), stamp),
        )
    return reader.address


def preview_digest(store: Store, desk: Desk, role: Role, now: datetime) -> bytes:
    """Today's digest for one role as it would be mailed now; nothing is stored."""
    day = desk.today(now)
    reader = desk.reader(role, day)
    with store.read() as session:
        view = view_of(session, store, desk, reader, day, now, desk.public_url)
    return compose_digest(view, desk.stamp(reader, store.school, "preview", now=now))
