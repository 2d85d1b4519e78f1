"""The term as it is played: half a day after another, what people do in each, and the service's turn between them."""

from __future__ import annotations

import asyncio
import html
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import requests
from bs4 import BeautifulSoup
from sqlmodel import select

from monitor.app import App
from monitor.domain import Role
from monitor.register import import_register
from monitor.register_csv import read_register
from monitor.sandbox.mailbox import Fault
from monitor.sandbox.signin_state import SignInState
from monitor.tables_people import FollowerRow, FollowerStepRow
from tests.alerts.imap_server import Mailroom
from tests.alerts.letters import found, letter
from tests.conftest import HandClock
from tests.school import School, address
from tests.term.people import BURST, DAYS, IMPORT, Cast, Follower, at

OF_THE_OFFICE = ("approve", "reject", "reject_bot", "undo", "invite")  # done to many at once
# X's bad days: from one half-day to the next; the whole lists of three weeks, and once the newest followers
BAD_DAYS = {
    at(20, 1): ("empty_list", "/followers"),
    at(35): ("cut_short", "max_results=1000"),
    at(IMPORT): ("empty_list", "max_results=1000"),
}


class Turn(NamedTuple):
    """How things stood after one turn: followers that X had listed by then, and who was marked as having left."""

    at: datetime
    listed: int
    left: int


