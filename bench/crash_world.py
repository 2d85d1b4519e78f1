"""A school under fire: what is said of it, what its networks and its mail server do on their bad days. Loopback only.

Everything is drawn from one seeded source, so that a run can be had again; the moments of the kills are real time.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bench.crash_service import Paced
from monitor import schema
from monitor.sandbox.mailbox import Fault
from tests.alerts.imap_server import Mailroom, serving
from tests.alerts.letters import letter
from tests.conftest import MORNING
from tests.school import INSULT, PRAISE, THREAT, School, claims_mail, school

PACE = 60.0  # a minute of the school's time in each second
MORE = '\n[detection]\nmodel = "off"\n[retention]\nharmless = "1d"\n[alerts]\nmails_per_hour = 60\n'
A_POST_HOLDS = 25  # comments
AT_ONCE = (2, 12)  # that are said before each life
WORDS = (
    "bench",
    "gate",
    "hall",
    "hut",
    "lawn",
    "path",
    "pitch",
    "pond",
    "porch",
    "quad",
    "shed",
    "stage",
    "wall",
    "yard",
)
SAID = (THREAT, THREAT, INSULT, INSULT, PRAISE)  # each life draws from these
NETWORK_FAULTS = (
    ("html_503", {}),
    ("error_500", {}),
    ("rate_limited", {"reset": "30"}),
    ("slow_drip", {"interval": 0.005}),
    ("truncated", {}),
    ("malformed_json", {}),
    ("bad_gzip", {}),
    ("html_200", {}),
    ("reset", {}),
    ("revoked_token", {}),  # for one answer or two: then it is good again
    ("duplicates", {}),
    ("shuffled", {}),
    ("cyclic", {}),
    ("stale_token", {}),
)
MAIL_FAULTS = (
    Fault.BUSY,
    Fault.BUSY,
    Fault.CUT_LOST,
    Fault.CUT_LOST,
    Fault.CUT_KEPT,
    Fault.FULL,
    Fault.NO_SUCH_BOX,
)


class Clock:
    """The school's time: the machine's, PACE times as fast, and moved on by hand between two lives. Any thread may ask."""

    def __init__(self, began: datetime = MORNING) -> None:
        self._now = Paced(began, time.time(), PACE)
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        return self.paced()()

    def paced(self) -> Paced:
        with self._lock:
            return self._now

    def jump(self, how_far: timedelta) -> None:
        with self._lock:
            self._now = Paced(self._now.began + how_far, self._now.since, self._now.pace)


@dataclass
class World:
    """The school, and what was said of it: `said` are (network, id) of each item, `threats` those that must be told."""

    school: School
    clock: Clock
    room: Mailroom
    draw: random.Random
    said: set[tuple[str, str]] = field(default_factory=set)
    threats: set[str] = field(default_factory=set)
    followers: set[str] = field(default_factory=set)
    letters: int = 0
    cut_kept: int = (
        0  # lines that were cut after a message was kept: each is a second copy that nobody can avoid
    )
    troubles: int = 0

    def speak(self, *, writes: bool = False) -> None:
        """Some comments and replies of strangers, perhaps a follower, a family's mail, a new post to write under."""
        for _ in range(self.draw.randint(*AT_ONCE)):
            text = self.draw.choice(SAID)
            number = len(self.said)
            whole = f"{text}, {self.draw.choice(WORDS)} {self.draw.choice(WORDS)}"
            if number % A_POST_HOLDS == 0:
                self.school.x_post = self.school.x.add_post(
                    self.school.x.user_id, "Sports day was on Friday."
                )
                self.school.page_post = self.school.graph.add_post("Sports day was on Friday.")
            if self.draw.random() < 0.5:
                network, made = "x", self.school.says_on_x(whole, f"casey_{number}", f"Casey {number}")
            else:
                network, made = (
                    "facebook",
                    self.school.says_on_facebook(whole, f"Robin Markersdottir {number}"),
                )
            self.said.add((network, made))
            if text == THREAT:
                self.threats.add(made)
        if self.draw.random() < 0.2:
            number = len(self.followers)
            person = self.school.x.add_person(f"new_here_{number}", f"New Here {number}")
            self.school.x.follow(person)
            self.followers.add(person)
        if writes or self.draw.random() < 0.3:
            self.letters += 1
            sender = f"family_{self.letters}@mail.example"
            text = f"My X handle is @new_here_{self.letters}"
            self.room.arrive(letter(text, sender=sender, number=self.letters), self.clock())

    def trouble(self) -> None:
        """What goes wrong in the next life: often something at a network, sometimes something at the mail server."""
        self.calm()
        for faults in (self.school.x_faults, self.school.graph_faults):
            if self.draw.random() < 0.4:
                name, how = self.draw.choice(NETWORK_FAULTS)
                faults.arm(name, times=self.draw.randint(1, 3), **how)
                self.troubles += 1
        if self.draw.random() < 0.3:
            fault = self.draw.choice(MAIL_FAULTS)
            self.school.mailbox.plan(fault)
            self.troubles += 1

    def calm(self) -> None:
        """All faults off."""
        self.school.x_faults.clear()
        self.school.graph_faults.clear()
        self.school.mailbox.mend()


@contextlib.contextmanager
def world(folder: Path, seed: int) -> Iterator[World]:
    """Built in `folder`, an empty one."""
    clock, room = Clock(), Mailroom()
    with (
        serving(room),
        school(folder, clock, every="1m", level="error", more=MORE + claims_mail(folder, room)) as built,
    ):
        schema.upgrade(built.settings().storage.database_path)
        yield World(built, clock, room, random.Random(seed))
