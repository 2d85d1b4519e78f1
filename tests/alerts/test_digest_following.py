"""The digest's sections on followers: the same facts as the page, for those who have to do with followers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from alerts.compose_digest import CROWD
from alerts.desk import Desk
from alerts.digest import digest
from connectors.x_words import ACTIONS
from monitor.domain import ActionKind, Role
from monitor.tables import CaseRow
from monitor.tables_people import FollowerRow, LetterRow
from tests.alerts.telling import desk, outbox, text_of
from tests.monitor.test_follower_rows import Office


def of_x() -> Desk:
    return replace(
        desk(),
        accounts={"x-main": "St Elsewhere on X"},
        networks={"x-main": "x"},
        capabilities={"x": ACTIONS},
    )


def said_to(office: Office, role: Role, of: Desk | None = None) -> str:
    assert digest(office.store, of or of_x(), clock=office.clock) == 3
    (mail,) = [mail for row, mail in outbox(office.store) if row.role == role and row.reason == "digest"]
    return " ".join(text_of(mail).split())


@pytest.fixture
def office(store, clock) -> Office:
    made = Office(store, clock)
    for number, handle in enumerate(("ReadingBus", "typed_grace", "tom_hale", "bot_8472"), 1):
        made.families.follow(str(number), handle)
    made.families.judge()
    return made


def test_all_followers_are_counted_and_what_cannot_be_refused_is_said(office):
    office.decide("organisation", "1", review_on=date(2026, 11, 20))
    office.decide("reject", "4")
    said = said_to(office, Role.OFFICE)
    assert "claimed, not proven yet 1 · not verified 1 · organisations 1 · turned away 1" in said
    assert "○ 1 account to be removed or blocked by hand; the page has the steps" in said
    assert "○ 1 organisation to be looked at again; their review is due" in said
    assert "followers cannot be refused at the door, only removed afterwards. 2 follow now" in said


def test_each_who_waits_is_listed_with_what_to_do(office):
    said = said_to(office, Role.OFFICE)
    assert "@typed_grace · X · on the register; not proven yet" in said
    assert "send an invitation, or give them the letter" in said
    assert "Ask the safeguarding lead before you do anything." in said
    assert "A known organisation: approve it." in said


def test_a_crowd_of_whom_the_same_is_known_is_one_line_and_nobody_else_is_buried(office):
    for number in range(CROWD):
        office.families.follow(f"b{number}", f"cheap_{number}")
    office.families.judge()
    said = said_to(office, Role.OFFICE)
    assert f"○ {CROWD + 2} accounts · X · not on the register; the page lists them" in said
    assert "cheap_" not in said
    assert "ReadingBus" not in said
    assert "@typed_grace · X · on the register; not proven yet" in said


def test_as_many_as_can_be_read_are_a_line_each(office):
    for number in range(CROWD - 2):
        office.families.follow(f"b{number}", f"cheap_{number}")
    office.families.judge()
    said = said_to(office, Role.OFFICE)
    assert said.count("@cheap_") == CROWD - 2
    assert "ReadingBus" in said


def test_what_was_said_to_be_done_waits_for_nobody(office):
    office.decide("reject", "4")
    office.say(ActionKind.BLOCK)
    assert "by hand; the page" not in said_to(office, Role.OFFICE)


def test_messages_that_came_to_nothing_are_counted_with_their_reasons(office):
    for number, outcome in enumerate(("unproven", "unproven", "automatic", "claimed")):
        with office.store.write() as session:
            session.add(
                LetterRow(
                    school_id=office.store.school,
                    digest=bytes([number]),
                    outcome=outcome,
                    read_at=office.clock(),
                )
            )
    said = said_to(office, Role.OFFICE)
    assert "3 messages about an account came to nothing; nobody was answered" in said
    assert "2 not shown to come from the address they give; 1 sent by machines." in said


def test_without_such_messages_nothing_is_said_of_them(office):
    assert "came to nothing" not in said_to(office, Role.OFFICE)


@pytest.mark.parametrize("category", ["staff_allegation", "impersonation"])
def test_the_office_is_told_nothing_of_an_account_that_others_decide_about(office, category):
    office.decide("reject", "1")
    with office.store.write() as session:
        row = session.exec(select(FollowerRow).where(FollowerRow.external_id == "1")).one()
        row.state = "unverified"
        session.add(
            CaseRow(
                school_id=office.store.school,
                number=7,
                ref="SM-0007",
                account="x-main",
                network="x",
                kind="follower",
                external_id="1",
                item_id=row.item_id,
                category=category,
                severity=3,
                roles="chair",
                opened_at=office.clock() - timedelta(minutes=1),
            )
        )
    said = said_to(office, Role.OFFICE)
    assert "ReadingBus" not in said
    assert "by hand; the page" not in said
    assert "bot_8472" in said


def test_a_school_whose_networks_list_nobody_has_no_figures(store, clock):
    assert digest(store, desk(), clock=clock) == 3
    assert not any("No longer follow" in text_of(mail) for _, mail in outbox(store))


def test_a_row_without_a_sign_is_as_wide_as_the_others(office):
    assert digest(office.store, of_x(), clock=office.clock) == 3
    (mail,) = [one for row, one in outbox(office.store) if row.role == Role.OFFICE and row.reason == "digest"]
    rows = BeautifulSoup(mail.get_body(("html",)).get_content(), "html.parser").select("tr:has(> td.row)")
    assert {len(row.select("td.sign")) for row in rows} == {0, 1}
    for row in rows:
        assert sum(int(cell.get("colspan", 1)) for cell in row.find_all("td", recursive=False)) == 2
