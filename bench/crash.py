"""`python -m bench.crash [--full]`: the running service killed again and again while everything around it fails.

The real service (bench/crash_service.py) reads two networks that answer with errors, torn and shuffled pages, and mails
through a server that drops, defers and refuses, or keeps a message and cuts the line before its 250. It is killed with
SIGKILL at random moments, and dies at the named points of monitor/crash.py. After each death the database is looked at as
it lies there; in the end everything must have been done, once.
"""

from __future__ import annotations

import select as ready
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from multiprocessing import get_context
from pathlib import Path
from signal import SIGKILL, SIGTERM

from sqlmodel import select

from bench.attack import Attack, command
from bench.crash_check import after_a_kill, at_rest, complaints, left_behind, waiting
from bench.crash_head import Head
from bench.crash_service import Life
from bench.crash_world import World, world
from monitor.crash import POINTS
from monitor.domain import Role
from monitor.tables import StreamRow
from tests.school import ROOT, address

SEED = 20261121
QUICK, FULL = 12, 1_000  # kills
MORE = 5  # at each point that a full run has not reached
SCHOOLS = 20  # of a full run, side by side: what is looked at after each kill grows with what a school has
LONGEST = 2.0  # seconds of a life that is killed at a random moment
REACHES = 4.0  # seconds at most of one that dies at a named point
PATIENT = 20.0  # the same, at a point that a busy machine has not reached yet
UNTROUBLED = 3.0  # seconds of a life that is asked to stop
COMES_UP = 0.7  # of the lives: their seconds count from when the page answers; the others' from the first
MOST_COPIES, FEW = 0.02, 4  # of the mails, second copies; of few mails a share says nothing
QUIET = 10  # after so many kills it is let work in peace once
COMPLAINTS = "complaints"
KILLED = (-SIGKILL, 137)
# hours that it was off before it is to die at a point of a stage that only time brings
OFF = {"inbox.": 1.0, "look.": 2.0, "prune.": 25.0, "backup.": 25.0}
BY_THE_CLOCK = ("digest.", "report.")  # on weekdays at 8, on Fridays at 3 in the afternoon
MORNING, AFTERNOON = time(8, 15), time(15, 15)
FRIDAY, SATURDAY = 4, 5
TRIES = 60  # lives until it must have come to rest, half an hour of the school's time between them


@dataclass
class Killed:
    """What a run of kills came to. `wrong` and `had` are counted by promise; `asked` and `at` are the
    named points at which it was to die, and where it died; `missed` those at which alone it still has to."""

    missed: tuple[str, ...] = ()
    deaths: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    at: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    had: Counter[str] = field(default_factory=Counter)
    troubles: int = 0
    complaints: list[str] = field(default_factory=list)


class Service:
    """The process whose forks are the service's lives."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._hear()

    def lives(
        self, built: World, seconds: float, *, at: str = "", ends: int = SIGKILL, up: bool = True
    ) -> None:
        """Begin a life (bench/crash_service.py); `ended` waits for its end, `over` says whether it has come."""
        now = built.clock.paced()
        life = Life(now.began.isoformat(), now.since, now.pace, seconds, ends, at, up)
        assert self._process.stdin is not None
        self._process.stdin.write(f"{life.as_line()}\n")
        self._process.stdin.flush()

    def over(self) -> bool:
        return bool(ready.select([self._process.stdout], [], [], 0)[0])

    def ended(self) -> int:
        return int(self._hear())

    def _hear(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(
                "the process that starts the service ended; its last words are on standard error"
            )
        return line.strip()


@contextmanager
def service(built: World, module: str = "bench.crash_service") -> Iterator[Service]:
    """`module` is run as a program with the school's configuration. Its standard error goes to COMPLAINTS in the school's folder."""
    with (built.school.folder / COMPLAINTS).open("w") as heard:
        process = subprocess.Popen(
            [sys.executable, "-m", module, str(built.school.config)],
            cwd=ROOT,
            env=built.school.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=heard,
            text=True,
        )
        try:
            yield Service(process)
        finally:
            process.communicate()


def kill(kills: int, *, seed: int = SEED, missed: tuple[str, ...] = ()) -> Killed:
    """Kill a school's service so many times, or at these points alone, and let it come to rest."""
    with tempfile.TemporaryDirectory(prefix="schoolgate-crash-") as name, world(Path(name), seed) as built:
        return under_fire(built, kills, missed)


def under_fire(built: World, kills: int, missed: tuple[str, ...] = ()) -> Killed:
    """The same with a school that is there already, and stays."""
    head = Head(address(Role.HEADTEACHER), built.school.mailbox, built.school.page)
    came = Killed(missed)
    with service(built) as lives:
        settle(lives, built)  # the first reading of an account is no news
        while came.deaths < kills:
            _life(lives, built, head, came)
            if came.deaths % QUIET == 0:
                built.calm()
                _orderly(lives, built, head)
        built.calm()
        settle(lives, built)
    wrong, came.had = at_rest(built, head.removed)
    came.wrong += wrong
    came.troubles = built.troubles
    came.complaints = complaints(built.school.folder / COMPLAINTS)
    came.wrong["unforeseen"] = len(came.complaints)
    return came


def _life(lives: Service, built: World, head: Head, came: Killed) -> None:
    """One life: things are said, something fails, a person decides, it dies."""
    draw = built.draw
    label = _label(built, came)
    built.speak(writes=label.startswith("inbox."))
    built.trouble()
    reaches = PATIENT if came.missed else REACHES
    seconds = reaches if label else draw.uniform(0.0, LONGEST)
    lives.lives(built, seconds, at=label, up=bool(label) or draw.random() < COMES_UP)
    head.sit(lives.over)
    code = lives.ended()
    if code not in KILLED:
        came.wrong["ended"] += 1
    came.deaths += 1
    came.at[label.partition("#")[0] if code == KILLED[1] else ""] += 1
    came.wrong += after_a_kill(built)


