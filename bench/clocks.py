"""`python -m bench.clocks [--full]`: clocks that step, nights on which they change, a machine that sleeps or was off.

The real service plays some days against loopback networks and a real mail server. The networks keep true time; the
machine's clock, and whether it is on at all, are the scenario's. Counted is what people would have noticed.
"""

from __future__ import annotations

import contextlib
import random
import ssl
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import select

from bench.attack import Attack, command
from monitor import logs, schema
from monitor.app import App
from monitor.domain import Reason, Role
from monitor.sandbox.mailbox import Mail
from monitor.tables import CaseRow, OutboxRow
from monitor.tables_telling import TellingRow
from monitor.tables_watching import WatchGapRow
from tests.conftest import HandClock
from tests.crash_driver import turn
from tests.school import THREAT, address, school

LONDON = ZoneInfo("Europe/London")
EVERY = timedelta(hours=1)  # how often the accounts are read
SOON, LATER = timedelta(minutes=30), timedelta(minutes=150)  # from turn to turn: near events, and else
READERS = (Role.OFFICE, Role.ESAFETY)  # who gets a digest on quiet days too
TOLD = (Role.HEADTEACHER, Role.DSL)  # of a threat
CAP = 10  # mails about cases to one person in an hour: [alerts] mails_per_hour
PATIENCE = EVERY + SOON  # until the next reading, and a turn
SETTINGS = '[detection]\nmodel = "off"\n'
DIGEST_AT = time(8)  # [calendar] digest_at
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KINDS = 7  # of scenarios
QUICK = (0, 3, 5)  # an hour ahead, a night on which the clocks go back, a weekend


class Scenario(NamedTuple):
    """`first`: the first day. `shown`: by how much the machine's clock is wrong at a true time. `off`: when it is not
    on. `eventful`: where turns are close together."""

    name: str
    first: date
    days: int
    shown: Callable[[datetime], timedelta]
    off: Sequence[tuple[datetime, datetime]]
    eventful: Sequence[datetime]
    threats: Sequence[datetime]


class Outcome(NamedTuple):
    """What became of one scenario: how much was checked, and a sentence for each that did not hold."""

    scenario: str
    checked: int
    wrong: list[str]


def scenarios(chance: random.Random) -> Iterator[Scenario]:
    """Each kind once, its hours drawn by chance."""
    for name, by in (("an hour ahead", HOUR), ("an hour behind", -HOUR)):
        first = date(2026, 11, 23)
        wrong = _at(first + DAY, chance.randint(5, 12), chance.randrange(60))
        right = wrong + chance.randint(3, 20) * HOUR
        yield Scenario(
            f"the clock {name} and set right again", first, 3,
            lambda at, by=by, wrong=wrong, right=right: by if wrong <= at < right else timedelta(),  # type: ignore[misc]
            (), (wrong, right), (wrong - HOUR, wrong + HOUR, right + HOUR),
        )  # fmt: skip
    first = date(2026, 11, 23)
    right = _at(first, 9, chance.randrange(60))
    yield Scenario(
        "started with a clock a year ahead, then set right", first, 3,
        lambda at: timedelta(days=365) if at < right else timedelta(),
        (), (right,), (_at(first, 6, 0), right + HOUR),
    )  # fmt: skip
    for name, first in (("back", date(2026, 10, 23)), ("forward", date(2027, 3, 26))):
        night = _at(first + 2 * DAY, 0, 0)
        yield Scenario(
            f"the night on which the clocks go {name}", first, 4, lambda _: timedelta(), (),
            (night, night + 2 * HOUR), (night + chance.randrange(180) * timedelta(minutes=1),),
        )  # fmt: skip
    first = date(2026, 11, 19)
    down, up = _at(first + DAY, 17, chance.randrange(60)), _at(first + 4 * DAY, 8, chance.randrange(20, 60))
    yield Scenario(
        "asleep for a weekend", first, 6, lambda _: timedelta(), ((down, up),), (down, up),
        (down + 3 * HOUR, down + 30 * HOUR),
    )  # fmt: skip
    first = date(2026, 11, 23)
    down = _at(first + DAY, 12, chance.randrange(60))
    up = down + 3 * DAY
    yield Scenario(
        "off for three days", first, 5, lambda _: timedelta(), ((down, up),), (down, up),
        tuple(down + number * 7 * HOUR for number in range(1, 6)),
    )  # fmt: skip


