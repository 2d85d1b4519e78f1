"""A person with a browser, for the demo and the whole-day tests: reads a mail, taps its link, types the code, decides.

It knows only what a person sees: the mails in the mailbox and the forms on the pages. No script, no database.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

from monitor.errors import MonitorError
from monitor.sandbox.mailbox import Mail, Mailbox

_TIMEOUT = 10.0


@dataclass
class Form:
    """One form as it stands on a page: where it goes, and what is in it already."""

    action: str
    values: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.found.append(Form(given.get("action") or ""))
        elif tag in {"input", "textarea", "select"} and self.found and given.get("name"):
            self.found[-1].values[str(given["name"])] = given.get("value") or ""


def forms_of(html: str) -> list[Form]:
    """The forms of a page, in order."""
    parser = _Forms()
    parser.feed(html)
    return parser.found


def link_in(mail: Mail) -> str:
    """The one link of a mail, as its reader would tap it. MonitorError when there is none."""
    found = re.search(r"https?://\S+/c/\S+", mail.body("plain") or "")
    if found is None:
        raise MonitorError("this mail holds no link to a case")
    return found[0]


def code_in(mail: Mail) -> str | None:
    """The eight figures of a sign-in mail; None in any other."""
    found = re.search(r"^\s*(\d{4}) ?(\d{4})\s*$", mail.body("plain") or "", re.MULTILINE)
    return found[1] + found[2] if found else None


class DemoPerson:
    """One reviewer: an address, and a browser that keeps its cookies.

    `deliver` sends what waits in the outbox, as the running service would; `page` is the page's address.
    """

    def __init__(self, address: str, mailbox: Mailbox, page: str, deliver: Callable[[], object]) -> None:
        self.address = address
        self.mailbox = mailbox
        self.page = page
        self.deliver = deliver
        self.browser = requests.Session()
        self.browser.trust_env = False

    def sign_in_through(self, mail: Mail) -> requests.Response:
        """Tap the mail's link, ask for a code, read it in the newest mail, type it. Returns the page that opens."""
        opened = self._get(link_in(mail))
        asked = self._submit(opened, "/code")
        self.deliver()
        code = next(
            (found for mail in reversed(self.mailbox.to(self.address)) if (found := code_in(mail))), None
        )
        if code is None:
            raise MonitorError("no sign-in code came")
        return self._submit(asked, "/sign-in", code=code)

    def decide(self, ref: str, choice: str, **fields: str) -> requests.Response:
        """Press the button for `choice` on the page of case `ref`. MonitorError when the page offers no such button."""
        path = f"/case/{ref}/delete" if choice == "delete" else f"/case/{ref}"
        shown = self._get(urljoin(self.page, path))
        return self._submit(shown, "/decide", choice=choice, **fields)

    def sees(self, ref: str) -> str:
        """The page of a case, as HTML."""
        return self._get(urljoin(self.page, f"/case/{ref}")).text

    def _get(self, url: str) -> requests.Response:
        answer = self.browser.get(url, timeout=_TIMEOUT)
        answer.raise_for_status()
        return answer

    def _submit(self, shown: requests.Response, ending: str, **fields: str) -> requests.Response:
        wanted = fields.get("choice")
        for form in forms_of(shown.text):
            if form.action.endswith(ending) and wanted in {None, form.values.get("choice")}:
                origin = "/".join(shown.url.split("/")[:3])
                answer = self.browser.post(
                    urljoin(shown.url, form.action),
                    data=form.values | fields,
                    headers={"Origin": origin},
                    timeout=_TIMEOUT,
                )
                answer.raise_for_status()
                return answer
        raise MonitorError(f"the page offers no {wanted or ending} button")
