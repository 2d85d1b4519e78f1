"""One school's outgoing mail: the outbox emptied, the server asked, a mail by hand. A part of the composition root."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlmodel import Session

from alerts.by_hand import is_sent, preview_digest, test_mail
from alerts.deliver import Outgoing, deliver_one
from alerts.desk import Desk
from alerts.instead import tell_barely
from alerts.outbox import accepted, broke, lease, refused
from alerts.probe import probe
from alerts.smtp import MailServer
from alerts.words import listed, role_words
from monitor.checked import HealthPoint
from monitor.crash import point
from monitor.domain import Role
from monitor.hours import Hours
from monitor.pace import going_on
from monitor.ports import Clock
from monitor.store import Store
from monitor.tables import OutboxRow

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Mailing:
    """The mail server and what waits for it. `tls` replaces the machine's trust; None keeps it."""

    store: Store
    desk: Desk
    hours: Hours
    server: MailServer
    clock: Clock
    tls: ssl.SSLContext | None = None

    async def deliver(self) -> int:
        """Send what waits in the outbox; returns how many were accepted. A message that fails in a way that nobody foresaw
        stops none of the others. The database is asked in a thread: a writer that is busy must not hold up the page, nor
        the sign of life."""
        taken = 0
        while waiting := await asyncio.to_thread(
            lease, self.store, self.clock(), most=1, hours=self.hours, instead=self._instead
        ):
            going_on()
            point("deliver.leased")
            one = waiting[0]
            try:
                receipt = await deliver_one(Outgoing(one.id, one.to, one.message), self.server, self.tls)
            except Exception as error:
                log.exception("deliver failed", id=one.id)
                await _marked(broke, self.store, one.id, error, now=self.clock(), instead=self._instead)
                continue
            if not receipt.ok:
                await _marked(
                    refused,
                    self.store,
                    one.id,
                    permanent=receipt.permanent,
                    says=receipt.says,
                    now=self.clock(),
                    unsure=receipt.unsure,
                    about_content=receipt.about_content,
                    instead=self._instead,
                )
                if not receipt.permanent:
                    break  # the server may be away: the next tick tries the next message
                continue
            point("deliver.accepted")
            await _marked(accepted, self.store, one.id, reply=receipt.reply, now=self.clock())
            point("deliver.stored")
            taken += 1
        return taken

    def _instead(self, session: Session, row: OutboxRow, address: str | None, now: datetime) -> bool:
        return tell_barely(session, self.store, self.desk, row, address, now)

    async def probe(self) -> list[HealthPoint]:
        """Reach the mail server and ask whether it would take mail for each role, without sending any."""
        today = self.desk.today(self.clock())
        held: dict[str, list[str]] = {}
        for role in Role:
            words = role_words(role, self.desk.house.jurisdiction)
            held.setdefault(self.desk.reader(role, today).address, []).append(words)
        return await probe(self.server, [(listed(tuple(who)), address) for address, who in held.items()])

    async def test(self, role: Role) -> str | None:
        """Send a test mail (alerts/by_hand.py): the address that the server accepted it for, None when it did not."""
        address, message_id = test_mail(self.store, self.desk, role, self.clock())
        await self.deliver()
        return address if is_sent(self.store, message_id) else None

    def preview_digest(self, role: Role) -> bytes:
        """See alerts/by_hand.py."""
        return preview_digest(self.store, self.desk, role, self.clock())


async def _marked(mark: Callable[..., None], *values: object, **named: object) -> None:
    """Write down what became of a message, to the end, even where the turn is broken off meanwhile."""
    await asyncio.shield(asyncio.to_thread(mark, *values, **named))
