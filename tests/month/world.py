"""A school's month under a clock that is moved by hand: what comes in, what people do, when the mail server and the
machine are away. All of it follows from one number.
"""

from __future__ import annotations

import email
import email.policy
import random
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage

from sqlmodel import col, select

from alerts.deliver import Outgoing, deliver_one
from alerts.desk import Desk
from alerts.digest import digest
from alerts.notify import notify
from alerts.outbox import accepted, lease, refused
from alerts.remind import remind
from monitor import items
from monitor.assess import assess
from monitor.cases import Opening
from monitor.domain import Author, CaseState, Severity
from monitor.hours import Hours
from monitor.school_days import SchoolDays
from monitor.store import Store
from monitor.tables import CaseRow
from monitor.tables_telling import TellingRow
from tests.alerts.mail_servers import Mailbox, mail_server
from tests.alerts.telling import desk
from tests.conftest import HandClock
from tests.making import comment, judgement, with_calendar

CATEGORY = {
    Severity.CRITICAL: "threat",
    Severity.HIGH: "bullying",
    Severity.MEDIUM: "insult",
    Severity.LOW: "spam",
}
BUSY, IDLE = timedelta(minutes=10), timedelta(minutes=60)
TAIL = timedelta(days=5)
AWAY = "451 4.3.2 come back later"


@dataclass(frozen=True)
class Span:
    """Clocks change, half-terms come: the days of one simulated month, and the school's year around it."""

    name: str
    begins: date
    days: int
    year: SchoolDays


AUTUMN = Span(
    "the clocks go back at the start of half-term",
    date(2026, 10, 19),
    30,
    SchoolDays(
        terms=((date(2026, 9, 3), date(2026, 10, 23)), (date(2026, 11, 2), date(2026, 12, 18))),
        closed=frozenset({date(2026, 11, 13)}),
        nation="england",
    ),
)
SPRING = Span(
    "the clocks go forward, and Easter",
    date(2027, 3, 15),
    35,
    SchoolDays(
        terms=((date(2027, 1, 5), date(2027, 3, 31)), (date(2027, 4, 12), date(2027, 5, 28))),
        nation="england",
    ),
)


@dataclass(frozen=True)
class Mail:
    """One mail that the server took."""

    at: datetime
    to: str
    message: EmailMessage

    @property
    def words(self) -> list[str]:
        return str(self.message["Subject"]).split(" · ")

    @property
    def name(self) -> str:
        return str(self.message["Message-ID"])


