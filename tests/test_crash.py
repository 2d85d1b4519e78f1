"""A school day with the process killed between any two stages: whatever the moment, nothing is lost.

The networks and the mailbox live on while the service dies (exit code 137, no clean-up) and is started again later,
past every lease. Each day is played in full, several at a time; a named point that no day reaches fails its test.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import pytest
from sqlmodel import col, select

from monitor.audit import broken_at
from monitor.crash import POINTS
from monitor.demo.person import DemoPerson, link_in
from monitor.domain import Role
from monitor.sandbox.mailbox import Mail
from monitor.store import Store
from monitor.tables import (
    AuditRow,
    CaseRow,
    DecisionRow,
    DigestRow,
    EvidenceRow,
    IncidentRow,
    ItemRow,
    NoticeRow,
    OutboxRow,
)
from monitor.tables_people import ClaimRow, FollowerRow, LetterRow
from tests.alerts.imap_server import Mailroom, serving
from tests.alerts.letters import letter
from tests.conftest import MORNING, HandClock
from tests.school import INSULT, PRAISE, ROOT, THREAT, School, address, claims_mail, school

AGAIN = (
    "ingest.stored",
    "inbox.read",
    "inbox.stored",
    "assess.stored",
    "notify.stored",
    "deliver.accepted",
    "act.answered",
    "digest.stored",
)
LABELS = (
    "none",
    *POINTS,
    *(pytest.param(f"{label}#2", marks=pytest.mark.slow) for label in AGAIN),
    pytest.param("deliver.accepted#5", marks=pytest.mark.slow),
)
PAST_LEASES = timedelta(minutes=13)
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
KEPT_SHORT = '[retention]\nharmless = "1d"\n'  # so that there is something to prune on Monday
WAITS, KILLED = 60.0, 137
DIGESTS = {
    Role.OFFICE: 2,
    Role.ESAFETY: 2,
    Role.HEADTEACHER: 2,
    Role.DSL: 1,
}  # the lead: on days with something of theirs


class DiedError(Exception):
    """The service's process ended in the middle of a turn."""

    def __init__(self, code: int, complaints: str) -> None:
        super().__init__(f"exit {code}: {complaints}")
        self.code, self.complaints = code, complaints


@dataclass
class Service:
    """The driver as a process, which dies at `label` once and is then started again without it."""

    school: School
    clock: HandClock
    label: str
    deaths: int = 0
    process: subprocess.Popen[str] | None = None

    def turn(self) -> None:
        """Everything has its turn; when the process dies in it, a new one does it all again, past the leases."""
        try:
            self._ask()
        except DiedError as died:
            if died.code != KILLED:
                raise
            self.deaths += 1
            self.clock.wait(seconds=PAST_LEASES.total_seconds())
            self._ask()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()

    def stop(self) -> None:
        assert self.process is not None
        _, complaints = self.process.communicate(timeout=WAITS)
        assert self.process.returncode == 0, complaints
        self.process = None

    def _ask(self) -> None:
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "tests" / "crash_driver.py"), str(self.school.config)],
                cwd=ROOT,
                env=self.school.environment({} if self.deaths else {"SCHOOLGATE_CRASH_AT": self.label}),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            self._say()
            self._hear("ready")
        self._say()
        self._hear("done")

    def _say(self) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write(f"{self.clock().isoformat()}\n")
        self.process.stdin.flush()

    def _hear(self, word: str) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        if self.process.stdout.readline().strip() != word:
            ended, self.process = self.process, None
            _, complaints = ended.communicate(timeout=WAITS)
            raise DiedError(ended.returncode, complaints)


@dataclass
class Lived:
    """What a day left behind."""

    school: School
    deaths: int
    threat: str
    insult: str
    said: set[tuple[str, str]]
    follower: str
    mails: list[Mail]
    hidden: tuple[bool, bool]


def live(folder: Path, label: str) -> Lived:
    """A short day: before the first poll, four comments and a follower, two decisions, the next digest."""
    clock = HandClock(MORNING)
    with (
        serving(Mailroom()) as room,
        school(folder, clock, more=KEPT_SHORT + claims_mail(folder, room)) as built,
        Service(built, clock, label) as service,
    ):
        built.says_on_x(PRAISE, "early_bird", "Early Bird")
        service.turn()
        clock.wait(minutes=10)
        threat = built.says_on_facebook(THREAT)
        insult = built.says_on_x(INSULT)
        harmless = [built.says_on_facebook(PRAISE, "Sunny Example"), built.says_on_x(PRAISE, "sunny_example")]
        follower = built.x.add_person("new_here", "New Here")
        built.x.follow(follower)
        for number in range(2):
            room.arrive(letter(f"My X handle is @new_here_{number}", number=number))
        clock.wait(minutes=1)
        service.turn()
        head = DemoPerson(address(Role.HEADTEACHER), built.mailbox, built.page, service.turn)
        alert = next(mail for mail in built.mailbox.to(head.address) if "/c/" in (mail.body("plain") or ""))
        assert link_in(alert)
        head.sign_in_through(alert)
        with built.store() as store, store.read() as session:
            refs = dict(session.exec(select(CaseRow.external_id, CaseRow.ref)).all())
        for decided in (threat, insult):
            head.decide(refs[decided], "remove")
        clock.wait(minutes=10)
        service.turn()
        clock.now = MONDAY
        service.turn()
        service.stop()
        return Lived(
            school=built,
            deaths=service.deaths,
            threat=threat,
            insult=insult,
            said={("facebook", threat), ("x", insult), ("facebook", harmless[0]), ("x", harmless[1])},
            follower=follower,
            mails=built.mailbox.all(),
            hidden=(built.graph.is_hidden(threat), built.x.is_hidden(insult)),
        )


