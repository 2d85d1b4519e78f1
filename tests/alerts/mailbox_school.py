"""A school that reads a mailbox on loopback, one turn at a time."""

from __future__ import annotations

from sqlmodel import col, select

from alerts.inbox.imap import Inbox
from alerts.inbox.reading import Mailbox, read_letters
from alerts.smtp import Security
from monitor.tables_people import InboxRow, LetterRow
from tests.alerts.imap_server import Mailroom
from tests.families import Families


def inbox(room: Mailroom, **more: object) -> Inbox:
    given: dict[str, object] = {
        "host": "127.0.0.1",
        "port": room.port,
        "username": room.username,
        "password": room.password,
        "trusted": "mx.school.example",
        "security": Security.NONE,
        "timeout": 2.0,
    }
    return Inbox(**{**given, **more})  # type: ignore[arg-type]


class School:
    """A school that reads its mailbox."""

    def __init__(self, room: Mailroom, families: Families) -> None:
        self.room, self.families = room, families
        self.store, self.clock = families.store, families.clock
        self.mailbox = Mailbox(inbox(room), ("x",))

    def turn(self, after: float = 0.0) -> int:
        """One turn of the mailbox, after some minutes, and of the stages behind it."""
        self.clock.wait(minutes=after)
        read = read_letters(self.store, self.mailbox, clock=self.clock)
        self.families.work()
        return read

    def outcomes(self) -> list[str]:
        with self.store.read() as session:
            return [row.outcome for row in session.exec(select(LetterRow).order_by(col(LetterRow.id)))]

    def state(self) -> InboxRow:
        with self.store.read() as session:
            return session.exec(select(InboxRow)).one()

    def incidents(self) -> list[str]:
        return [row.key for row in self.families.incidents() if row.closed_at is None]