def _label(built: World, came: Killed) -> str:
    """No named point in one life of two; else one of those that were asked for least, at its first, second or third
    arrival. The time that passes before this life is such that it can come to that point."""
    draw, clock = built.draw, built.clock
    if not came.missed and draw.random() < 0.5:
        clock.jump(timedelta(minutes=draw.choice((0.0, 0.5, 3.0, 8.0, 14.0))))
        return ""
    points = came.missed or POINTS
    fewest = min(came.asked[point] for point in points)
    point = draw.choice([point for point in points if came.asked[point] == fewest])
    came.asked[point] += 1
    if point.startswith(BY_THE_CLOCK):
        now = clock()
        at = min(moment for moment in _moments(now) if moment > now)
        clock.jump(at - now)
        return "report.stored" if at.hour == AFTERNOON.hour else "digest.stored"
    for beginning, hours in OFF.items():
        if point.startswith(beginning):
            clock.jump(timedelta(hours=hours))
            return point
    clock.jump(timedelta(minutes=14))
    return f"{point}#{draw.choice((1, 1, 2, 3))}"


def _moments(now: datetime) -> Iterator[datetime]:
    """When digests and reports have just become due, from today on, in winter as in summer."""
    for days in range(8):
        day = (now + timedelta(days=days)).date()
        if day.weekday() < SATURDAY:
            yield datetime.combine(day, MORNING, UTC)
        if day.weekday() == FRIDAY:
            yield datetime.combine(day, AFTERNOON, UTC)


def _orderly(lives: Service, built: World, head: Head | None) -> None:
    lives.lives(built, UNTROUBLED, ends=SIGTERM)
    if head is not None:
        head.sit(lives.over)
    code = lives.ended()
    if code not in {0, -SIGTERM}:  # the latter: it had not come up yet
        raise RuntimeError(f"the service ended with {code} when it was asked to stop")


def settle(lives: Service, built: World) -> None:
    """Quiet lives until nothing waits and every account was read since; what waits after TRIES of them counts as lost."""
    for _ in range(TRIES):
        built.clock.jump(timedelta(minutes=30))
        began = built.clock()
        _orderly(lives, built, None)
        with left_behind(built) as store, store.read() as session:
            read = [
                row.last_success_at or datetime.min.replace(tzinfo=UTC)
                for row in session.exec(select(StreamRow)).all()
            ]
            if read and min(read) > began and not waiting(session).total():
                return


def rows(came: Killed) -> list[Attack]:
    """The promises, one a row."""
    had, named = came.had, sum(count for point, count in came.at.items() if point)
    how = f"SIGKILL of the running service, {named} of them at named points, with {came.troubles} failures around it"
    share = 100 * had["copies"] / max(1, had["mails"])
    many = had["copies"] > max(FEW, MOST_COPIES * had["mails"])
    return [
        Attack("No item is lost or kept twice", how, came.deaths, came.wrong["items"] + came.wrong["waiting"], f"{had['items']:,} items"),
        Attack("Every alert is sent, or shown as failed", "the same", came.deaths, came.wrong["alerts"], f"{had['mails']:,} mails of {had['cases']:,} cases, {had['failed']} refused for good"),
        Attack("A second copy of a mail is the same bytes, and they are at most 2 %", "the same", came.deaths, came.wrong["copies"] + many, f"{share:.2f} %"),
        Attack("No case without its sealed copy", "looking after each kill", came.deaths, came.wrong["evidence"]),
        Attack("No removal without its sealed copy, and none forgotten that the page took", "the same", came.deaths, came.wrong["removals"], f"{had['removals']:,} removals"),
        Attack("The database is whole and the audit log follows", "the same", came.deaths, came.wrong["whole"]),
        Attack("Nothing goes wrong that no stage foresaw", "reading its log", came.deaths, came.wrong["unforeseen"] + came.wrong["ended"]),
    ]  # fmt: skip


def _all_schools() -> Killed:
    came = Killed()
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for one in pool.map(_school, range(SCHOOLS)):
            _add(came, one)
    if never := tuple(point for point in POINTS if not came.at[point]):
        _add(came, kill(MORE * len(never), seed=SEED + SCHOOLS, missed=never))
    return came


def _add(came: Killed, one: Killed) -> None:
    came.deaths += one.deaths
    came.troubles += one.troubles
    came.complaints += one.complaints
    for ours, theirs in (
        (came.asked, one.asked), (came.at, one.at), (came.wrong, one.wrong), (came.had, one.had)
    ):  # fmt: skip
        ours.update(theirs)


def _school(number: int) -> Killed:
    return kill(FULL // SCHOOLS, seed=SEED + number)


def measure(full: bool) -> list[Attack]:
    """Kill, and say what came of it. The full form must have died at every named point."""
    came = _all_schools() if full else kill(QUICK)
    for line in came.complaints[:20]:
        print(line, file=sys.stderr)
    if +came.wrong:
        print(dict(+came.wrong), file=sys.stderr)
    found = rows(came)
    if full:
        never = [point for point in POINTS if not came.at[point]]
        found.append(
            Attack(
                "It died at every named point", "asking for each", len(POINTS), len(never), ", ".join(never)
            )
        )
    return found


if __name__ == "__main__":
    sys.exit(command(measure, "the running service, killed again and again"))