@dataclass
class Term:
    """The school, its followers and its office. Each deed is a method that is told who it is about and what is said."""

    built: School
    app: App
    clock: HandClock
    cast: Cast
    members: Mapping[str, SignInState]
    room: Mailroom  # to which families write
    log: io.StringIO
    mail: (
        asyncio.Runner
    )  # one loop for all mail, as in the running service: connections end in it after the answer
    ids: dict[str, str] = field(default_factory=dict)  # key of a follower → the network's number
    answers: dict[str, set[tuple[int, str]]] = field(default_factory=dict)  # deed → what the page answered
    turns: dict[int, Turn] = field(default_factory=dict)  # by half-day

    def __post_init__(self) -> None:
        self.office = requests.Session()
        self.office.trust_env = False

    def play(self) -> None:
        """The whole term. A half-day before which nobody did anything, and that is no day of its own, has no turn."""
        deeds, begins = self.cast.deeds(), self.clock()
        self._do(deeds.get(-1, []))
        for when in range(at(DAYS) + 2):
            self.clock.now = begins + timedelta(days=when // 2, hours=7 * (when % 2))
            if when - 1 in deeds or when in BAD_DAYS or when % at(7) == 0 or when == at(BURST):
                self._turn_of(when)
            self._do(deeds.get(when, []))

    def _turn_of(self, when: int) -> None:
        if when in BAD_DAYS:
            fault, path = BAD_DAYS[when]
            self.built.x_faults.arm(fault, times=None, path=path)
        if when == at(IMPORT):
            import_register(self.app.store, read_register(self.cast.export(second=True)).people, self.clock())
        self.turn(checked=when % 2 == 0)
        self.built.x_faults.clear()
        left = list(self.states().values()).count("left")
        self.turns[when] = Turn(self.clock(), self.built.x.bill.served["followers"], left)

    def turn(self, *, checked: bool = False) -> None:
        """One turn of everything, as the running service's ticks would."""
        if checked:
            self.app.check()
        for watch in self.app.watches:
            self.app.poll(watch)
        self.app.read_letters()
        self.app.work()
        self.app.act()
        self.app.slow()
        self.mail.run(self.app.deliver())

    def _do(self, deeds: list[tuple[Follower, tuple[int, str, str]]]) -> None:
        at_once: dict[tuple[str, str], list[Follower]] = {}
        for who, (_, do, said) in deeds:
            if do in OF_THE_OFFICE:
                at_once.setdefault((do, "" if do == "invite" else said), []).append(who)
            else:
                getattr(self, do)(who, said)
        for (do, said), people in at_once.items():
            self._decide(do.removesuffix("_bot"), people, said)

    # on the network

    def follow(self, who: Follower, _said: str) -> None:
        if who.key not in self.ids:
            self.ids[who.key] = self.built.x.add_person(who.handle, who.name, who.bio)
        self.built.x.follow(self.ids[who.key])

    def unfollow(self, who: Follower, _said: str) -> None:
        self.built.x.unfollow(self.ids[who.key])

    def rename(self, who: Follower, handle: str) -> None:
        self.built.x.change_person(self.ids[who.key], handle=handle)

    def block(self, who: Follower, _said: str) -> None:
        self.built.x.block(self.ids[who.key])

    # a family, at its own browser and mailbox

    def claim(self, who: Follower, email: str) -> None:
        handle = self.built.x.person(self.ids[who.key]).username if who.key in self.ids else who.handle
        form = {"network": "x", "handle": f"@{handle}", "address": email, "consent": "yes"}
        self._answered("claim", requests.post(f"{self.built.page}/claim", form, timeout=10))

    def answer(self, _who: Follower, email: str) -> None:
        self._press("answer", email, "yes")

    def deny(self, _who: Follower, email: str) -> None:
        self._press("deny", email, "no")

    def answer_late(self, _who: Follower, email: str) -> None:
        self._press("answer_late", email, "yes")

    def replay(self, _who: Follower, email: str) -> None:
        """Somebody else has the link, and says the opposite."""
        self._press("replay", email, "no")

    def write(self, who: Follower, email: str) -> None:
        self.room.arrive(letter(f"My X handle is @{who.handle}", sender=email), self.clock())

    def forge(self, who: Follower, email: str) -> None:
        says = (found(email, result="fail"), found(email))  # the second was in the message when it came
        self.room.arrive(letter(f"My X handle is @{who.handle}", sender=email, results=says), self.clock())

    def break_mailbox(self, _who: Follower, email: str) -> None:
        self.built.mailbox.plan(Fault.NO_SUCH_BOX, recipient=email, times=None)

    def sign_in(self, who: Follower, email: str) -> None:
        number = self.ids.get(who.key)
        if number is None:
            number = self.ids[who.key] = self.built.x.add_person(who.handle, who.name, who.bio)
        self._sign_in("x", who, email, number)

    def sign_in_facebook(self, who: Follower, email: str) -> None:
        self._sign_in("facebook", who, email, "")

    def _sign_in(self, network: str, who: Follower, email: str, number: str) -> None:
        member = self.members[network].add(who.handle, email or None, name=who.name, member_id=number)
        with requests.Session() as browser:
            browser.trust_env = False
            go = browser.post(f"{self.built.page}/claim/with/{network}", {"consent": "yes"}, timeout=10).text
            link = html.unescape(re.findall(r'class="button" href="([^"]+)"', go)[0])
            last = browser.post(link, {"member": member.id, "choice": "allow"}, timeout=10)
        self._answered("sign in" if email else "sign in without an address", last)

    def _press(self, do: str, email: str, said: str) -> None:
        body = self.built.mailbox.to(email)[-1].body("plain")
        (link,) = re.findall(r"http\S+/claim/\S+", body or "")
        seen = requests.get(link, timeout=10)
        assert (do in {"answer", "deny"}) is ('name="mine"' in seen.text)
        self._answered(do, requests.post(link, {"mine": said}, timeout=10))

    def _answered(self, do: str, answer: requests.Response) -> None:
        text = BeautifulSoup(answer.text, "html.parser").main.get_text(" ", strip=True)
        self.answers.setdefault(do, set()).add((answer.status_code, text))

    # the office, at its page

    def say(self, who: Follower, action: str) -> None:
        step = self.step_of(who)
        assert step is not None
        forms = self.page("/followers").find_all("form", action="/followers/done")
        wanted = {"step": str(step.id), "action": action}
        form = next(one for one in map(filled, forms) if wanted.items() <= one.items())
        assert self.office.post(f"{self.built.page}/followers/done", form, timeout=10).status_code == 200

    def _decide(self, do: str, people: list[Follower], said: str) -> None:
        names = {who.key: str(self.row_of(who).id) for who in people}
        asked = {"do": "organisation" if do == "approve" else do, "f": list(names.values())}
        form = filled(self.page("/followers/choose", asked).main.form)
        if do in {"approve", "reject"}:
            form["reason"] = "planted reason of Markerson"
        if do == "approve":
            form["review"] = said
        if do == "invite":
            form |= {
                f"address-{names[who.key]}": deed.said
                for who in people
                for deed in who.deeds
                if deed.do == do
            }
        answer = self.office.post(f"{self.built.page}/followers/decide", form, timeout=10)
        assert answer.status_code == 200, BeautifulSoup(answer.text, "html.parser").main.text
        assert answer.url.endswith(f"?done={asked['do']}")

    def page(self, path: str, asked: Mapping[str, object] | None = None) -> BeautifulSoup:
        """A page as the office sees it, which signs in where it has to."""
        answer = self.office.get(self.built.page + path, params=asked, timeout=10)
        if answer.url.removeprefix(self.built.page) == "/":
            self.office.post(f"{self.built.page}/code", {"address": address(Role.OFFICE)}, timeout=10)
            self.mail.run(self.app.deliver())
            body = self.built.mailbox.to(address(Role.OFFICE))[-1].body("plain")
            (code,) = re.findall(r"\b\d{4} ?\d{4}\b", body or "")
            self.office.post(f"{self.built.page}/sign-in", {"code": code.replace(" ", "")}, timeout=10)
            answer = self.office.get(self.built.page + path, params=asked, timeout=10)
        assert answer.status_code == 200, path
        return BeautifulSoup(answer.text, "html.parser")

    # what the rows say

    def rows(self) -> dict[str, FollowerRow]:
        with self.app.store.read() as session:
            return {row.external_id: row for row in session.exec(select(FollowerRow))}

    def states(self) -> dict[str, str]:
        with self.app.store.read() as session:
            return dict(session.exec(select(FollowerRow.external_id, FollowerRow.state)).all())

    def row_of(self, who: Follower) -> FollowerRow:
        with self.app.store.read() as session:
            return session.exec(select(FollowerRow).where(FollowerRow.external_id == self.ids[who.key])).one()

    def step_of(self, who: Follower) -> FollowerStepRow | None:
        with self.app.store.read() as session:
            query = (
                select(FollowerStepRow).join(FollowerRow).where(FollowerRow.external_id == self.ids[who.key])
            )
            return session.exec(query).first()


def filled(form: BeautifulSoup) -> dict[str, str]:
    """What a form would send as it stands."""
    return {one["name"]: one.get("value", "") for one in form.find_all("input", type=["hidden", "date"])}