@pytest.fixture(scope="module")
def days(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[dict[str, Future[Lived]]]:
    """The days of all tests that were asked for, played several at a time."""
    mine = [test for test in request.session.items if test.path == request.path]
    labels = [test.callspec.params["label"] for test in mine if isinstance(test, pytest.Function)]
    with ThreadPoolExecutor(4) as pool:
        yield {label: pool.submit(live, tmp_path_factory.mktemp("day"), label) for label in labels}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("label", LABELS)
def test_nothing_is_lost_when_the_process_is_killed_at(label: str, days: dict[str, Future[Lived]]) -> None:
    lived = days[label].result()
    assert lived.deaths == (label != "none"), "the day never came to this point"
    with lived.school.store() as store:
        _every_item_is_stored_once(store, lived)
        _every_case_has_evidence_and_was_told(store, lived)
        _the_decisions_were_carried_out(store, lived)
        _the_digest_went_once_to_each_reader(store, lived)
        _nothing_waits(store)
    _only_a_lost_answer_gives_a_second_copy(lived, label)


def _every_item_is_stored_once(store: Store, lived: Lived) -> None:
    with store.read() as session:
        rows = session.exec(select(ItemRow)).all()
        followers = session.exec(select(FollowerRow)).all()
        assert session.exec(select(LetterRow.outcome)).all() == ["claimed", "claimed"]
        assert len(session.exec(select(ClaimRow.handle)).all()) == 2
    counted = Counter((row.network, row.external_id) for row in rows)
    assert {place: counted[place] for place in lived.said} == dict.fromkeys(lived.said, 1)
    assert max(row.version for row in rows) == 1
    assert [row.external_id for row in followers] == [lived.follower]
    assert all(row.verified_at for row in followers)


def _every_case_has_evidence_and_was_told(store: Store, lived: Lived) -> None:
    with store.read() as session:
        cases = {case.external_id: case for case in session.exec(select(CaseRow)).all()}
        copies = {row.item_id: row for row in session.exec(select(EvidenceRow)).all()}
        sent = session.exec(select(OutboxRow)).all()
    assert {lived.threat, lived.insult} <= set(cases)
    for case in cases.values():
        copy = store.vault.unseal(copies[case.item_id].sealed, "evidence.sealed")
        assert hashlib.sha256(copy).hexdigest() == copies[case.item_id].sha256
    arrived = {mail.message["Message-ID"]: mail.recipients for mail in lived.mails}
    assert {row.message_id for row in sent} == set(arrived)
    for external_id, roles in ((lived.threat, {"headteacher", "dsl"}), (lived.insult, {"headteacher"})):
        told = {row.role: row for row in sent if row.case_id == cases[external_id].id}
        assert roles <= set(told), "somebody who should know was not told"
        for role in roles:
            assert arrived[told[role].message_id] == (address(Role(role)),)


def _the_decisions_were_carried_out(store: Store, lived: Lived) -> None:
    with store.read() as session:
        decisions = session.exec(select(DecisionRow)).all()
        entries = list(session.exec(select(AuditRow).order_by(col(AuditRow.seq))))
    assert lived.hidden == (True, True)
    assert [(row.choice, row.done) for row in decisions] == [("remove", "hidden"), ("remove", "hidden")]
    assert sum(entry.event == "remove carried out" for entry in entries) == len(decisions)
    assert broken_at(entries) is None


def _the_digest_went_once_to_each_reader(store: Store, lived: Lived) -> None:
    with store.read() as session:
        made = [row.local_date.isoformat() for row in session.exec(select(DigestRow)).all()]
        sent = session.exec(select(OutboxRow).where(OutboxRow.reason == "digest")).all()
    assert made == ["2026-11-20", "2026-11-23"]
    assert Counter(row.role for row in sent) == {role.value: number for role, number in DIGESTS.items()}
    ids = {row.message_id for row in sent}
    for role, number in DIGESTS.items():
        came = {mail.message["Message-ID"] for mail in lived.school.mailbox.to(address(role))}
        assert len(came & ids) == number


def _nothing_waits(store: Store) -> None:
    with store.read() as session:
        assert not session.exec(select(ItemRow).where(col(ItemRow.assessed_at).is_(None))).all()
        assert not session.exec(select(NoticeRow).where(col(NoticeRow.composed_at).is_(None))).all()
        assert not session.exec(select(OutboxRow).where(col(OutboxRow.sent_at).is_(None))).all()
        assert not session.exec(select(DecisionRow).where(col(DecisionRow.done_at).is_(None))).all()
        wrong = session.exec(select(IncidentRow.key).where(col(IncidentRow.closed_at).is_(None))).all()
    assert [key for key in wrong if not key.startswith("python:")] == []


def _only_a_lost_answer_gives_a_second_copy(lived: Lived, label: str) -> None:
    copies: dict[str, list[Mail]] = {}
    for mail in lived.mails:
        copies.setdefault(mail.message["Message-ID"], []).append(mail)
        assert len(mail.recipients) == 1
    for same in copies.values():
        assert len({mail.raw for mail in same}) == 1, "a second copy differs from the first"
    assert len(lived.mails) - len(copies) == (1 if label.startswith("deliver.accepted") else 0)
