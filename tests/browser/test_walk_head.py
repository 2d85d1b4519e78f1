"""The headteacher's walk-through: a phone, thirty seconds between meetings."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.domain import Role
from tests.browser.walk import Person, Walk, walking
from tests.conftest import HandClock
from tests.school import PRAISE, THREAT

pytestmark = pytest.mark.browser
SLUR = "Send all those pakis home"  # critical, to the headteacher alone
COMPLAINT = "I want to make a formal complaint, nobody at this school answers our letters"
LEAD = "the designated safeguarding lead"


def noon(clock: HandClock) -> None:
    clock.now = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)


def alerted(walk: Walk, text: str = THREAT) -> tuple[str, Person]:
    """(the comment's id, the head on the page of its case) for the first time."""
    comment = walk.built.says_on_facebook(text)
    walk.turn(minutes=11)
    head = walk.person(Role.HEADTEACHER)
    head.open_link(walk.new_mail(Role.HEADTEACHER))
    head.type_code(remember=True)
    return comment, head


def test_a_threat_after_assembly(chromium, tmp_path: Path, clock: HandClock) -> None:
    with walking(chromium, tmp_path, clock) as walk:
        noon(clock)
        comment = walk.built.says_on_facebook(THREAT)
        walk.turn(minutes=11)
        mail = walk.new_mail(Role.HEADTEACHER)
        assert str(mail.message["Subject"]) == "NEW · ACT NOW · SK-0001 · possible threat · Facebook"
        said = mail.body("plain") or ""
        assert "✔ Copied 12:41" in said
        assert "Not hidden yet; still public" in said
        assert "Reported to you, first of 2" in said
        assert f"Also told: {LEAD}." in said
        assert "If nobody answers by 12:56, it goes to the deputy headteacher." in said
        assert THREAT not in said

        head = walk.person(Role.HEADTEACHER)
        head.open_link(mail)
        head.does_not_see("threat", "SK-0001")  # whoever holds the link alone learns nothing
        head.type_code(remember=True)
        head.sees("SK-0001", "Copied at 12:41", "Still public", f"Mailed to the headteacher and {LEAD}.")
        head.does_not_see(THREAT)
        head.unfold("Reveal")
        head.sees(THREAT)
        head.press("Hide it")
        walk.turn()
        assert walk.built.graph.is_hidden(comment)
        head.page.reload()
        head.sees("Hidden at 12:41", "author", "still see it", "You can take it back until 12:51")
        walk.turn(minutes=20)  # somebody answered: nobody else is mailed, and the head hears nothing more
        assert walk.mails(Role.DEPUTY) == []
        walk.no_new_mail(Role.HEADTEACHER)


def test_the_next_alert_is_a_tap_and_a_tap_and_goes_to_the_safeguarding_lead(
    chromium, tmp_path: Path, clock: HandClock
) -> None:
    with walking(chromium, tmp_path, clock) as walk:
        noon(clock)
        _, head = alerted(walk)
        head.press("Hide it")
        walk.turn()
        clock.now = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # the Monday after: signed out long ago
        walk.turn()
        walk.all_read()
        comment = walk.built.says_on_facebook(SLUR)
        walk.turn(minutes=11)
        head.open_link(walk.new_mail(Role.HEADTEACHER))
        head.press("Open case")  # no code: this device is remembered
        head.sees("SK-0002", "Mailed to the headteacher.", "SK-0001")  # and what came of this account before
        head.does_not_see(SLUR)
        head.unfold("Reveal")
        head.sees(SLUR)
        head.press("Hide it")
        walk.turn()
        assert walk.built.graph.is_hidden(comment)
        head.page.reload()
        head.press(f"Hand it to {LEAD}")
        walk.turn(minutes=1)
        assert "UPDATED" in str(walk.new_mail(Role.DSL).message["Subject"])
        head.page.reload()
        head.sees(f"Mailed to the headteacher and {LEAD}.")
        walk.no_new_mail(Role.HEADTEACHER)

        lead = walk.person(Role.DSL)
        lead.open_link(walk.mails(Role.DSL)[-1])
        lead.type_code()
        lead.unfold("Police, 101")
        lead.press("I told them")
        with lead.page.expect_download():
            lead.press("Download everything as one ZIP")
        clock.now = datetime(2026, 11, 24, 8, 1, tzinfo=UTC)
        walk.turn()
        digest = walk.new_mail(Role.HEADTEACHER)
        assert "DIGEST" in str(digest.message["Subject"])
        line = " ".join((digest.body("plain") or "").split())
        assert f"told outside the school by {LEAD}, evidence pack made, author has 1 earlier case" in line
        assert SLUR not in line


def test_had_nobody_answered_in_fifteen_minutes_the_deputy_is_mailed(
    chromium, tmp_path: Path, clock: HandClock
) -> None:
    with walking(chromium, tmp_path, clock) as walk:
        noon(clock)
        _, head = alerted(walk)
        head.sees("If nobody presses “I’m on it” by 12:56, the deputy headteacher is told too.")
        walk.turn(minutes=14)
        assert walk.mails(Role.DEPUTY) == []
        walk.turn(minutes=2)
        walk.turn()
        mail = walk.new_mail(Role.DEPUTY)
        assert str(mail.message["Subject"]).startswith("ESCALATED · ACT NOW · SK-0001")
        deputy = walk.person(Role.DEPUTY)
        deputy.open_link(mail)
        deputy.type_code()
        deputy.press("I’m on it")
        deputy.sees("The deputy headteacher is on it")
        head.page.reload()
        head.sees("The deputy headteacher is on it since 12:57", "Speak to them before you do something too.")


def test_what_was_hidden_can_be_taken_back_for_ten_minutes(
    chromium, tmp_path: Path, clock: HandClock
) -> None:
    with walking(chromium, tmp_path, clock) as walk:
        noon(clock)
        comment, head = alerted(walk)
        head.press("Hide it")
        walk.turn()
        assert walk.built.graph.is_hidden(comment)
        walk.turn(minutes=9)
        head.page.reload()
        head.press("Undo")
        walk.turn()
        assert not walk.built.graph.is_hidden(comment)
        head.page.reload()
        head.sees("Still public")
        head.press("Hide it")
        walk.turn()
        walk.turn(minutes=11)
        head.page.reload()
        assert not head.page.get_by_role("button", name="Undo", exact=True).count()
        head.press("Show it again")  # later it is a decision of its own
        walk.turn()
        assert not walk.built.graph.is_hidden(comment)


def test_fair_criticism_is_answered_and_never_hidden(chromium, tmp_path: Path, clock: HandClock) -> None:
    with walking(chromium, tmp_path, clock) as walk:
        clock.now = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)  # after Monday's digest and the week's page
        walk.turn()
        walk.all_read()
        walk.built.says_on_facebook(PRAISE)
        walk.built.says_on_facebook(COMPLAINT)
        walk.turn(minutes=11)
        walk.no_new_mail(Role.HEADTEACHER)  # it interrupts nobody
        clock.now = datetime(2026, 11, 24, 8, 1, tzinfo=UTC)
        walk.turn()
        head = walk.person(Role.HEADTEACHER)
        head.open_link(walk.new_mail(Role.HEADTEACHER))
        head.type_code()
        head.page.get_by_role("link", name="Complaint").click()
        head.unfold("Reveal")
        head.sees(COMPLAINT, "A reply you may use", "Schoolgate never answers for you")
        assert "complaints procedure" in head.page.get_by_label("In public").input_value()
        head.does_not_see("Hide", "Delete", "Report it", "Act against the account")
