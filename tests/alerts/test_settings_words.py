from __future__ import annotations

import re
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from alerts.settings_words import sections
from connectors import account_problems
from monitor.config import Settings, load
from monitor.domain import Role
from monitor.incidents import open_incident
from monitor.settings_mail import Absence
from tests.alerts.page_school import FACEBOOK, X, open_school

TODAY = date(2026, 11, 20)
ABLE = {"facebook": FACEBOOK, "x": X}
IT, HEAD = frozenset({Role.IT}), frozenset({Role.HEADTEACHER})


EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The example's, with made-up secrets."""
    text = EXAMPLE.read_text("utf-8")
    (tmp_path / "secrets").mkdir()
    for name in re.findall(r"^\w+_file = \"(secrets/.+?)\"", text, re.MULTILINE):
        (tmp_path / name).write_text("ab" * 32)
        (tmp_path / name).chmod(0o600)
    config = tmp_path / "config.toml"
    config.write_text(text, "utf-8")
    config.chmod(0o600)
    return load(config, env={}, account_check=account_problems)


def said(settings: Settings, roles: frozenset[Role] = HEAD, today: date = TODAY) -> dict[str, str]:
    """Each section's words, by its title."""
    return {
        section.title: " ".join(f"{row.says}. {row.more}" for row in section.rows)
        for section in sections(settings, ABLE, roles, today)
    }


def changed(settings: Settings, **roles: Any) -> Settings:
    return settings.model_copy(update={"roles": settings.roles.model_copy(update=roles)})


def test_who_gets_which_category_is_said(settings: Settings) -> None:
    told = said(settings)["Who is told of what today"]
    assert re.search(r"ACT NOW: Threat.*?To the headteacher and the designated safeguarding lead", told)
    assert "the headteacher: the chair of governors" in told


def test_a_deputy_who_stands_in_is_told_instead_and_only_on_that_day(settings: Settings) -> None:
    away = Absence(first=date(2026, 11, 20), last=date(2026, 11, 20))
    head = settings.roles.headteacher.model_copy(update={"away": (away,), "deputy": Role.DEPUTY})
    one = changed(settings, headteacher=head)
    assert "away today, the deputy headteacher stands in" in said(one)["Who is who today"]
    assert "To the deputy headteacher" in said(one)["Who is told of what today"]
    assert "away today" not in said(one, today=date(2026, 11, 21))["Who is who today"]
    assert "To the headteacher" in said(one, today=date(2026, 11, 21))["Who is told of what today"]


def test_without_a_chair_it_is_said_where_allegations_about_the_head_go(settings: Settings) -> None:
    one = changed(settings, chair=None)
    told = said(one)
    assert (
        "what is said about the headteacher goes to the designated safeguarding lead"
        in told["To be looked at"]
    )
    assert "the headteacher: the designated safeguarding lead" in told["Who is told of what today"]
    assert "No chair" not in said(settings)["To be looked at"]


def test_a_chair_with_the_heads_address_is_a_fault(settings: Settings) -> None:
    chair = settings.roles.headteacher.model_copy(update={"name": "G. Chair"})
    assert "has the headteacher’s address" in said(changed(settings, chair=chair))["To be looked at"]


def test_an_absence_in_which_nobody_stands_in_is_told_a_fortnight_before(settings: Settings) -> None:
    away = Absence(first=date(2026, 12, 1), last=date(2026, 12, 4))
    dsl = settings.roles.dsl.model_copy(update={"away": (away,)}) if settings.roles.dsl else None
    one = changed(settings, dsl=dsl)
    assert "Tue 1 Dec to Fri 4 Dec, and nobody stands in" in said(one)["To be looked at"]
    assert "nobody stands in" not in said(one, today=date(2026, 11, 16))["To be looked at"]


def test_addresses_are_the_technicians_to_see_and_secrets_nobodys(settings: Settings) -> None:
    assert "head@school.example" in str(said(settings, IT))
    assert "@school.example" not in str(said(settings, HEAD))
    assert "ab" * 16 not in str(said(settings, IT))


def test_what_each_network_can_do_and_how_long_things_are_kept_is_said(settings: Settings) -> None:
    told = said(settings)
    assert "By hand, with steps: report" in str(told)
    assert "Not possible there: delete" in str(told)
    assert "Evidence, after its case is closed: 365 days" in told["How long it is kept"]


def test_hours_and_reports_are_said(settings: Settings) -> None:
    told = said(settings)["When"]
    assert "between 06:30-21:00" in told
    assert "Friday at 15:00" in told
    assert "on days with something of theirs" in told


def test_the_page_is_for_who_runs_and_who_decides_and_not_for_the_office(
    tmp_path: Path, settings: Settings
) -> None:
    with open_school(tmp_path, configured=partial(sections, settings, ABLE)) as school:
        for role, status in ((Role.IT, 200), (Role.HEADTEACHER, 200), (Role.DSL, 200), (Role.OFFICE, 404)):
            browser = school.signed_in(role)
            assert browser.get("/settings-check").status_code == status
            browser.get("/more")
            assert ("/settings-check" in browser.last.text) == (status == 200)


def test_what_is_wrong_with_a_mail_to_somebody_else_is_not_shown_to_reviewers(
    tmp_path: Path, settings: Settings
) -> None:
    with open_school(tmp_path, configured=partial(sections, settings, ABLE)) as school:
        with school.store.write() as session:
            open_incident(
                session=session, store=school.store, key="outbox:3", says="planted", cure="c", now=school.now
            )
            open_incident(
                session=session,
                store=school.store,
                key="storage:disk",
                says="full",
                cure="enlarge it",
                now=school.now,
            )
        head, technician = school.signed_in(), school.signed_in(Role.IT)
        head.get("/settings-check")
        technician.get("/settings-check")
        assert "planted" not in head.words
        assert "full" in head.words
        assert "enlarge it" not in head.words
        assert "planted" in technician.words
