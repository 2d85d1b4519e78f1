"""The safeguarding lead's walk-through: from the digest at eight to a closed case, with evidence for the police."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.domain import Role
from tests.browser.walk import walking
from tests.conftest import HandClock

pytestmark = pytest.mark.browser
APPROACH = "hey pretty, add me on snap, don't tell your mum"
ALSO = "which school do you go to cutie, dm me"
REFERENCE = "CEOP-2026-117"


def checked(pack: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Unpack it and run the check that it holds, as anybody may, with nothing of ours beside it."""
    with zipfile.ZipFile(pack) as held:
        held.extractall(folder)
    check = next(folder.rglob("verify.py"))
    return subprocess.run(
        [sys.executable, "-I", check.name],
        cwd=check.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_from_the_digest_to_the_child_protection_file(chromium, tmp_path: Path, clock: HandClock) -> None:
    with walking(chromium, tmp_path, clock) as walk:
        clock.now = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
        walk.turn()
        graph = walk.built.graph
        someone = graph.add_person("Robin Markersdottir")
        comment = graph.add_comment(walk.built.page_post, someone, APPROACH, media=True)
        graph.add_comment(walk.built.page_post, someone, ALSO)
        walk.turn(minutes=11)
        alert = next(mail for mail in walk.mails(Role.DSL) if "SK-0001" in str(mail.message["Subject"]))
        assert "Copied 17:11; its text only, pictures are never copied" in (alert.body("plain") or "")
        clock.now = datetime(2026, 11, 24, 7, 50, tzinfo=UTC)
        walk.turn()
        walk.turn()  # its reminder, too
        walk.all_read()
        walk.turn(minutes=11)
        digest = walk.new_mail(Role.DSL)
        assert str(digest.message["Subject"]) == "DIGEST · Tue 24 Nov · 2 waiting"
        assert APPROACH not in (digest.body("plain") or "")

        lead = walk.person(Role.DSL)
        lead.open_link(digest)
        lead.type_code()
        lead.page.get_by_role("link", name="SK-0001").click()
        lead.sees("Possible approach to a child", "Pictures and videos are never copied.")
        lead.sees("Do not open, copy, save, print or forward any picture")
        lead.sees("May seek private contact with a child", "grooming.secret")  # why
        lead.sees("SK-0002", "Two events or more may be a course of conduct")  # what else by this account
        lead.sees(
            "Posted, as Facebook says.", "Copied and sealed (copy 1).", "Told: the headteacher, by mail."
        )
        lead.does_not_see(APPROACH)
        lead.unfold("Reveal")
        lead.sees(APPROACH, "It answers", "Sports day is on Friday.")

        lead.unfold("CEOP Safety Centre")
        lead.sees("What they ask", "Who it happened to", "What you know about the suspect")
        block = lead.page.locator("#block-ceop").input_value()
        for line in ("Our reference: SK-0001", f"Its number there: {comment}", someone, "SHA-256"):
            assert line in block
        assert APPROACH not in block
        lead.page.locator("#ref-ceop").fill(REFERENCE)
        lead.page.locator("#at-ceop ~ button").click()
        lead.sees("CEOP Safety Centre. 08:01. Reference CEOP-2026-117")
        lead.sees("Schoolgate looks again at 09:01 and Thu 26 Nov, 08:01.")

        with lead.page.expect_download() as taken:
            lead.press("Download everything as one ZIP")
        assert taken.value.suggested_filename.startswith("SK-0001")
        pack = tmp_path / "pack.zip"
        taken.value.save_as(pack)
        check = checked(pack, tmp_path / "pack")
        assert (check.returncode, check.stderr) == (0, "")
        assert "1 piece of evidence and the audit log's part hold" in check.stdout

        walk.turn(hours=2)
        graph.delete(comment)  # CEOP or the network has taken it away
        walk.turn(hours=46, minutes=1)
        lead.open_link(digest)
        walk.all_read()
        lead.type_code()
        lead.page.get_by_role("link", name="SK-0001").click()
        lead.sees("looked again, it is public", "looked again, Facebook no longer has it")

        lead.unfold("Close the case")
        lead.page.get_by_label("Outcome").select_option(label="Transferred to the child-protection file")
        lead.page.get_by_label("What was done, and why").fill("Told CEOP; spoke with the family.")
        lead.press("Close the case")
        lead.sees("transferred to the child-protection file", "Told CEOP; spoke with the family")
        lead.unfold("Text to paste into CPOMS")
        notes = lead.page.get_by_label("Text to copy").input_value()
        for line in ("SK-0001", REFERENCE, "Transferred to the child-protection file", "Told CEOP"):
            assert line in notes
        assert APPROACH not in notes
