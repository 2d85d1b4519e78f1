"""Taking away and reporting, as a headteacher and a safeguarding lead come to it."""

from __future__ import annotations

from monitor.domain import Done, Outcome
from monitor.tables_rechecks import RecheckRow
from tests.alerts.page_network import carried_out
from tests.browser.place import Place
from tests.browser.scenes import scene
from tests.browser.scenes_cases import TITLE, opened


def hidden(place: Place) -> None:
    opened(place)
    place.press("Hide it")
    carried_out(place.school, Outcome(Done.HIDDEN, "Its author still sees it.", read_back=True))


@scene("case: hidden, and may be taken back", TITLE)
def may_be_taken_back(place: Place) -> None:
    hidden(place)
    place.follow_link("Look again")


@scene("case: hidden and looked at again", TITLE)
def looked_again(place: Place) -> None:
    hidden(place)
    with place.school.store.write() as session:
        row = place.school.rows(RecheckRow)[0]
        row.done_at, row.found = row.due_at, "hidden"
        session.merge(row)
    place.wait(hours=2)
    place.go("/case/SM-0001")


@scene("case: to be deleted", TITLE)
def to_be_deleted(place: Place) -> None:
    hidden(place)
    place.wait(minutes=12)
    place.go("/case/SM-0001/delete")
    place.press("Yes, delete it from Facebook")


@scene("case: public two days after its report", TITLE)
def nudged(place: Place) -> None:
    opened(place)
    place.page.get_by_text("Report it to Facebook").click()
    place.press("I have reported it")
    with place.school.store.write() as session:
        for row in place.school.rows(RecheckRow):
            row.done_at, row.found, row.nudge = row.due_at, "public", row.hours == 48
            session.merge(row)
    place.wait(hours=49)
    place.sign_in()
    place.go("/case/SM-0001")


@scene("case: how to report it", TITLE)
def reporting(place: Place) -> None:
    opened(place, network="x")
    place.page.get_by_text("Report it to X").click()


@scene("case: why it is left", TITLE)
def leaving(place: Place) -> None:
    opened(place)
    place.page.get_by_text("Leave it: not a problem").click()


@scene("case: an allegation and its clock", "Allegation about staff")
def allegation(place: Place) -> None:
    opened(place, category="staff_allegation", severity=3)


@scene("case: a door that was gone through", "Grooming")
def told(place: Place) -> None:
    opened(place, category="grooming")
    place.page.get_by_text("CEOP Safety Centre", exact=True).click()
    place.page.locator("#ref-ceop").fill("CEOP-117")
    place.page.locator("#at-ceop ~ button").click()
