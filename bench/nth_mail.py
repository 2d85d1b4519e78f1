"""The n-th command to the mail server fails; see bench/nth.py. A real SMTP client, outbox and database; the server is a script."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from alerts.notify import notify
from alerts.outbox_failed import UNSURE
from bench.nth_world import empty_store
from monitor import schema
from monitor.app.mailing import Mailing
from monitor.incidents import open_incidents
from monitor.store import Store
from monitor.tables import NoticeRow, OutboxRow
from monitor.tables_quarantine import QuarantineRow
from tests.alerts.mail_servers import DROP, HANG, Script, mail_server, scripted_server
from tests.alerts.telling import desk, one_case
from tests.conftest import HandClock
from tests.making import HOURS

ANSWERS = (
    DROP,
    HANG,
    "421 4.3.2 going down",
    "451 4.7.1 greylisted",
    "452 4.3.1 full",
    "550 5.1.1 nobody here",
    "554 5.7.1 rejected",
    "552 5.3.4 too big",
    "535 5.7.8 no",
    "250-and so on",
    "999 what",
    "garbage",
    "5" * 5000,
    "220 \0",
)
TURNS = 60
SAMPLE = 12


class _Asked(dict[str, str]):
    """The answers that no command asks for: the greeting, and the one to the final dot."""

    def __init__(self, script: NthScript) -> None:
        super().__init__()
        self._script = script

    def get(self, _name: str, usual: Any = None) -> Any:
        return self._script.say(usual)


@dataclass
class NthScript(Script):
    """A mail server whose `at`-th answer is another."""

    at: int = 0
    another: str = ""
    count: int = 0
    took: list[bytes] = field(default_factory=list)  # whose 250 was sent
    struck: str = ""  # what the usual answer would have been

    def __post_init__(self) -> None:
        self.answers = _Asked(self)

    def reply(self, line: str) -> str:
        return self.say(super().reply(line))

    def say(self, usual: str) -> str:
        self.count += 1
        if self.count == self.at:
            self.struck = usual
            return self.another
        if usual.startswith("250 2.0.0"):
            self.took.append(self.bodies[-1])
        return usual


def attack_mail(full: bool) -> tuple[int, list[str]]:
    """(plays, what they broke)."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "empty.db"
        schema.upgrade(template)
        script, broken = played(template, 0, "")
        every = [(at, another) for another in ANSWERS for at in range(1, script.count + 1)]
        chosen = every if full else random.Random(2).sample(every, SAMPLE)
        for at, another in chosen:
            _, found = played(template, at, another)
            broken += [f"mail, answer {at}, {another[:30]!r}: {one}" for one in found]
        return len(chosen) + 1, broken


def played(template: Path, at: int, another: str) -> tuple[NthScript, list[str]]:
    with empty_store(template) as store:
        return asyncio.run(play(store, at, another))


async def play(store: Store, at: int, another: str) -> tuple[NthScript, list[str]]:
    """One case is told to two people by a server whose answer `at` is `another`: the script as played, what was broken."""
    clock, script = HandClock(), NthScript(at=at, another=another)
    one_case(store, clock)
    notify(store, desk(), clock=clock)
    broken: list[str] = []
    async with scripted_server(script) as port:
        server = mail_server(port, timeout=0.25, reply_timeout=0.25)
        mailing = Mailing(store, desk(), HOURS, server, clock)
        for _ in range(TURNS):
            before = script.count
            await mailing.deliver()
            waiting = _waiting(store)
            broken += _paused(script, waiting, clock, before)
            if not waiting:
                break
            clock.now = max(clock.now + timedelta(seconds=2), min(row.next_attempt_at for row in waiting))
    return script, broken + _ends(store, script)


def _waiting(store: Store) -> list[OutboxRow]:
    with store.read() as session:
        rows = select(OutboxRow).where(col(OutboxRow.sent_at).is_(None), col(OutboxRow.failed_at).is_(None))
        return list(session.exec(rows))


def _paused(script: NthScript, waiting: list[OutboxRow], clock: HandClock, before: int) -> list[str]:
    """What is wrong with the pause that a failure in this turn brought."""
    if not before < script.at <= script.count:
        return []
    tried = [row for row in waiting if row.attempts]
    unsure = script.struck.startswith("250 2.0.0") and script.another in {DROP, HANG}
    least = UNSURE if unsure else timedelta(minutes=1)
    if any(row.next_attempt_at < clock() + least for row in tried):
        return ["a hot loop: a message is due again too soon"]
    return []


def _ends(store: Store, script: NthScript) -> list[str]:
    """Each message was taken, or a bare one in its place, or its failure is seen and the deputy is told."""
    broken = []
    with store.read() as session:
        rows = session.exec(select(OutboxRow)).all()
        keys = {one.key for one in open_incidents(session, "school")}
        left = session.exec(select(QuarantineRow)).all()
        escalated = session.exec(select(NoticeRow).where(NoticeRow.reason == "escalation")).first()
    bare = {row.dedup_key for row in rows if row.sent_at}
    for row in rows:
        if row.sent_at is None and row.failed_at is None:
            broken.append("a wedge: a message still waits")
        unseen = f"outbox:{row.id}" not in keys or escalated is None
        if row.failed_at and f"bare:{row.dedup_key}" not in bare and unseen:
            broken.append("a silent skip: a message failed and nobody is told")
        if row.lease_until is not None:
            broken.append("a half-done row: a lease is held")
    if left:
        broken.append("a half-done row: a try is counted that ended")
    if len(script.took) < sum(row.sent_at is not None for row in rows):
        broken.append("a message counts as sent that no server took")
    copies = defaultdict(set)
    for body in script.bodies:
        name = next(line for line in body.splitlines() if line.startswith(b"Message-ID"))
        copies[name].add(body)
    if any(len(found) > 1 for found in copies.values()):
        broken.append("two copies of one message differ")
    return broken
