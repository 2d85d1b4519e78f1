"""The mailbox of one school, for whoever joins the service up."""

from __future__ import annotations

from alerts.inbox.probe import probe_inbox
from alerts.inbox.reading import Mailbox, declare, read_letters
from monitor.checked import HealthPoint
from monitor.ports import Clock
from monitor.store import Store


class Letters:
    """The mailbox of one school, where it has one."""

    def __init__(self, store: Store, mailbox: Mailbox | None, clock: Clock) -> None:
        self._store, self._mailbox, self._clock = store, mailbox, clock
        if mailbox is not None:
            declare(store, mailbox, clock())

    def read(self) -> int:
        """Its turn, if it is due; returns how many messages were read. What goes wrong is an incident."""
        return read_letters(self._store, self._mailbox, clock=self._clock) if self._mailbox else 0

    def probe(self) -> list[HealthPoint]:
        """Whether it can be read, and what came of what was; nothing where there is none."""
        return probe_inbox(self._store, self._mailbox, self._clock()) if self._mailbox else []
