"""docs/pages.md shows every mail and every page, and each picture is shown somewhere."""

from __future__ import annotations

import re
from pathlib import Path

from tests.alerts.route_table import NO_PAGES, ROUTES

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
    "holds": "HOLDS",
    "operations": "OPERATIONS",
    "test": "TEST",
}
SENDS_BACK = "GET /sign-in/with/{name}/back"  # people come to it from elsewhere only


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
    names = {name for name in ROUTES if name.startswith("GET ")} - NO_PAGES - {SENDS_BACK}
    assert names
    assert {re.sub(r"\{[^}]+\}", "…", name.removeprefix("GET ")) for name in names} - ROWS == set()
