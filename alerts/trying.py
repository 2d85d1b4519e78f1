"""The phrase tester's bounds, and who would be told and when: asked of the running service, kept nowhere.

One phrase at a time for the whole school and so long at most, so that nobody can hold up the service with it.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass
from datetime import datetime

from alerts.desk import Desk
from monitor.domain import ItemKind, Role, Severity
from monitor.hours import tell_at
from monitor.tables import CaseRow
from monitor.trying import Tried, Trying

LONGEST = 2000  # characters, as many as a page shows of a comment; judged in well under a second
PATIENCE = 5.0  # seconds that somebody waits for another's phrase
SLOWEST = 15.0  # seconds that one phrase may take


class BusyError(Exception):
    """Another phrase is being tried, or this one took too long."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`told`: who would be told, the one who decides first; empty where only digests show it. `at`: when the mail would go;
    None: it waits for the digest. `behind`: who is told when nobody answers a critical one."""

    tried: Tried
    told: tuple[Role, ...] = ()
    at: datetime | None = None
    behind: Role | None = None


class PhraseTester:
    """`judge`: the running service's own. Safe in threads."""

    def __init__(
        self, judge: Trying, desk: Desk, *, patience: float = PATIENCE, slowest: float = SLOWEST
    ) -> None:
        self._judge, self._desk = judge, desk
        self._patience, self._slowest = patience, slowest
        self._turn = threading.Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="phrase")

    def ask(self, text: str, kind: ItemKind, *, before: int, now: datetime) -> Answer:
        """BusyError when another phrase is being tried, or when it takes too long; ValueError beyond LONGEST."""
        if len(text) > LONGEST:
            raise ValueError(f"more than {LONGEST} characters")
        if not self._turn.acquire(timeout=self._patience):
            raise BusyError
        try:
            asked: Future[Tried] = self._pool.submit(self._judge.tried, text, kind, before=before)
        except BaseException:
            self._turn.release()
            raise
        asked.add_done_callback(lambda _: self._turn.release())  # also after its asker has gone
        try:
            tried = asked.result(self._slowest)
        except TooSlow as error:
            raise BusyError from error
        return self._told(tried, kind, now)

    def _told(self, tried: Tried, kind: ItemKind, now: datetime) -> Answer:
        severity = tried.verdict.severity
        if not tried.is_judged or severity is None:
            return Answer(tried)
        case = CaseRow(
            school_id="",
            number=0,
            ref="",
            account="",
            network="",
            kind=kind.value,
            external_id="",
            item_id=0,
            category=tried.verdict.category or "",
            severity=severity.value,
            roles=",".join(tried.told),
            bypassed=",".join(sorted(tried.bypassed)),
            opened_at=now,
        )  # never stored: the desk is asked as it would be for a real one
        return Answer(
            tried,
            told=tuple(reader.role for reader in self._desk.readers(case, now)),
            at=tell_at(severity, now, self._desk.hours, last_medium=None),
            behind=self._desk.escalated(case, now).role if severity is Severity.CRITICAL else None,
        )
