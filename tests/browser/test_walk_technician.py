"""The technician's walk-through: set up, look, drill; an access that ends and is mended. No content is theirs."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor.app import utc_now
from monitor.domain import Role
from tests.browser.walk import Person, Walk, walking
from tests.conftest import HandClock
from tests.school import INSULT, ROOT, address

if TYPE_CHECKING:
    from monitor.sandbox.mailbox import Mail

pytestmark = pytest.mark.browser
ANSWERS = (
    *("Elm Primary School", "EP", "", "school.example"),
    *("A. Head", "head@school.example", "A. Lead", "dsl@school.example", ""),
    *("An Office", "office@school.example", "A. Technician", "it@school.example", "", ""),
    *("smtp.school.example", "", "alerts@school.example", ""),
    *("https://gate.school.example", "@ElmExample", "token-of-x", ""),
)


def said(mail: Mail) -> str:
    return " ".join((mail.body("plain") or "").split())


def in_words(told: subprocess.CompletedProcess[str]) -> str:
    return " ".join((told.stdout + told.stderr).split())


def titled(walk: Walk, role: Role, what: str) -> list[Mail]:
    return [one for one in walk.mails(role) if what in str(one.message["Subject"])]


def signed_in(walk: Walk) -> Person:
    """With a code: a technician gets no alert, whose link would be the way in."""
    walk.all_read()
    it = walk.person(Role.IT)
    it.page.goto(walk.built.page)
    it.page.get_by_label("E-mail address").fill(address(Role.IT))
    it.type_code()
    return it


def test_questions_become_a_configuration_that_is_checked_and_looked_at(tmp_path: Path) -> None:
    target = tmp_path / "config.toml"

    def schoolgate(*words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("SCHOOLGATE_")}
        return subprocess.run(
            [sys.executable, "-m", "monitor", *words],
            cwd=ROOT, env=kept, input=typed, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    asked = schoolgate("init", str(target), typed="\n".join(ANSWERS) + "\n")
    assert asked.returncode == 0, asked.stderr
    assert "Next: schoolgate check-config --online" in in_words(asked)
    assert "token-of-x" not in target.read_text() + in_words(asked)
    assert target.stat().st_mode & 0o777 == 0o600
    assert schoolgate("init", str(target)).returncode != 0  # what is there is never written over
    checked = schoolgate("check-config", "--config", str(target))
    assert (checked.returncode, in_words(checked)) == (0, "The configuration is right: 1 account.")


def test_a_drill_says_how_long_the_head_took(chromium, tmp_path: Path) -> None:
    clock = HandClock(utc_now())  # the commands are processes of their own, with a true clock
    with walking(chromium, tmp_path, clock) as walk:
        assert walk.built.run("check-config").returncode == 0
        looked = in_words(walk.built.run("doctor"))
        assert "Facebook accepts the Page token" in looked
        assert "The server takes mail for this address" in looked
        assert "it is not running" in looked  # the walk takes its turns by hand
        asked = walk.built.run("drill", "--category", "threat", "--at-night")
        assert asked.returncode == 0, asked.stderr
        walk.all_read()
        walk.turn(minutes=1)
        mail = walk.new_mail(Role.HEADTEACHER)
        assert str(mail.message["Subject"]).startswith("DRILL · NEW · ACT NOW · SK-0001")
        assert "THIS IS A DRILL" in said(mail)
        head = walk.person(Role.HEADTEACHER)
        head.open_link(mail)
        head.type_code()
        head.sees("DRILL: nobody wrote this")
        walk.turn(minutes=2)
        head.press("I’m on it")
        head.sees("The headteacher is on it")
        walk.turn(minutes=16)
        assert walk.mails(Role.DEPUTY) == []
        report = in_words(walk.built.run("drill", "report"))
        assert "threat" in report
        it = signed_in(walk)
        it.page.goto(f"{walk.built.page}/more")
        it.sees("Drill")
        it.page.goto(f"{walk.built.page}/drill")
        it.sees("SK-0001", "ossible threat")
        it.does_not_see("stab", "hurt")


def test_a_revoked_access_is_told_mended_and_caught_up(chromium, tmp_path: Path, clock: HandClock) -> None:
    with walking(chromium, tmp_path, clock) as walk:
        walk.turn(minutes=11)
        walk.built.graph_faults.arm("revoked_token", times=None)
        walk.turn(minutes=11)
        for role in (Role.IT, Role.ESAFETY):
            (mail,) = titled(walk, role, "Facebook not watched")
            assert "comments, own posts and visitors’ posts are not being read" in said(mail)
            assert "put a new Page token in the configuration" in said(mail)
        it = signed_in(walk)
        it.page.goto(f"{walk.built.page}/coverage")
        it.sees("To be mended", "put a new Page token in the configuration")
        it.sees("comments, own posts and visitors’ posts are not being read")
        walk.built.says_on_facebook(INSULT)
        walk.turn(minutes=90)
        it.page.reload()
        it.sees("not watched since")
        walk.built.graph_faults.clear()
        walk.turn(minutes=61)
        for role in (Role.IT, Role.ESAFETY):
            assert len(titled(walk, role, "not watched")) == 1
            (mail,) = titled(walk, role, "Facebook watched again")
            assert "Read late 1 comment, mention or post" in said(mail)
        assert titled(walk, Role.HEADTEACHER, "possible insult · Facebook")
        it.page.reload()
        it.does_not_see("To be mended", "since")
        it.sees("not watched 09:11–11:53")
        it.does_not_see("own posts not read")
        pages = [it.page.content()]
        for path in ("more", "cases", "audit", "digests", "settings-check", "followers", "case/SK-0001"):
            it.page.goto(f"{walk.built.page}/{path}")
            it.sees()
            pages.append(it.page.content())
        pages += [one.body(kind) or "" for one in walk.mails(Role.IT) for kind in ("plain", "html")]
        for page in pages:
            for word in ("useless", "idiots", "Markersdottir", "possible insult"):
                assert word not in page, (word, page)
        walk.turn(minutes=11)
        clock.now = datetime(2026, 11, 23, 8, 1, tzinfo=UTC)
        walk.turn()
        digest = said(titled(walk, Role.ESAFETY, "DIGEST")[-1])
        assert "StMarksExample on Facebook: watched again" in digest
        assert "not watched Fri 20 Nov, 09:11 to 11:53" in digest
