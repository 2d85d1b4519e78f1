"""Pile-ons, the list with its filters, and cases that are handed on, as a headteacher comes to them."""

from __future__ import annotations

from datetime import timedelta

from monitor.domain import Author, Role
from monitor.tables import CaseRow
from monitor.tables_cases import PileRow
from tests.browser.place import Place
from tests.browser.scenes import scene

TEXT = "Mr Quillfeather, you number {} fool, everybody knows it. And that bus of yours, and the gate, and the rest"


def pile(place: Place, count: int) -> None:
    school = place.school
    for number in range(1, count + 1):
        author = Author(f"u{number % 9}", "kaz_99", "Kaz")
        school.case(
            TEXT.format(number), category="insult", severity=3, number=number, author=author, found="fool"
        )
    with school.store.write() as session:
        for number in range(2, count + 1):
            session.get_one(CaseRow, number).joined_to = 1
        if count > 1:
            session.add(
                PileRow(
                    school_id=school.store.school,
                    case_id=1,
                    digest=b"",
                    items=count,
                    told=count,
                    kinds="insult:3",
                    began_at=school.now,
                    last_at=school.now,
                )
            )
    place.sign_in()


@scene("pile-on: fourteen comments", "Insult")
def fourteen(place: Place) -> None:
    pile(place, 14)
    place.go("/case/SM-0001")
    place.page.locator(".gathered > summary").click()


@scene("pile-on: two hundred comments, one revealed", "Insult")
def two_hundred(place: Place) -> None:
    pile(place, 200)
    place.go("/case/SM-0001?part=3#h-pile")
    place.page.locator(".gathered .reveal summary").first.click()


@scene("pile-on: all are being hidden", "Insult")
def hiding(place: Place) -> None:
    fourteen(place)
    place.press("Hide all 14")


@scene("pile-on: one of its comments", "Insult")
def member(place: Place) -> None:
    pile(place, 14)
    place.go("/case/SM-0007")


@scene("pile-on: changed before all were hidden", "Nothing was done")
def pile_stale(place: Place) -> None:
    fourteen(place)
    place.school.signed_in(Role.DSL).choose("SM-0004", "acknowledge")
    place.press("Hide all 14")


@scene("cases: with a pile-on and its filters open", "Cases")
def filters(place: Place) -> None:
    pile(place, 14)
    for number in range(20, 80):
        place.school.case(number=number, severity=1 + number % 4)
    place.school.signed_in(Role.DSL).choose("SM-0021", "acknowledge")
    place.go("/cases?severity=high")
    place.page.locator(".filters summary").click()


@scene("cases: an address that was mistyped", "Cases")
def mistyped(place: Place) -> None:
    place.school.case()
    place.sign_in()
    place.go("/cases?state=gone&page=x")


@scene("cases: what stands under one post together", "Cases")
def by_thread(place: Place) -> None:
    for number in range(1, 6):
        place.school.case(number=number, severity=1 + number % 4, thread_id=f"t{number % 2}")
    place.sign_in()
    place.go("/cases?by=thread")


@scene("case: handed on, tied, closed and opened again", "Threat")
def story(place: Place) -> None:
    school = place.school
    for number in (1, 2):
        school.case(number=number)
    with school.store.write() as session:
        session.get_one(CaseRow, 1).roles = "headteacher"
    school.mail("SM-0001", "headteacher", sent_at=school.now)
    head = school.signed_in()
    school.pass_time(minutes=4)
    head.choose("SM-0001", "ask_dsl", reason="A pupil is upset")
    school.now += timedelta(minutes=4)
    school.signed_in(Role.DSL).choose("SM-0001", "close", why="family", reason="Rang the family")
    head.choose("SM-0001", "reopen", reason="The family rang back")
    place.clock.now = school.now
    place.sign_in(Role.DSL)
    place.go("/case/SM-0001")
    place.page.get_by_label("The other case’s reference").evaluate("e => e.closest('details').open = true")
    place.page.get_by_label("The other case’s reference").fill("2")
    place.press("Tie them together")
    for name in ("Text to paste", "Tie it to another"):
        place.page.locator("summary", has_text=name).click()
