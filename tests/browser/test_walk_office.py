"""The school office's walk-through: ten minutes at nine with the digest, the followers and the records."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.domain import Role
from tests.browser.walk import Person, Walk, walking
from tests.conftest import HandClock
from tests.school import INSULT

pytestmark = pytest.mark.browser

COLUMNS = "Contact ID,Contact Forename,Contact Surname,Email\n"
KAZ = "1,Kaz,Markerson,kaz@family.example\n"
OTHERS = "".join(f"{number},Parent,Marker{number},parent{number}@family.example\n" for number in range(3, 14))
LEAVER = "2,Robin,Markersdottir,robin@family.example\n"
ALLEGATION = "Mrs Quayle was drunk in class and hit a pupil"


def said(mail) -> str:
    return " ".join((mail.body("plain") or "").split())


def digest_of(walk: Walk, role: Role = Role.OFFICE):
    digests = [one for one in walk.mails(role) if "digest" in str(one.message["Subject"]).lower()]
    walk.read[role] = len(walk.mails(role))
    return digests[-1]


def following(walk: Walk, *handles: str) -> dict[str, str]:
    numbers = {handle: walk.built.x.add_person(handle, "Anybody") for handle in handles}
    for number in numbers.values():
        walk.built.x.follow(number)
    return numbers


def claims(walk: Walk, handle: str, email: str) -> None:
    """A parent tells the school which account is theirs, and answers the mail."""
    parent = walk.person(Role.HEADTEACHER).page  # a phone; nobody signs in on it
    parent.goto(f"{walk.built.page}/claim")
    parent.get_by_label("Your account’s name there").fill(handle)
    parent.get_by_label("Your e-mail address").fill(email)
    parent.get_by_label("I agree").check()
    parent.get_by_role("button", name="Send", exact=True).click()
    walk.turn(minutes=1)
    (mail,) = walk.built.mailbox.to(email)
    (link,) = set(re.findall(r"http\S+", mail.body("plain") or ""))
    parent.goto(link)
    parent.get_by_label("Yes, this is my account").check()
    parent.get_by_role("button", name="Send my answer").click()


def chosen(office: Person, button: str, handle: str, reason: str) -> None:
    office.page.get_by_label(f"@{handle}").check()
    office.press(button)
    office.sees(f"@{handle}")
    office.page.get_by_label("Reason, kept with your name").fill(reason)


def card(office: Person, handle: str) -> str:
    return " ".join(office.page.locator("li.card", has_text=f"@{handle}").first.inner_text().split())


def test_the_office_has_ten_minutes_at_nine(chromium, tmp_path: Path, clock: HandClock) -> None:
    register = (COLUMNS + KAZ + LEAVER + OTHERS).encode()
    with walking(chromium, tmp_path, clock, register=register) as walk:
        people = following(walk, "kaz_reads", "dave32457", "StMarysChurch", "robin_m")
        walk.turn(minutes=11)
        claims(walk, "@kaz_reads", "kaz@family.example")
        claims(walk, "@robin_m", "robin@family.example")
        walk.turn(minutes=11)

        clock.now = datetime(2026, 11, 23, 8, 1, tzinfo=UTC)  # Monday, and the digest
        walk.turn()
        mail = digest_of(walk)
        text = said(mail)
        assert "✔ @kaz_reads · X · confirmed from an e-mail address on the register" in text
        office = walk.person(Role.OFFICE)
        office.open_link(mail)
        office.type_code()
        office.page.goto(f"{walk.built.page}/followers")
        office.sees("@dave32457", "@StMarysChurch", "Verified")
        office.unfold("Who is verified")
        assert "Verified: confirmed from an e-mail address on the register, Fri 20 Nov" in card(
            office, "kaz_reads"
        )

        chosen(office, "Approve as organisations", "StMarysChurch", "The parish church, says the head.")
        office.page.get_by_label("Look at it again on").fill("2027-09-01")
        office.press("Approve as organisations")
        office.sees("They are approved as organisations.", "The parish church", "1 Sep 2027")

        clock.now = datetime(2026, 12, 7, 8, 1, tzinfo=UTC)
        walk.turn()
        assert "1 account has waited longer than 14 days" in said(digest_of(walk))
        office.open_link(digest_of(walk))
        office.sees("Open your list")
        office.type_code()
        office.page.goto(f"{walk.built.page}/followers")
        assert "Not verified for longer than 14 days" in card(office, "dave32457")
        chosen(office, "Turn away", "dave32457", "Nobody knows it.")
        office.press("Turn away")
        office.sees("They are turned away.", "@dave32457", "Not done yet")
        office.unfold("Remove")
        office.sees("Remove this follower")
        walk.built.x.unfollow(people["dave32457"])
        office.press("I have removed it")
        office.sees("The school office said so")
        walk.turn(minutes=11)
        office.page.reload()
        office.sees("X shows it: no longer among the followers")

        walk.built.says_on_facebook(ALLEGATION)
        walk.built.says_on_facebook(INSULT, "Sam Markerson")
        following(walk, "useless_idiots")
        walk.turn(minutes=11)
        assert walk.mails(Role.HEADTEACHER)
        clock.now = datetime(2026, 12, 8, 8, 1, tzinfo=UTC)
        walk.turn()
        pages = []
        office.open_link(digest_of(walk))
        office.type_code()
        office.page.goto(f"{walk.built.page}/more")
        office.sees("Digests")
        links = [one.get_attribute("href") for one in office.page.locator("main a").all()]
        for path in ("/", "/cases", "/followers", *links):
            office.page.goto(f"{walk.built.page}{path}")
            office.sees()
            pages.append(office.page.content())
        office.page.goto(f"{walk.built.page}/digests")
        office.page.locator("main a").first.click()
        office.sees("Digest, ")
        pages.append(office.page.content())
        pages += [one.body(kind) or "" for one in walk.mails(Role.OFFICE) for kind in ("plain", "html")]
        for page in pages:
            for word in ("drunk", "idiots", "useless", "allegation", "insult", "abuse", "SK-000"):
                assert word not in page, (word, page)

        export = tmp_path / "half-term.csv"
        export.write_text(COLUMNS + KAZ + OTHERS)
        tried = walk.built.run("register", "import", str(export), "--dry-run")
        assert tried.returncode == 0, tried.stderr
        assert "Nothing was stored" in tried.stdout
        done = walk.built.run("register", "import", str(export))
        assert done.returncode == 0, done.stderr
        assert "robin" not in (tried.stdout + done.stdout).lower()
        walk.turn(minutes=11)
        office.page.goto(f"{walk.built.page}/followers")
        office.sees("Known once, not any more")
        assert "turn the account away" in card(office, "robin_m")
        clock.now = datetime(2026, 12, 9, 8, 1, tzinfo=UTC)
        walk.turn()
        assert "KNOWN ONCE, NOT ANY MORE ○ @robin_m" in said(digest_of(walk))
