"""What a window asked for, what it weighed and what it complained of, and what must hold of the page that it shows."""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page, Request, Response

HEAVIEST = 100_000  # bytes of one page with all that it loads
NARROWEST = 320  # CSS pixels: a page of 1280 at 400 %, WCAG 2.2, 1.4.10
LOOKS = {
    "phone": ((390, 844), "light"),
    "phone, dark": ((390, 844), "dark"),
    "desktop": ((1280, 900), "light"),
    "desktop, dark": ((1280, 900), "dark"),
    "narrowest": ((NARROWEST, 640), "light"),
}
# beside what axe-core does by default: WCAG 2.2's 2.5.8, which it leaves off
_MORE = {"target-size": {"enabled": True}}
_HEADINGS = "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(one => +one.tagName[1])"
_WIDTHS = """() => {
  const wide = document.documentElement.clientWidth;
  return document.documentElement.scrollWidth <= wide ? [] : [...document.querySelectorAll('body *')]
    .filter(one => one.getBoundingClientRect().right > wide + 1)
    .map(one => `${one.tagName.toLowerCase()}.${one.className} ${(one.textContent || '').trim().slice(0, 40)}`);
}"""


class Seen:
    """Listens to one window's page from its beginning."""

    def __init__(self, page: Page, home: str) -> None:
        self.page, self.home = page, home
        self.elsewhere: list[str] = []
        self.complaints: list[str] = []
        self.answers: list[Response] = []
        page.on("request", self._asked)
        page.on("response", self._answered)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _asked(self, request: Request) -> None:
        if request.url.startswith(("data:", "about:")) or request.url.startswith(self.home + "/"):
            return
        self.elsewhere.append(request.url)

    def _answered(self, answer: Response) -> None:
        self.answers.append(answer)

    def _said(self, message: ConsoleMessage) -> None:
        # what every browser notes of a page that answers 404 or 403 on purpose; a missing style sheet is none
        own_status = "Failed to load resource" in message.text and message.location["url"] == self.page.url
        if message.type in {"error", "warning"} and not own_status:
            self.complaints.append(f"{message.text} ({message.location['url']})")

    def weight(self) -> int:
        """Bytes of the page that is shown, with all that it loaded."""
        own = [answer for answer in self.answers if answer.url.startswith(self.home + "/")]
        last = max(number for number, answer in enumerate(own) if answer.request.is_navigation_request())
        return sum(answer.request.sizes()["responseBodySize"] for answer in own[last:])


def problems(seen: Seen, *, pages: bool = True) -> list[str]:
    """Everything that is wrong with what the window shows now, in every look; empty when nothing is.

    With `pages` also what holds of our pages and not of a mail: their parts, their headings, the Tab key's way.
    """
    page, found = seen.page, []
    page.wait_for_load_state("load")  # with its style sheet
    if pages:
        found += _made_wrong(page)
        found += _way_of_the_tab_key(page)
        if (weight := seen.weight()) > HEAVIEST:
            found.append(f"the page weighs {weight} bytes")
    in_looks: dict[str, list[str]] = {}
    for look, (size, scheme) in LOOKS.items():
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for one in _as_it_looks(page, pages=pages, folded=look == next(iter(LOOKS))):
            if look not in in_looks.setdefault(one, []):
                in_looks[one].append(look)
    found += [f"{one} ({'; '.join(looks)})" for one, looks in in_looks.items()]
    found += [f"asked for {address}" for address in seen.elsewhere]
    found += [f"the console says: {one}" for one in seen.complaints]
    return list(dict.fromkeys(found))


def _as_it_looks(page: Page, *, pages: bool, folded: bool) -> Iterator[str]:
    """What is wrong in this look, with everything unfolded; with `folded` also as it was found."""
    if folded:
        yield from _against_axe(page, pages=pages)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    yield from _against_axe(page, pages=pages)
    yield from (f"wider than the window: {one}" for one in wider(page))


def wider(page: Page) -> list[str]:
    """What reaches beyond the window's right edge; empty when nobody has to scroll sideways."""
    found: list[str] = page.evaluate(_WIDTHS)
    return found


def _made_wrong(page: Page) -> list[str]:
    found = []
    if page.locator("script").count():
        found.append("there is a script")
    levels = page.evaluate(_HEADINGS)
    if levels[:1] != [1] or levels.count(1) != 1:
        found.append(f"not one h1 before all other headings: {levels}")
    found += [f"h{after} follows h{before}" for before, after in pairwise(levels) if after > before + 1]
    return found


_STOP = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const box = one.getBoundingClientRect(), look = getComputedStyle(one);
  const name = `${one.tagName.toLowerCase()} ${(one.innerText || one.name || one.id || '').trim().slice(0, 40)}`;
  one.dataset.stopped = 'yes';
  const wrong = [];
  if (look.outlineStyle === 'none' || parseFloat(look.outlineWidth) < 2) wrong.push('its focus cannot be seen');
  if (box.bottom < 1 || box.top > innerHeight - 1 || box.right < 1 || box.left > innerWidth - 1 || !box.width)
    wrong.push('it is outside the window');
  return [name, wrong];
}"""
_LEFT_OUT = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter(one => one.type !== 'hidden' && one.checkVisibility() && !one.dataset.stopped)
  .filter(one => one.type !== 'radio' || ![...document.querySelectorAll('input[type=radio]')]
    .some(other => other.name === one.name && other.dataset.stopped))
  .map(one => one.outerHTML.slice(0, 80))"""
MOST_STOPS = 400


def _way_of_the_tab_key(page: Page) -> list[str]:
    """Tab reaches everything that can be pressed or filled in, one after the other, each to be seen, and leaves."""
    page.evaluate("document.activeElement.blur(); window.getSelection().removeAllRanges(); scrollTo(0, 0)")
    found, ends = [], 0
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop: tuple[str, list[str]] | None = page.evaluate(_STOP)
        if stop is None:
            ends += 1
            if ends == 2:  # the first time round began where the focus was
                break
            continue
        name, wrong = stop
        found += [f"Tab to {name}: {one}" for one in wrong]
    else:
        found.append("the Tab key never comes to an end")
    return found + [f"the Tab key does not reach {one}" for one in page.evaluate(_LEFT_OUT)]


@cache
def _axe() -> str:
    return importlib.resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


# A mail is shown inside the mail program's own page: the landmarks are that page's, and a second main would be wrong.
NOT_IN_MAILS = {"region", "landmark-one-main"}


def _against_axe(page: Page, *, pages: bool) -> list[str]:
    """axe-core's violations: rule, place and cure."""
    page.evaluate(_axe())
    rules = dict(_MORE)
    if not pages:
        rules |= {rule: {"enabled": False} for rule in NOT_IN_MAILS}
    result: dict[str, Any] = page.evaluate("options => axe.run(document, options)", {"rules": rules})
    return [
        f"{one['impact']} {one['id']} at {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for one in result["violations"]
        for node in one["nodes"]
    ]


def path_of(page: Page) -> str:
    parts = urlsplit(page.url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
