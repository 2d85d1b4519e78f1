"""`python -m bench.clocks [--full]`: the service under clocks that step, nights in which clocks change, and machines that sleep.

The whole school is played with a clock by hand, the networks and the mail server by true time. After each play: one
digest to each reader on each school day on which the machine ran, each threat told once, no storm of mails, and what was
not watched stands as such.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from sqlmodel import select

from bench.attack import Attack, command
from monitor import coverage
from monitor.app import App
from monitor.commands.opened import settings_of, store_of
from monitor.domain import Role
from monitor.store import Store
from monitor.tables import DecisionRow
from tests.conftest import HandClock
from tests.school import THREAT, School, address, school

HOUR = timedelta(hours=1)
EVERY = timedelta(minutes=30)  # each account is read
STEP = timedelta(hours=1)  # between two turns of the service
MOST_AN_HOUR = 12  # mails to one person: ten about cases, a digest, and one about the service
MODEL_OFF = '[detection]\nmodel = "off"\n'


@dataclass(frozen=True)
class Span:
    """A time to be played. `steps`: at each (true) time the service's clock goes wrong by so much from then on; `off`: the
    machine sleeps; `says`: a threat is posted."""

    name: str
    begins: datetime
    ends: datetime
    says: tuple[datetime, ...]
    steps: tuple[tuple[datetime, timedelta], ...] = ()
    off: tuple[tuple[datetime, datetime], ...] = ()

    def is_off(self, at: datetime) -> bool:
        return any(first <= at < last for first, last in self.off)


def _at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


SPANS = (
    Span(
        "the clock is an hour ahead for a morning",
        _at(16, 6), _at(17, 12), (_at(16, 7, 30), _at(16, 9, 40), _at(16, 12)),
        steps=((_at(16, 7, 20), HOUR), (_at(16, 10), timedelta())),
    ),
    Span(
        "the clock is an hour behind for a morning",
        _at(16, 6), _at(17, 12), (_at(16, 7, 30), _at(16, 9, 40), _at(16, 12)),
        steps=((_at(16, 7, 20), -HOUR), (_at(16, 10), timedelta())),
    ),
    Span(
        "the machine sleeps for a weekend",
        _at(13, 6), _at(16, 14), (_at(13, 10), _at(14, 15), _at(16, 9)),
        off=((_at(13, 17), _at(16, 7, 30)),),
    ),
    Span(
        "it starts again after three days",
        _at(16, 6), _at(20, 14), (_at(16, 10), _at(18, 10), _at(20, 11)),
        off=((_at(16, 16), _at(19, 20)),),
    ),
    Span(
        "the night in which clocks go back",
        _at(24, 22, month=10), _at(26, 12, month=10), (_at(25, 0, 30, 10), _at(25, 1, 30, 10), _at(26, 9, 0, 10)),
    ),
    Span(
        "the night in which clocks go forward",
        datetime(2027, 3, 27, 22, tzinfo=UTC), datetime(2027, 3, 29, 12, tzinfo=UTC),
        (datetime(2027, 3, 28, 0, 30, tzinfo=UTC), datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
    ),
)  # fmt: skip


@dataclass
class Play:
    """One span, played: what it broke is in `broken`."""

    span: Span
    built: School
    true: HandClock
    app: App
    store: Store
    broken: list[str]

    def run(self) -> None:
        said = 0
        while self.true.now < self.span.ends:
            for at in self.span.says[said:]:
                if at <= self.true.now:
                    self.built.says_on_x(THREAT)
                    said += 1
            if not self.span.is_off(self.true.now):
                self._turn()
            self.true.now += STEP

    def _turn(self) -> None:
        for watch in self.app.watches:
            self.app.poll(watch)
        self.app.work()
        self.app.act()
        self.app.slow()
        asyncio.run(self.app.deliver())

    def look(self) -> None:
        self._digests()
        self._threats()
        self._storm()
        self._watched()
        if self.app.chain_broken_at() is not None:
            self.broken.append("the audit log does not hold")
        with self.store.read() as session:
            if session.exec(select(DecisionRow).where(DecisionRow.done_at == None)).first():  # noqa: E711
                self.broken.append("a decision waits")

    def _digests(self) -> None:
        subjects = [
            str(mail.message["Subject"])
            for mail in self.built.mailbox.to(address(Role.OFFICE))
            if str(mail.message["Subject"]).startswith("DIGEST")
        ]
        days, day = 0, self.span.begins.date()
        while day <= self.span.ends.date():
            due = datetime(
                day.year, day.month, day.day, 8, tzinfo=UTC
            )  # 08:00 in winter; 07:00 in summer is before
            ran = any(
                due <= at < due + timedelta(hours=16) and not self.span.is_off(at) for at in self._moments()
            )
            days += int(day.weekday() < 5 and ran)
            day += timedelta(days=1)
        if len(subjects) != days or len(set(subjects)) != len(subjects):
            self.broken.append(f"{len(subjects)} digests on {days} school days: {subjects}")

    def _moments(self) -> list[datetime]:
        number = int((self.span.ends - self.span.begins) / STEP)
        return [self.span.begins + n * STEP for n in range(number)]

    def _threats(self) -> None:
        for role in (Role.HEADTEACHER, Role.DSL):
            new = [
                str(mail.message["Subject"])
                for mail in self.built.mailbox.to(address(role))
                if str(mail.message["Subject"]).startswith(("NEW", "UPDATED"))
            ]
            if len(new) != len(set(new)):
                self.broken.append(f"the {role.value} was told of one threat twice")
            if not new:
                self.broken.append(f"the {role.value} was told of no threat")

    def _storm(self) -> None:
        by_hour = Counter(
            (mail.recipients, mail.at.replace(minute=0, second=0, microsecond=0))
            for mail in self.built.mailbox.all()
        )
        worst = max(by_hour.values(), default=0)
        if worst > MOST_AN_HOUR:
            self.broken.append(f"a storm: {worst} mails to one person in an hour")

    def _watched(self) -> None:
        """Each sleep stands as not watched, and nothing else does but what a clock that jumps ahead makes look so."""
        with self.store.read() as session:
            found = coverage.together(coverage.gaps(session, self.store, self.span.begins, self.span.ends))
        silence = coverage.silence(EVERY)
        jumped = sum(1 for _, by in self.span.steps if by >= timedelta())
        asleep = [window for window in self.span.off if window[1] - window[0] > silence]
        for first, last in asleep:
            if not any(since <= first and (until or last) >= last for since, until in found):
                self.broken.append("a sleep does not stand as not watched")
        if len(found) > len(asleep) + jumped:
            self.broken.append(f"{len(found)} times of not watching, of which {len(asleep)} were")


def attack(span: Span) -> list[str]:
    """Play one span; what it broke."""
    true = HandClock(span.begins)
    with (
        tempfile.TemporaryDirectory() as folder,
        school(Path(folder), true, every="30m", more=MODEL_OFF) as built,
    ):

        def wrong() -> datetime:
            by = [step for at, step in span.steps if at <= true.now]
            return true.now + (by[-1] if by else timedelta())

        settings = settings_of(built.config)
        with store_of(settings) as store:
            tls = ssl.create_default_context(cafile=str(built.folder / "mailbox.pem"))
            played = Play(span, built, true, App(settings, store, clock=wrong, tls=tls), store, [])
            played.run()
            played.look()
            return played.broken


def measure(full: bool) -> list[Attack]:
    """One row: all spans, or two of them."""
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    spans = SPANS if full else SPANS[:1] + SPANS[2:3]
    broken = [f"{span.name}: {one}" for span in spans for one in attack(span)]
    for one in broken:
        print(one, file=sys.stderr)
    promise = "One digest a school day, no storm, and what was not watched is said"
    how = "clocks an hour wrong, nights in which they change, machines that sleep"
    return [Attack(promise, how, len(spans), len(broken))]


if __name__ == "__main__":
    sys.exit(command(measure, __doc__ or ""))
