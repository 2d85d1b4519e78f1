"""The whole service on loopback, and the people who use it, each with a window: for the walk-throughs.

Real networks' emulators, a real mail server, the real application and page; the clock is set by hand.
"""

from __future__ import annotations

import asyncio
import random
import re
import ssl
import threading
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor import schema
from monitor.app import App
from monitor.domain import Role
from monitor.register import import_register
from monitor.register_csv import read_register
from monitor.sandbox.mailbox import Mail
from tests.browser.place import DESKTOP, PHONE
from tests.conftest import HandClock
from tests.school import School, address, school
from tests.test_claiming import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

RULES_ALONE = '\n[detection]\nmodel = "off"\n'


class MailLoop:
    """A loop in a thread of its own: Playwright keeps one in ours, beside which no other can run."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, int]) -> int:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@dataclass
class Walk:
    """A school and its day. `turn` is one turn of everything, as the running service's ticks would."""

    built: School
    app: App
    clock: HandClock
    chromium: Browser
    stack: ExitStack
    mail: MailLoop
    read: dict[Role, int] = field(default_factory=dict)  # how many mails each has opened

    def turn(self, **wait: float) -> None:
        self.clock.wait(**wait)
        for watch in self.app.watches:
            self.app.poll(watch)
        self.app.work()
        self.app.act()
        self.app.slow()
        self.mail.run(self.app.deliver())

    def person(self, role: Role, size: dict[str, int] | None = None) -> Person:
        """Somebody with a window of their own: the head's is a phone, everybody else's a desk's unless `size` says."""
        size = size or (PHONE if role is Role.HEADTEACHER else DESKTOP)
        window = self.chromium.new_context(viewport=size, locale="en-GB")  # type: ignore[arg-type]
        self.stack.callback(window.close)
        window.set_default_timeout(15_000)
        return Person(self, role, window.new_page())

    def mails(self, role: Role) -> list[Mail]:
        return self.built.mailbox.to(address(role))

    def new_mail(self, role: Role) -> Mail:
        """The one mail that has come for this person since they last looked."""
        mails = self.mails(role)
        new = mails[self.read.get(role, 0) :]
        assert len(new) == 1, [str(one.message["Subject"]) for one in new]
        self.read[role] = len(mails)
        return new[0]

    def all_read(self) -> None:
        self.read = {role: len(self.mails(role)) for role in Role}

    def no_new_mail(self, role: Role) -> None:
        assert len(self.mails(role)) == self.read.get(role, 0), self.subjects(role)

    def subjects(self, role: Role) -> list[str]:
        return [str(one.message["Subject"]) for one in self.mails(role)]


@dataclass
class Person:
    walk: Walk
    role: Role
    page: Page

    def open_link(self, mail: Mail) -> None:
        """Tap the mail's one link."""
        links = set(re.findall(r"https?://[^\s\"'<>]+", mail.body("plain") or ""))
        assert len(links) == 1
        self.page.goto(links.pop())

    def type_code(self, *, remember: bool = False) -> None:
        """Ask for a code on the page that a link opens, read it in the mail, and type it. `remember`: this device, of
        which a mail says so."""
        self.press("Send me a code")
        self.walk.mail.run(self.walk.app.deliver())
        found = re.search(r"\b\d{4} \d{4}\b", self.walk.new_mail(self.role).body("plain") or "")
        assert found
        self.page.get_by_label("Code").fill(found[0])
        if remember:
            self.page.get_by_label("Remember this device").check()
        self.press("Sign in")
        if remember:
            self.walk.mail.run(self.walk.app.deliver())
            assert "remembered" in str(self.walk.new_mail(self.role).message["Subject"])

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def unfold(self, name: str) -> None:
        self.page.locator("summary", has_text=name).first.click()

    def sees(self, *texts: str) -> None:
        shown = self.page.locator("main").inner_text()
        missing = [text for text in texts if text not in shown]
        assert not missing, (missing, shown)

    def does_not_see(self, *texts: str) -> None:
        shown = self.page.locator("main").inner_text()
        assert not [text for text in texts if text in shown], shown


@contextmanager
def walking(
    chromium: Browser, folder: Path, clock: HandClock, *, register: bytes = b"", more: str = RULES_ALONE
) -> Iterator[Walk]:
    """`register` is the office's export; `more` is added to the configuration."""
    with ExitStack() as stack:
        built = stack.enter_context(school(folder, clock, more=more))
        schema.upgrade(built.settings().storage.database_path)
        store = stack.enter_context(built.store())
        if register:
            import_register(store, read_register(register).people, clock())
        trust = ssl.create_default_context(cafile=str(folder / "mailbox.pem"))
        app = App(built.settings(), store, clock=clock, chance=random.Random(1), tls=trust)
        stack.enter_context(served(app, built))
        walk = Walk(built, app, clock, chromium, stack, stack.enter_context(closing(MailLoop())))
        walk.turn()  # the first look at each account raises nothing
        walk.all_read()
        yield walk
