"""docs/pages.md shows every mail and every page, and each picture is shown somewhere."""

from __future__ import annotations

import re
from pathlib import Path

from tests.alerts.route_table import ROUTES

ROOT = Path(__file__).parents[1]
SHOWN = (ROOT / "docs" / "pages.md").read_text("utf-8")
ROWS = {one.strip("`") for one in re.findall(r"^\| (?!---)(.+?) \|", SHOWN, re.MULTILINE)}
MAILS = {  # what the page calls the mail of each template
    "alert": "NEW",
    "reminder": "REMINDER 2",
    "escalation": "escalation",
    "group": "several cases",
    "closed": "CLOSED",
    "digest": "DIGEST",
    "code": "code",
    "device": "device",
    "answer": "answer",
    "claim": "claim",
    "invitation": "invitation",
    "operations": "OPERATIONS",
    "test": "TEST",
}
NO_PAGES = {  # addresses that send on, or give a file
    "/case/…/copy/…",
    "/case/…/given/…",
    "/sign-in/with/…/back",
    "/claim/with/…/back",
}


def test_a_picture_is_small_as_wide_as_a_phone_and_shown():
    shots = sorted((ROOT / "docs" / "images").iterdir())
    assert shots
    for shot in shots:
        assert shot.suffix == ".png"
        head = shot.read_bytes()
        assert head.startswith(b"\x89PNG")
        assert len(head) <= 150_000
        assert int.from_bytes(head[16:20]) in {390, 780}
        assert f"(images/{shot.name})" in SHOWN, "nobody shows it"


def test_every_mail_has_its_sentence():
    templates = {path.stem for path in (ROOT / "alerts" / "templates" / "mail").glob("*.subject")}
    assert templates == MAILS.keys()
    assert set(MAILS.values()) - ROWS == set()


def test_every_page_has_its_sentence():
    addresses = {
        re.sub(r"\{[^}]+\}", "…", path) for name in ROUTES if (path := name.removeprefix("GET ")) != name
    }
    pages = {one for one in addresses if not one.startswith("/static/")} - NO_PAGES
    assert pages
    assert pages - ROWS == set()
