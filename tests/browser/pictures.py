"""Every picture of docs/images: `python -m tests.browser.pictures [NAME ...]` takes them anew, mails and pages on a phone's screen.

The printed sheet is set by Typst at twice a phone's width. All people and texts are invented.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import typst

import alerts.pdf
from alerts.export.sheets import Frame, copy_sheet
from monitor.domain import Author, Role
from monitor.evidence import EVIDENCE
from monitor.tables import EvidenceRow
from tests.alerts.all_mails import KINDS
from tests.alerts.mails import part
from tests.alerts.page_school import open_school
from tests.browser.conftest import NAMES, started
from tests.browser.place import Place, placed
from tests.browser.scenes import claim_empty
from tests.browser.scenes_followers import approved, people
from tests.browser.scenes_watching import watched
from tests.conftest import HandClock

if TYPE_CHECKING:
    from playwright.sync_api import Browser

IMAGES = Path(__file__).parents[2] / "docs" / "images"
SCREEN = {"width": 390, "height": 1080}
SHEET = 780 / (210 / 25.4)  # dots an inch: A4 in twice a phone's width
HEAVIEST = 150_000  # bytes of one picture
SAID = "Mr Quillfeather wants watching. Somebody is going to wait for him at the gate tomorrow, he will not walk home."


def case(place: Place) -> None:
    ref = place.school.case(SAID, found="Somebody is going to wait for him at the gate tomorrow")
    place.sign_in()
    place.go(f"/case/{ref}")


def cases(place: Place) -> None:
    school = place.school
    for number, category, severity, minutes in (
        (1, "discrimination.race", 3, 900),
        (2, "complaint", 1, 600),
        (3, "insult", 2, 240),
        (4, "identifying.whereabouts", 3, 60),
        (5, "threat", 4, 9),
    ):
        school.now = place.clock() - timedelta(minutes=minutes)
        author = Author(f"u{number}", f"account_{number}", "")
        school.case(SAID, category=category, severity=severity, number=number, author=author)
    school.now = place.clock()
    school.signed_in().choose("SM-0001", "acknowledge")
    place.sign_in()
    place.go("/cases")


def coverage(place: Place) -> None:
    place.school.case()  # so that there is a newest item
    watched(place)
    place.set(accounts={"fb-main": "St Elsewhere Primary School"}, networks={"fb-main": "facebook"})
    place.sign_in(Role.IT)
    place.go("/coverage")


def followers(place: Place) -> None:
    people(place, "ReadingBus", "bot_8472", "typed_grace")
    approved(place, "ReadingBus")
    place.set(public_url="https://gate.st-elsewhere.example")
    place.go("/followers")


PAGES: dict[str, Callable[[Place], None]] = {
    "case": case,
    "cases": cases,
    "coverage": coverage,
    "followers": followers,
    "claim": claim_empty,
}
MAILS = {"alert": "alert", "closed": "closed", "digest": "digest-office", "weekly": "digest-weekly"}


def page(chromium: Browser, drive: Callable[[Place], None]) -> bytes:
    with TemporaryDirectory() as folder, placed(chromium, Path(folder), HandClock(), size=SCREEN) as place:
        drive(place)
        return place.page.screenshot()


def mail(chromium: Browser, kind: str) -> bytes:
    window = chromium.new_context(viewport=SCREEN, locale="en-GB")  # type: ignore[arg-type]
    try:
        shown = window.new_page()
        shown.set_content(part(KINDS[kind](), "html"))
        height: int = shown.evaluate("Math.ceil(document.body.getBoundingClientRect().height)")
        return shown.screenshot(
            clip={"x": 0, "y": 0, "width": SCREEN["width"], "height": min(height, SCREEN["height"])}
        )
    finally:
        window.close()


def sheet() -> bytes:
    """The first page of a case's printed evidence."""
    with TemporaryDirectory() as folder, open_school(Path(folder)) as school:
        ref = school.case(SAID)
        kept = school.rows(EvidenceRow)[0]
        copy = json.loads(school.store.vault.unseal(kept.sealed, EVIDENCE))
        name, zone = "St Elsewhere Primary School", school.page.timezone
        frame = Frame(
            ref, name, name, zone, (41, hashlib.sha256(b"41").hexdigest()), school.now, withheld=False
        )
        values = copy_sheet(
            frame, copy, number=1, of=1, sha256=kept.sha256, name="evidence/item-1.json", done=[]
        )
        templates = Path(alerts.pdf.__file__).parent / "templates" / "pdf"
        data = alerts.pdf.showable(values) | {"made": school.now.isoformat()}
        made = typst.compile(
            templates / "evidence.typ",
            root=templates,
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            format="png",
            ppi=SHEET,
            ignore_system_fonts=True,
        )
    return made if isinstance(made, bytes) else made[0]


def taken(chromium: Browser, name: str) -> bytes:
    """The PNG of one picture; a ValueError where none has this name."""
    if name in PAGES:
        return page(chromium, PAGES[name])
    if name in MAILS:
        return mail(chromium, MAILS[name])
    if name == "evidence":
        return sheet()
    raise ValueError(f"there is no picture {name}; there are {', '.join(NAMED)}")


NAMED = (*MAILS, *PAGES, "evidence")


def main(names: list[str]) -> int:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        sys.stderr.write("Chromium is not installed; on Debian: apt install chromium\n")
        return 1
    with started(path) as chromium:
        for name in names or NAMED:
            shot = taken(chromium, name)
            if len(shot) > HEAVIEST:
                sys.stderr.write(f"{name}.png would be {len(shot)} bytes; at most {HEAVIEST}\n")
                return 1
            (IMAGES / f"{name}.png").write_bytes(shot)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
