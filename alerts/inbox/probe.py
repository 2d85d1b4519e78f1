"""Can the mailbox that families write to be read, and what came of it? Reads only; no message is opened."""

from __future__ import annotations

from datetime import datetime

from alerts.inbox import counts
from alerts.inbox.imap import Inbox, opened
from alerts.inbox.reading import Mailbox, last_read
from alerts.words import counted
from monitor.checked import HealthPoint
from monitor.errors import InboxError
from monitor.store import Store


def probe_inbox(store: Store, mailbox: Mailbox, now: datetime) -> list[HealthPoint]:
    """One point for the mailbox itself, one for what was read from it in the last seven days."""
    points = [reached(mailbox.inbox)]
    if not mailbox.networks:
        says = "No watched network shows its followers, so there is nothing to claim; remove [claims.mail]."
        points.append(HealthPoint("networks", ok=False, says=says))
    with store.read() as session:
        at = last_read(store, session, mailbox)
        taken = counts.taken(session, store, now - counts.WEEK)
        nothing = counts.came_to_nothing(session, store, now - counts.WEEK)
    read = "" if at else "not read yet; is the service running? "
    why = "".join(f"; {number} {says}" for says, number in nothing)
    week = f"in seven days {counted(taken, 'message')} with a claim{why}"
    return [*points, HealthPoint("messages", ok=True, says=f"{read}{week}", last_read=at)]


def reached(inbox: Inbox) -> HealthPoint:
    """Whether we can sign in and open the folder."""
    try:
        with opened(inbox):
            return HealthPoint("mailbox", ok=True, says=f"{inbox.where} lets us read it.")
    except InboxError as error:
        return HealthPoint("mailbox", ok=False, says=str(error))
