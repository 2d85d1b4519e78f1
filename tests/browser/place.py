"""A school on loopback with its cases and families, and a person's window at its page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.setup import send_invitation
from connectors.x_words import ACTIONS
from monitor.domain import Role
from tests.alerts.page_school import FACEBOOK, School, open_school
from tests.alerts.signing_in import Site, site
from tests.alerts.telling import desk
from tests.browser.seen import Seen
from tests.conftest import HandClock
from tests.families import Families

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@dataclass
class Place:
    """One invented school and one window. `seen` is what the window asked for and complained of."""

    school: School
    families: Families
    clock: HandClock
    window: BrowserContext
    page: Page
    stack: ExitStack
    seen: Seen = field(init=False)

    def __post_init__(self) -> None:
        self.seen = Seen(self.page, self.school.url)

    def go(self, path: str) -> None:
        self.page.goto(self.school.url + path)

    def sign_in(self, role: Role = Role.HEADTEACHER) -> None:
        """The window holds the cookie of somebody who typed a code earlier."""
        person = self.school.signed_in(role)
        self.window.add_cookies(
            [
                {"name": one.name, "value": one.value or "", "url": self.school.url}
                for one in person.session.cookies
            ]
        )

    def sign_out(self) -> None:
        self.window.clear_cookies()

    def press(self, name: str) -> None:
        """Press the first button of this name, as a mouse does."""
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def follow_link(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def send_unchecked(self) -> None:
        """From now on the browser sends forms as they are, as an old one would: the server must say what is wrong."""
        self.page.evaluate("document.querySelectorAll('form').forEach(form => { form.noValidate = true })")

    def wait(self, **span: float) -> None:
        self.clock.wait(**span)
        self.school.now = self.clock()

    def set(self, **values: object) -> None:
        """Change what the page was given when it started."""
        for name, value in values.items():
            object.__setattr__(self.school.page, name, value)

    def networks_to_sign_in_at(self, *names: str) -> list[Site]:
        """Invented networks that families may sign in at; they stop when the place closes."""
        sites = [self.stack.enter_context(site(name, self.clock)) for name in names]
        self.set(provers={one.name: one.prover(self.school.url) for one in sites})
        return sites

    def claimed(self) -> str:
        """A claim that was asked on the page and mailed; returns the path of the mail's link. Its follower is 77."""
        self.families.follow("77", "GraceOk")
        self.families.ask("grace@mail.example", "@GraceOk")
        self.families.work()
        return f"/claim/{self.families.tokens()[-1]}"


@contextmanager
def placed(
    chromium: Browser,
    folder: Path,
    clock: HandClock,
    *,
    scripts: bool = True,
    size: dict[str, int] | None = None,
) -> Iterator[Place]:
    """`scripts=False` is a browser with JavaScript switched off. The window is a phone's unless `size` says otherwise."""
    with ExitStack() as stack:
        school = stack.enter_context(
            open_school(
                folder,
                clock=clock,
                claim_networks=("x",),
                provers={},
                capabilities={"x": ACTIONS, "facebook": FACEBOOK},
                accounts={"x-main": "St Elsewhere on X", "fb-main": "St Elsewhere Primary School"},
            )
        )
        school.now = clock()
        window = chromium.new_context(viewport=size or PHONE, java_script_enabled=scripts, locale="en-GB")  # type: ignore[arg-type]
        stack.callback(window.close)
        window.set_default_timeout(15_000)
        page = window.new_page()
        place = Place(school, Families(school.store, clock), clock, window, page, stack)
        place.set(invite=partial(send_invitation, school.store, desk()))
        yield place
