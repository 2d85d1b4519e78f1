"""The n-th command to a mailbox fails; see bench/nth.py. A real IMAP client and database, a server on loopback."""

from __future__ import annotations

import random
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlmodel import select

from alerts.inbox.reading import Mailbox, read_letters
from bench.nth_world import empty_store
from monitor import schema
from monitor.incidents import open_incidents
from monitor.store import Store
from monitor.tables_people import ClaimRow, InboxRow, LetterRow
from monitor.tables_quarantine import QuarantineRow
from tests.alerts.imap_server import Mailroom, serving
from tests.alerts.letters import letter
from tests.alerts.mailbox_school import inbox
from tests.conftest import HandClock

ANSWERS = (
    "drop",
    "BYE",
    "NO [UNAVAILABLE] later",
    "NO [AUTHENTICATIONFAILED] no",
    "BAD what?",
    "* 1 FETCH (garbage",
    "* 1 FETCH (UID 1 BODY[]<0> {999999}",
    "* SEARCH 99999999999999999999 x",
    "+ ",
    "\0\0\0",
    "x" * 20_000,
)
LETTERS, TURNS, SAMPLE = 3, 40, 8


class _Nth(dict[str, str]):
    """Faults by number in place of by command."""

    def __init__(self, at: int, another: str) -> None:
        super().__init__()
        self.at, self.another, self.count = at, another, 0

    def get(self, _name: str, usual: Any = None) -> Any:
        self.count += 1
        return self.another if self.count == self.at else usual


def attack_mailbox(full: bool) -> tuple[int, list[str]]:
    """(plays, what they broke)."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "empty.db"
        schema.upgrade(template)
        count, broken = played(template, 0, "")
        every = [(at, another) for another in ANSWERS for at in range(1, count + 1)]
        chosen = every if full else random.Random(3).sample(every, SAMPLE)
        for at, another in chosen:
            _, found = played(template, at, another)
            broken += [f"mailbox, command {at}, {another[:30]!r}: {one}" for one in found]
        return len(chosen) + 1, broken


def played(template: Path, at: int, another: str) -> tuple[int, list[str]]:
    """Three messages are read from a server whose answer `at` is `another`: how many it gave, and what was broken."""
    faults = _Nth(at, another)
    with empty_store(template) as store, serving(Mailroom(faults=faults)) as room:
        return _play(store, room, faults)


def _play(store: Store, room: Mailroom, faults: _Nth) -> tuple[int, list[str]]:
    clock, broken = HandClock(), []
    mailbox = Mailbox(inbox(room, timeout=0.3), ("x",))
    for number in range(LETTERS):
        room.arrive(letter(f"My handle is @family_{number}", number=number))
    for turn in range(TURNS):
        before = faults.count
        read_letters(store, mailbox, clock=clock)
        with store.read() as session:
            row = session.exec(select(InboxRow)).one()
        if row.next_due < clock() + timedelta(minutes=1):
            broken.append("a hot loop: the mailbox is due again at once")
        if row.last_success_at == clock() and row.last_uid == LETTERS:
            break
        if turn and faults.count == before:
            broken.append("a wedge: the mailbox is not asked any more")
        clock.now = row.next_due
    with store.read() as session:
        claims, letters = session.exec(select(ClaimRow)).all(), session.exec(select(LetterRow)).all()
        left, told = session.exec(select(QuarantineRow)).all(), open_incidents(session, "school")
    if len(claims) != LETTERS or len(letters) != LETTERS:
        broken.append(f"a silent skip: {len(claims)} claims of {len(letters)} messages that were read")
    if left or told:
        broken.append("a half-done row: a try or an incident is left over")
    return faults.count, broken
