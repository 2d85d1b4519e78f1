"""Mails of a drill say so first, everywhere; mails of real cases never do."""

from __future__ import annotations

import dataclasses

import pytest
from bs4 import BeautifulSoup

from alerts.compose import compose_alert, compose_digest, compose_group
from alerts.digest_drills import HOW
from alerts.render import DRILL, SUBJECT_LIMIT
from alerts.views_digest import DrillLine
from monitor.domain import Reason, Role
from monitor.drills import How
from tests.alerts.mails import LINK, alert, digest, group, part, read, stamp

REASONS = pytest.mark.parametrize(
    "reason", [Reason.FIRST, Reason.UPDATED, Reason.REMINDER, Reason.ESCALATION]
)


def words(data: bytes, kind: str) -> str:
    text = part(data, kind)
    return " ".join((BeautifulSoup(text, "html.parser").text if kind == "html" else text).split())


def test_how_every_drill_ended_has_its_words() -> None:
    assert HOW.keys() == set(How)


@REASONS
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_drills_mail_says_so_first_and_a_real_one_never(reason: Reason, kind: str) -> None:
    real = compose_alert(alert(reason=reason, reminder=1), stamp())
    drill = compose_alert(alert(reason=reason, reminder=1, drill=True), stamp())
    assert str(read(drill)["Subject"]).startswith("DRILL · ")
    assert len(str(read(drill)["Subject"])) <= SUBJECT_LIMIT
    said = words(drill, kind)
    assert DRILL in said
    assert said.index(DRILL) < said.index("Open case SM-0142")
    assert "drill" not in (str(read(real)["Subject"]) + words(real, kind)).lower()
    assert part(drill, "plain").count("https://") == 1
    assert LINK in part(drill, kind)


def test_a_group_is_a_drill_only_when_all_of_it_is() -> None:
    some = group()
    mixed = dataclasses.replace(some, rows=(dataclasses.replace(some.rows[0], drill=True), *some.rows[1:]))
    every = dataclasses.replace(
        some, crowds=(), rows=tuple(dataclasses.replace(row, drill=True) for row in some.rows)
    )
    assert not str(read(compose_group(mixed, stamp()))["Subject"]).startswith("DRILL")
    assert f"DRILL · {some.rows[0].ref}" in words(compose_group(mixed, stamp()), "plain")
    assert words(compose_group(mixed, stamp()), "plain").count("DRILL") == 1
    assert str(read(compose_group(every, stamp()))["Subject"]).startswith("DRILL · ")


@pytest.mark.parametrize("role", [Role.HEADTEACHER, Role.ESAFETY, Role.OFFICE])
def test_a_digest_has_a_line_of_its_own_for_drills(role: Role) -> None:
    line = DrillLine("SM-0150", "threat", HOW[How.ANSWERED], "6 min")
    said = words(compose_digest(digest(drills=(line,)), stamp("digest", role)), "plain")
    told = "DRILL · SM-0150 · possible threat Answered: its case was closed by a person. Somebody was on it after 6 min."
    assert (told in said) is (role is not Role.OFFICE)
