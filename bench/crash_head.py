"""A headteacher while the service is being killed: opens what comes, signs in, removes. What the page said is done counts.

It knows what a person sees: mails, pages, a line that went dead.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import requests

from monitor.demo.person import DemoPerson, code_in, forms_of, link_in
from monitor.errors import MonitorError
from monitor.sandbox.mailbox import Mail, Mailbox

PAUSE = 0.05  # seconds between two looks
NEWEST = 30  # mails that it looks through
REF = re.compile(r"\bSK-\d+\b")


class Head(DemoPerson):
    """`removed` are the references of cases whose removal the page answered; `tried` those that need no more of it."""

    def __init__(self, address: str, mailbox: Mailbox, page: str) -> None:
        super().__init__(address, mailbox, page, lambda: None)
        self.removed: set[str] = set()
        self.tried: set[str] = set()
        self._over: Callable[[], bool] = lambda: False
        self._said: dict[
            int, str
        ] = {}  # by the mail's number: reading them again and again takes most of the time
        self._code: dict[int, str | None] = {}

    def sit(self, over: Callable[[], bool], *, most: int = 2) -> None:
        """Decide of at most so many cases until the service's life is `over`; a dead line ends it early."""
        alerts = self._alerts()
        if not alerts:
            return
        self._over = over
        try:
            self._wait_for_the_page()
            self._come_in(alerts[0])
            for mail in alerts:
                for ref in REF.findall(self._plain(mail)):
                    if not most or over():
                        return
                    if ref not in self.tried:
                        most -= self._decided(ref)
        except (requests.RequestException, TimeoutError):
            return  # the service died in the middle, or is not there yet: the next life has the same mails

    def _alerts(self) -> list[Mail]:
        """The newest first."""
        came = self.mailbox.to(self.address)[-NEWEST:]
        return [mail for mail in reversed(came) if "/c/" in self._plain(mail)]

    def _plain(self, mail: Mail) -> str:
        if mail.number not in self._said:
            self._said[mail.number] = mail.body("plain") or ""
        return self._said[mail.number]

    def _come_in(self, mail: Mail) -> None:
        """Through the mail's link: with the device that is remembered, else with a code."""
        shown = self._get(link_in(mail))
        offered = {form.action.rpartition("/")[2] for form in forms_of(shown.text)}
        if "open" in offered:
            self._submit(shown, "/open")
            return
        if "code" in offered and "sign-in" not in offered:
            had = len(self._codes())
            shown = self._submit(shown, "/code")
            while len(self._codes()) <= had:
                self._pause()
            offered.add("sign-in")
        if "sign-in" in offered and (codes := self._codes()):
            self._submit(shown, "/sign-in", code=codes[-1], remember="yes")

    def _decided(self, ref: str) -> bool:
        try:
            self.decide(ref, "remove")
        except MonitorError:  # no such button: it was stored before the line went dead, or we are signed out
            if ref in self.sees(ref):
                self.tried.add(ref)
            return False
        self.tried.add(ref)
        self.removed.add(ref)
        return True

    def _codes(self) -> list[str]:
        mails = self.mailbox.to(self.address)
        for mail in mails:
            if mail.number not in self._code:
                self._code[mail.number] = code_in(mail)
        return [code for mail in mails if (code := self._code[mail.number])]

    def _wait_for_the_page(self) -> None:
        where = urlsplit(self.page)
        while True:
            with socket.socket() as line:
                if not line.connect_ex((where.hostname or "", where.port or 0)):
                    return
            self._pause()

    def _pause(self) -> None:
        if self._over():
            raise TimeoutError
        time.sleep(PAUSE)
