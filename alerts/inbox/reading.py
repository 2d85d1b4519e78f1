"""What becomes of the messages that families write: claim rows, or a mere count.

Nothing here answers anybody, and the register is not asked: alerts/claims.py does both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlmodel import Session

from alerts.inbox import turn
from alerts.inbox.imap import Inbox
from alerts.inbox.letter import Letter, Outcome, understood
from monitor import claim_limits, claim_rows
from monitor.claims import Way
from monitor.ports import Clock
from monitor.store import Store

INCIDENT = "inbox:claims"
PLACE = "letter"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The mailbox, and the networks that a claim may be about: the watched ones whose followers are read."""

    inbox: Inbox
    networks: Sequence[str]


def declare(store: Store, mailbox: Mailbox, now: datetime) -> None:
    """See alerts/inbox/turn.py."""
    turn.declare(store, mailbox.inbox, PLACE, now)


def last_read(store: Store, session: Session, mailbox: Mailbox) -> datetime | None:
    """See alerts/inbox/turn.py."""
    return turn.last_read(store, session, mailbox.inbox, PLACE)


def read_letters(store: Store, mailbox: Mailbox, *, clock: Clock) -> int:
    """The mailbox's turn, if it is due; returns how many messages were read. What goes wrong is told of, not raised."""
    return turn.read_mailbox(
        store,
        turn.Round(
            inbox=mailbox.inbox,
            place=PLACE,
            incident=INCIDENT,
            says="the mailbox that families write to about their accounts cannot be read",
            understood=partial(understood, trusted=mailbox.inbox.trusted, networks=mailbox.networks),
            keep=partial(_keep, store),
            may_read=partial(_may_ask, store),
        ),
        clock=clock,
    )


def _may_ask(store: Store, now: datetime) -> bool:
    """False while the whole school has asked for as much as an hour may bring: the messages wait where they are."""
    with store.read() as session:
        return not claim_limits.asked_too_often(store, session, None, now)


def _keep(store: Store, session: Session, letter: Letter, _digest: bytes, now: datetime) -> str:
    outcome = letter.outcome
    if outcome is Outcome.CLAIMED:
        client = claim_limits.client_hash(store, letter.address, now)
        for network, handle in letter.accounts:
            if claim_limits.asked_too_often(store, session, client, now):
                outcome = Outcome.TOO_MANY
                break
            claim_rows.ask(
                store,
                session,
                network=network,
                handle=handle,
                address=letter.address,
                way=Way.MAIL,
                client=client,
                now=now,
            )
    return outcome.value
