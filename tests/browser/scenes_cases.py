"""Cases as a headteacher comes to them."""

from __future__ import annotations

from monitor.domain import Done, Outcome
from monitor.errors import ConnectorError
from tests.alerts.page_network import carried_out
from tests.browser.place import Place
from tests.browser.scenes import scene

SAID = "Mr Quillfeather, somebody will wait for you there. " + "And another thing about that bus. " * 12
TITLE = "Threat"


def opened(place: Place, **changes: object) -> None:
    ref = place.school.case(SAID, found="somebody will wait", **changes)
    place.sign_in()
    place.go(f"/case/{ref}")


@scene("cases: none", "Cases")
def no_cases(place: Place) -> None:
    place.sign_in()
    place.go("/cases")


@scene("cases: of every kind", "Cases")
def many_cases(place: Place) -> None:
    kinds = ("threat", "insult", "complaint", "discrimination.sexual_orientation", "identifying.full_name")
    for number in range(1, 41):
        place.school.case(category=kinds[number % 5], severity=1 + number % 4, number=number)
    head = place.school.signed_in()
    head.choose("SM-0001", "dismiss", why="harmless")
    head.choose("SM-0002", "acknowledge")
    place.sign_in()
    place.go("/cases")


@scene("cases: the second page", "Cases")
def second_page(place: Place) -> None:
    many_cases(place)
    for number in range(41, 121):
        place.school.case(number=number, severity=1 + number % 4)
    place.go("/cases")
    place.follow_link("Page 2")


@scene("cases: none is like that", "Cases")
def none_like_that(place: Place) -> None:
    many_cases(place)
    place.go("/cases?state=closed&severity=critical")


@scene("case: masked", TITLE)
def masked(place: Place) -> None:
    opened(place)


@scene("case: revealed", TITLE)
def revealed(place: Place) -> None:
    opened(place)
    place.page.get_by_text("Reveal it all").click()


@scene("case: on X, with steps by hand", TITLE)
def by_hand(place: Place) -> None:
    opened(place, network="x")


@scene("case: a complaint with a reply to copy", "Complaint")
def complaint(place: Place) -> None:
    opened(place, category="complaint", severity=1)


@scene("case: hiding was asked for", TITLE)
def asked(place: Place) -> None:
    opened(place)
    place.press("Hide it")


@scene("case: hidden", TITLE)
def hidden(place: Place) -> None:
    asked(place)
    carried_out(place.school, Outcome(Done.HIDDEN, read_back=True))
    place.follow_link("Look again")


@scene("case: the network refused", TITLE)
def refused(place: Place) -> None:
    asked(place)
    carried_out(place.school, ConnectorError("the token lacks a permission", permanent=True))
    place.follow_link("Look again")


@scene("case: confirm the deletion", "Delete it for good?")
def confirm_delete(place: Place) -> None:
    hidden(place)
    place.page.locator("summary", has_text="Delete it").click()
    place.follow_link("Delete it for good…")


@scene("case: closed", TITLE)
def closed(place: Place) -> None:
    opened(place)
    place.page.locator("summary", has_text="Close the case").click()
    place.page.get_by_label("Outcome").select_option(index=1)
    place.page.get_by_label("What was done, and why").fill("Spoke to both families.")
    place.press("Close the case")


@scene("case: closed without a reason", "Nothing was done")
def needs_reason(place: Place) -> None:
    opened(place)
    place.page.locator("summary", has_text="Close the case").click()
    place.send_unchecked()
    place.press("Close the case")


@scene("case: decided by somebody else meanwhile", "Nothing was done")
def stale(place: Place) -> None:
    opened(place)
    place.school.signed_in().choose("SM-0001", "acknowledge")
    place.press("Hide it")
