"""The day itself: time moves, people write, the service takes its turns, reviewers decide, the digest comes.

Every turn is what the running service does; only the clock is moved by hand, so that a day takes seconds. A day can
be gone on with on the same database after a crash: what was played stays played.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlmodel import select

from monitor.daemon import bind, page_server
from monitor.demo.person import DemoPerson, link_in
from monitor.demo.score import KEYS
from monitor.demo.sign_ins import enrol
from monitor.demo.world import DayClock, World
from monitor.domain import Role
from monitor.errors import MonitorError
from monitor.sandbox.graph_objects import GoneError
from monitor.sandbox.script import Edit
from monitor.sandbox.stage import Stage
from monitor.sandbox.x_objects import UnknownError
from monitor.tables import CaseRow, DecisionRow

STEP = timedelta(minutes=10)  # between two turns of the service: accounts are polled this often
SCHOOL_ENDS, DAY_ENDS = time(16, 30), time(18, 30)
NEXT_MORNING = time(8, 0)


@dataclass(frozen=True)
class Deed:
    """What a reviewer presses in the demo, on the case that this entry of the script opens."""

    entry: str
    role: Role
    choice: str
    fields: tuple[tuple[str, str], ...] = ()


UNTIL_DELETED = 600  # seconds in which a deletion may be taken back
DEEDS = (
    Deed("f-threat-gates", Role.HEADTEACHER, "remove"),
    Deed("x-threat-kestle", Role.HEADTEACHER, "remove"),
    Deed("x-threat-kestle", Role.HEADTEACHER, "reported"),
    Deed("f-homophobic", Role.HEADTEACHER, "remove"),
    Deed("f-homophobic", Role.HEADTEACHER, "delete"),
    Deed("f-ableist", Role.HEADTEACHER, "remove"),
    Deed("f-ableist", Role.HEADTEACHER, "undo"),
    Deed("x-kys", Role.DSL, "remove"),
    Deed("f-dad-hits", Role.DSL, "acknowledge"),
    Deed(
        "x-wetwipe",
        Role.DSL,
        "close",
        (("why", "family"), ("reason", "Spoke to both families; the author took it down.")),
    ),
    Deed("f-parking", Role.HEADTEACHER, "dismiss", (("why", "criticism"),)),
)


@dataclass
class Done:
    """What came of a deed: what the page says, and how the item stands on the network when it is read again."""

    entry: str
    case: str
    role: str
    choice: str
    outcome: str
    read_back: bool
    on_network: str


@dataclass
class Day:
    world: World
    clock: DayClock
    stage: Stage = field(init=False)

    def __post_init__(self) -> None:
        self.stage = Stage(self.world.script, self.world.x, self.world.graph)
        enrol(self.world.sign_ins, self.world.script, self.stage.people)

    def at(self, wall: time, days: int = 0) -> datetime:
        """A wall time of the scripted day, or of a day after it, as UTC."""
        school = self.world.script.school
        zone = self.world.settings.school.zone
        return datetime.combine(school.day + timedelta(days=days), wall, zone).astimezone(UTC)

    def play_until(self, end: datetime, turn: Callable[[World], None] | None = None) -> Iterator[datetime]:
        """Go on in steps: people write, then the service takes its turn. The first step is the baseline."""
        turn = turn or turn_of
        while True:
            self.stage.play(until=self.clock())
            turn(self.world)
            yield self.clock()
            if self.clock() >= end:
                return
            self.clock.move_to(min(end, self.clock() + STEP))

    def next_school_morning(self) -> datetime:
        """When the digest of the day is due: the next school day, 08:00."""
        school = self.world.script.school
        days = next(n for n in range(1, 8) if (school.day + timedelta(days=n)).weekday() < 5)  # noqa: PLR2004
        return self.at(NEXT_MORNING, days)


def turn_of(world: World) -> None:
    """One turn of everything, in the order in which the running service's ticks would."""
    app = world.app
    for watch in app.watches:
        app.poll(watch)
    app.work()
    app.act()
    app.slow()
    deliver(world)


def deliver(world: World) -> None:
    """Send what waits."""
    asyncio.run(world.app.deliver())


@contextmanager
def served(world: World) -> Iterator[str]:
    """The page, on its own address, from a thread; its address."""
    listening = bind(world.settings.page.host, world.settings.page.port)
    server = page_server(world.app.web())
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="page")
    thread.start()
    try:
        yield world.settings.page.public_url
    finally:
        server.should_exit = True
        thread.join()


def decide(day: Day, page: str) -> list[Done]:
    """Reviewers do the DEEDS as people do: mail, link, code, buttons; then the service carries them out."""
    people: dict[Role, DemoPerson] = {}
    done = []
    for deed in DEEDS:
        case = _case(day, deed.entry)
        if case is None:
            continue
        if deed.role not in people:
            people[deed.role] = _signed_in(day, deed.role, page)
        person = people[deed.role]
        person.decide(case.ref, deed.choice, **dict(deed.fields))
        if deed.choice == "delete":  # nobody takes it back
            day.clock.wait(UNTIL_DELETED)
        turn_of(day.world)
        done.append(_came_of_it(day, deed, case))
        day.clock.wait(60)
    return done


def as_rows(done: list[Done]) -> list[dict[str, Any]]:
    return [asdict(one) for one in done]


def _signed_in(day: Day, role: Role, page: str) -> DemoPerson:
    address = day.world.script.school.roles[role].address
    person = DemoPerson(address, day.world.mailbox, page, lambda: deliver(day.world))
    for mail in day.world.mailbox.to(address):
        try:
            link_in(mail)
        except MonitorError:
            continue  # a mail without a link
        person.sign_in_through(mail)
        return person
    raise MonitorError(f"no mail with a link came to the {role}")


def _case(day: Day, entry: str) -> CaseRow | None:
    named = next(
        (each.of for each in day.world.script.entries if isinstance(each, Edit) and each.id == entry), entry
    )
    script = {each.id: each for each in day.world.script.entries}
    with day.world.app.store.read() as session:
        return session.exec(
            select(CaseRow).where(
                CaseRow.account == KEYS[script[entry].network],
                CaseRow.external_id == day.stage.ids.get(named),
            )
        ).first()


def _came_of_it(day: Day, deed: Deed, case: CaseRow) -> Done:
    with day.world.app.store.read() as session:
        row = session.exec(
            select(DecisionRow)
            .where(DecisionRow.case_id == case.id, DecisionRow.choice == deed.choice)
            .order_by(DecisionRow.id.desc())  # type: ignore[union-attr]
        ).first()
    return Done(
        entry=deed.entry,
        case=case.ref,
        role=deed.role.value,
        choice=deed.choice,
        outcome=(row.done or "recorded") if row and row.done_at else "waiting",
        read_back=bool(row and row.read_back),
        on_network=on_network(day.world, case),
    )


def on_network(world: World, case: CaseRow) -> str:
    """How the item stands on the sandbox's network itself: visible, hidden or deleted."""
    try:
        if case.network == "x":
            world.x.post(case.external_id)
            return "hidden" if world.x.is_hidden(case.external_id) else "visible"
        world.graph.entry(case.external_id)
        return "hidden" if world.graph.is_hidden(case.external_id) else "visible"
    except (GoneError, UnknownError):
        return "deleted"