@dataclass
class Month:
    store: Store
    clock: HandClock
    span: Span
    seed: int
    mailbox: Mailbox
    port: int
    scale: int = 1
    taken: list[Mail] = field(default_factory=list)
    by_page: set[int] = field(default_factory=set)  # cases that somebody found on the page, unasked
    answered: dict[int, datetime] = field(default_factory=dict)  # by case: when it was acknowledged

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.hours: Hours = with_calendar(self.span.year)
        self.desk: Desk = replace(desk(), hours=self.hours)
        self.judge = replace(judgement(), opening=Opening("SM", self.hours))
        self.begins = datetime(
            self.span.begins.year, self.span.begins.month, self.span.begins.day, 0, 30, tzinfo=UTC
        )
        self.ends = self.begins + timedelta(days=self.span.days)
        self.arrivals = sorted(self._arrivals(), key=lambda one: one[0])
        self.outages = [self._window(minutes=self.chance.randint(20, 600)) for _ in range(6)]
        self.off = [self._window(minutes=self.chance.randint(30, 300)) for _ in range(3)]
        friday = next(
            self.begins + timedelta(days=n)
            for n in range(14, 30)
            if (self.begins + timedelta(days=n)).weekday() == 4
        )
        self.off.append(
            (friday + timedelta(hours=17), friday + timedelta(days=2, hours=36))
        )  # a long weekend
        self.count = 0

    def away(self, windows: list[tuple[datetime, datetime]], at: datetime) -> bool:
        return any(first <= at < last for first, last in windows)

    async def play(self) -> None:
        """The month, and some days after it in which nothing comes in and what waits can go."""
        self.clock.now = self.begins
        busy_until = self.begins
        while self.clock.now < self.ends + TAIL:
            if not self.away(self.off, self.clock.now):
                if self._come_in():
                    busy_until = self.clock.now + timedelta(hours=1)
                await self._turn()
            self.clock.now += BUSY if self.clock.now < busy_until else IDLE

    def _window(self, *, minutes: int) -> tuple[datetime, datetime]:
        first = self.begins + timedelta(minutes=self.chance.randrange(self.span.days * 1440))
        return first, first + timedelta(minutes=minutes)

    def _arrivals(self) -> list[tuple[datetime, Severity, str | None]]:
        when = lambda: self.begins + timedelta(minutes=self.chance.randrange(self.span.days * 1440))  # noqa: E731
        grade = lambda: self.chance.choices(list(Severity), weights=(25, 40, 25, 10))[0]  # noqa: E731
        found: list[tuple[datetime, Severity, str | None]] = [
            (when(), grade(), None) for _ in range(40 * self.scale)
        ]
        for burst in range(2 * self.scale):
            start, worst = when(), self.chance.choice([Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM])
            found += [
                (start + timedelta(minutes=self.chance.randrange(90)), worst, f"thread{burst}")
                for _ in range(self.chance.randint(12, 25))
            ]
        return found

    def _come_in(self) -> int:
        come = [one for one in self.arrivals if one[0] <= self.clock.now]
        self.arrivals = self.arrivals[len(come) :]
        with self.store.write() as session:
            for _, severity, thread in come:
                self.count += 1
                item = comment(
                    f"[{CATEGORY[severity]} {severity.word}]",
                    str(self.count),
                    author=Author(f"a{self.count}", "sam_example", "Sam Example"),
                    thread_id=thread,
                    posted_at=self.clock.now,
                )
                session.add(
                    items.to_row(
                        item,
                        self.store.vault,
                        school=self.store.school,
                        network="facebook",
                        version=1,
                        now=self.clock.now,
                        baseline=False,
                    )
                )
        if come:
            assess(self.store, self.judge, clock=self.clock)
        return len(come)

    async def _turn(self) -> None:
        remind(self.store, self.desk, clock=self.clock)
        notify(self.store, self.desk, clock=self.clock)
        digest(self.store, self.desk, clock=self.clock)
        self._people()
        await self._deliver()

    async def _deliver(self) -> None:
        gone = self.away(self.outages, self.clock.now)
        self.mailbox.refused = (
            dict.fromkeys(
                (
                    f"{role}@school.example"
                    for role in ("headteacher", "dsl", "deputy", "esafety", "office", "chair")
                ),
                AWAY,
            )
            if gone
            else {}
        )
        while waiting := lease(self.store, self.clock.now, most=1, hours=self.hours):
            (one,) = waiting
            receipt = await deliver_one(Outgoing(one.id, one.to, one.message), mail_server(self.port))
            if not receipt.ok:
                refused(
                    self.store, one.id, permanent=receipt.permanent, says=receipt.says, now=self.clock.now
                )
                break
            accepted(self.store, one.id, reply=receipt.reply, now=self.clock.now)
            read = email.message_from_bytes(self.mailbox.taken[-1][1], policy=email.policy.default)
            assert isinstance(read, EmailMessage)
            self.taken.append(Mail(self.clock.now, self.mailbox.taken[-1][0], read))

    def _people(self) -> None:
        """In their waking hours some answer what they were mailed about, some close it; now and then one finds a case on
        the page before any mail."""
        if not 7 <= self.clock.now.hour < 21:
            return
        with self.store.write() as session:
            arrived = {mail.name for mail in self.taken}
            told = {
                case_id
                for case_id, name in session.exec(select(TellingRow.case_id, TellingRow.message_id))
                if name in arrived
            }
            for case in session.exec(
                select(CaseRow).where(CaseRow.state != CaseState.CLOSED.value).order_by(col(CaseRow.id))
            ):
                assert case.id is not None
                if case.id not in told:
                    if self.chance.random() > 0.001:
                        continue
                    self.by_page.add(case.id)
                if case.state == CaseState.OPEN and self.chance.random() < 0.15:
                    case.state, case.acknowledged_at = CaseState.ACKNOWLEDGED.value, self.clock.now
                    self.answered[case.id] = self.clock.now
                elif case.state == CaseState.ACKNOWLEDGED and self.chance.random() < 0.05:
                    case.state, case.closed_at = CaseState.CLOSED.value, self.clock.now
                    case.closed_by = self.chance.choice(["headteacher", "dsl"])