def _at(day: date, hour: int, minute: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


@dataclass
class Played:
    """What came of a scenario: true times throughout. `gaps` are as the machine's clock showed them."""

    scenario: Scenario
    mails: list[Mail]
    sent: dict[str, OutboxRow]  # by Message-ID
    tellings: list[TellingRow]
    cases: dict[int, datetime]  # by id: when what it is about was said
    gaps: list[tuple[str, str, datetime, datetime]]
    on: list[datetime]  # when there were turns
    wrong: list[str] = field(default_factory=list)
    checked: int = 0

    def row(self, mail: Mail) -> OutboxRow | None:
        return self.sent.get(str(mail.message["Message-ID"]))

    def check(self, holds: bool, says: str) -> None:
        self.checked += 1
        if not holds:
            self.wrong.append(f"{self.scenario.name}: {says}")


def play(folder: Path, scenario: Scenario) -> Played:
    """Each turn is everything that the running service's ticks do; a machine that is off starts anew."""
    true, shown = HandClock(_at(scenario.first, 5, 0)), HandClock()
    ends = _at(scenario.first + scenario.days * DAY, 5, 0)
    threats = sorted(scenario.threats)
    said: dict[str, datetime] = {}
    turns: list[datetime] = []
    with contextlib.ExitStack() as stack:
        built = stack.enter_context(school(folder, true, every="1h", more=SETTINGS))
        trust = ssl.create_default_context(cadata=built.mailbox.certificate)
        schema.upgrade(built.settings().storage.database_path)
        store = stack.enter_context(built.store())
        app: App | None = None
        while true.now < ends:
            shown.now = true.now + scenario.shown(true.now)
            while threats and threats[0] <= true.now:
                who = f"Casey Marker{len(threats)}"
                said[built.says_on_facebook(f"{THREAT} {len(threats)}", who)] = threats.pop(0)
            if any(first <= true.now < last for first, last in scenario.off):
                app = None
            else:
                app = app or App(built.settings(), store, clock=shown, chance=random.Random(1), tls=trust)
                turn(app)
                turns.append(true.now)
            events = (*scenario.eventful, *scenario.threats)
            near = any(-SOON <= true.now - moment <= 2 * HOUR for moment in events)
            true.now += SOON if near else LATER
        with store.read() as session:
            return Played(
                scenario,
                built.mailbox.all(),
                {row.message_id: row for row in session.exec(select(OutboxRow))},
                list(session.exec(select(TellingRow))),
                {case.id or 0: said[case.external_id] for case in session.exec(select(CaseRow))},
                [(row.account, row.kind, row.since, row.until) for row in session.exec(select(WatchGapRow))],
                turns,
            )


def look(played: Played) -> Played:
    """Every check of one scenario."""
    _digests(played)
    _alerts(played)
    _coverage(played)
    return played


def _digests(played: Played) -> None:
    """One for each reader and school day on which the machine was on after the hour, as its clock had it; else none."""
    shown = [(at + played.scenario.shown(at)).astimezone(LONDON) for at in played.on]
    came = Counter(
        row.dedup_key for mail in played.mails if (row := played.row(mail)) and row.reason == Reason.DIGEST
    )
    for number in range(played.scenario.days):
        day = played.scenario.first + number * DAY
        due = day.weekday() < 5 and any(at.date() == day and at.time() >= DIGEST_AT for at in shown)
        for role in READERS:
            count = came[f"digest:{day.isoformat()}:{role.value}"]
            played.check(count == int(due), f"{count} digests to {role.value} for {day}")


def _alerts(played: Played) -> None:
    """Each threat is a case, told once to each, soon after the machine could know; and never many at once."""
    arrived = {str(mail.message["Message-ID"]): mail.at for mail in played.mails}
    played.check(len(played.cases) == len(played.scenario.threats), f"{len(played.cases)} cases")
    for case, said in played.cases.items():
        could = next(at for at in played.on if at >= said and played.scenario.shown(at) <= HOUR)
        for role in TOLD:
            first = [
                arrived[row.message_id]
                for row in played.tellings
                if row.case_id == case
                and row.reason == Reason.FIRST
                and row.message_id in arrived
                and played.sent[row.message_id].role == role
            ]
            played.check(len(first) == 1, f"case {case} was told {len(first)} times to {role.value}")
            played.check(
                bool(first) and first[0] - could <= PATIENCE, f"case {case} was told late to {role.value}"
            )
    for role in Role:
        at = [
            mail.at
            for mail in played.mails
            if mail.recipients == (address(role),)
            and (row := played.row(mail))
            and row.reason not in {Reason.DIGEST, Reason.OPERATIONS}
        ]
        most = max((sum(one <= other < one + HOUR for other in at) for one in at), default=0)
        played.check(most <= CAP, f"{most} mails in an hour to {role.value}")
    copies = Counter(str(mail.message["Message-ID"]) for mail in played.mails)
    played.check(max(copies.values()) == 1, "a mail came twice")


def _coverage(played: Played) -> None:
    """Each time that the machine was off is a gap of every stream, once, as long as it was; and nothing else is, but for
    the hour that a clock which is put forward passes over."""
    jumps = [
        at + before
        for at, last in pairwise(reversed(played.on))
        if (before := played.scenario.shown(last)) < played.scenario.shown(at)
    ]
    streams = {(account, kind) for account, kind, _, _ in played.gaps}
    played.check(bool(streams) >= bool(played.scenario.off), "no gap was noted")
    played.check(bool(streams) <= bool(played.scenario.off or jumps), "gaps were noted that were none")
    for stream in streams:
        gaps = sorted((since, until) for *name, since, until in played.gaps if tuple(name) == stream)
        for down, up in played.scenario.off:
            fits = [g for g in gaps if down - LATER <= g[0] <= down and up <= g[1] <= up + LATER]
            played.check(len(fits) == 1, f"{stream}: {len(fits)} gaps for {down:%a %H:%M} to {up:%a %H:%M}")
            gaps = [gap for gap in gaps if gap not in fits]
        strange = [g for g in gaps if not any(g[0] <= jump + LATER and jump <= g[1] for jump in jumps)]
        played.check(not strange, f"{stream}: {len(strange)} gaps that were none")


def one_of(seed: int, number: int) -> Outcome:
    """One scenario from its start to its checks."""
    logs.configure("error", "json")
    scenario = list(scenarios(random.Random(seed)))[number]
    with tempfile.TemporaryDirectory() as folder:
        played = look(play(Path(folder), scenario))
    return Outcome(scenario.name, played.checked, played.wrong)


def measure(full: bool) -> list[Attack]:
    """Three kinds of scenario once, or each ten times with other hours."""
    wanted = [
        (seed, number) for seed in range(10 if full else 1) for number in (range(KINDS) if full else QUICK)
    ]
    rows: dict[str, list[Outcome]] = {}
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for played in pool.map(one_of, *zip(*wanted, strict=True)):
            rows.setdefault(played.scenario, []).append(played)
    for played in rows.values():
        for one in played:
            for says in one.wrong:
                print(says, file=sys.stderr)
    return [
        Attack(
            "one digest each school day, each alert once and soon, gaps as they were",
            name,
            sum(one.checked for one in played),
            sum(len(one.wrong) for one in played),
        )
        for name, played in rows.items()
    ]


if __name__ == "__main__":
    sys.exit(
        command(measure, "clocks that step, nights on which they change, a machine that sleeps or was off")
    )
