"""The mailbox that answers to alerts come to, for whoever joins the service up. What an answer does is known to
alerts/answering.py."""

from __future__ import annotations

from functools import partial

from alerts import answering
from alerts.desk import Desk
from alerts.inbox import counts, turn
from alerts.inbox.imap import Inbox
from alerts.inbox.probe import reached
from alerts.inbox.reply import read
from alerts.words import counted
from monitor.checked import HealthPoint
from monitor.ports import Clock
from monitor.store import Store

INCIDENT = "inbox:replies"
PLACE = "reply"


class Answers:
    """The mailbox for answers of one school, where it has one."""

    def __init__(self, store: Store, inbox: Inbox | None, desk: Desk, clock: Clock) -> None:
        self._store, self._inbox, self._desk, self._clock = store, inbox, desk, clock
        if inbox is not None:
            turn.declare(store, inbox, PLACE, clock())

    def read(self) -> int:
        """Its turn, if it is due; returns how many messages were read. What goes wrong is an incident."""
        if self._inbox is None or self._desk.replies is None:
            return 0
        return turn.read_mailbox(
            self._store,
            turn.Round(
                inbox=self._inbox,
                place=PLACE,
                incident=INCIDENT,
                says="the mailbox that answers to alerts come to cannot be read, so alerts must be answered on the page",
                understood=partial(read, trusted=self._inbox.trusted, mailbox=self._desk.replies.address),
                keep=partial(answering.take, self._store, self._desk),
                prefix=counts.OF_ANSWERS,
            ),
            clock=self._clock,
        )

    def confirm(self) -> int:
        """Tell those who decided by mail what came of it; returns how many were told."""
        return answering.confirm(self._store, self._desk, clock=self._clock) if self._desk.replies else 0

    def probe(self) -> list[HealthPoint]:
        """Whether it can be read, and what came of what was; nothing where there is none."""
        if self._inbox is None:
            return []
        since = self._clock() - counts.WEEK
        with self._store.read() as session:
            at = turn.last_read(self._store, session, self._inbox, PLACE)
            decided = counts.decided(session, self._store, since)
            nothing = counts.answers_to_nothing(session, self._store, since)
        when = "" if at else "not read yet; is the service running? "
        why = "".join(f"; {number} {says}" for says, number in nothing)
        says = f"{when}in seven days {counted(decided, 'decision')} by mail{why}"
        return [reached(self._inbox), HealthPoint("answers", ok=True, says=says, last_read=at)]
