"""Mails that a technician asks for: one that says that mail works, and a look at today's digest."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, select

from alerts.compose import compose_digest, compose_test
from alerts.desk import Desk
from alerts.digest import view_of
from alerts.outbox import enqueue
from alerts.views import TestView
from monitor.domain import Reason, Role
from monitor.store import Store
from monitor.tables import OutboxRow


def test_mail(store: Store, desk: Desk, role: Role, now: datetime) -> tuple[str, str]:
    """Put a mail that only says that mail works into the outbox; returns the address it goes to, and its Message-ID."""
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
    return reader.address, stamp.message_id


def is_sent(store: Store, message_id: str) -> bool:
    """Whether the mail server accepted this very message."""
    with store.read() as session:
        rows = select(OutboxRow.id).where(
            OutboxRow.message_id == message_id, col(OutboxRow.sent_at).is_not(None)
        )
        return session.exec(rows).first() is not None


def preview_digest(store: Store, desk: Desk, role: Role, now: datetime) -> bytes:
    """Today's digest for one role as it would be mailed now; nothing is stored."""
    day = desk.today(now)
    reader = desk.reader(role, day)
    with store.read() as session:
        view = view_of(session, store, desk, reader, day, now, desk.public_url)
    return compose_digest(view, desk.stamp(reader, store.school, "preview", now=now))
