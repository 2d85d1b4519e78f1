"""Followers as the school office comes to them."""

from __future__ import annotations

from sqlmodel import select

from monitor import follower_rows
from monitor.domain import ItemKind, Role
from monitor.following import Shown
from monitor.following_audit import UNKNOWN
from monitor.following_rows import SEALED
from monitor.tables import CaseRow
from monitor.tables_people import FollowedRow, FollowerStepRow
from tests.browser.place import Place
from tests.browser.scenes import scene

FOLLOWERS = "Followers"
HANDLES = ("ReadingBus", "typed_grace", "tom_hale", "bot_8472", "ElsewhereLibrary", "a" * 50)


def people(place: Place, *handles: str) -> None:
    for number, handle in enumerate(handles, 1):
        place.families.follow(str(number), handle)
    place.families.judge()
    place.wait(hours=3)
    place.sign_in(Role.OFFICE)


def chosen(place: Place, button: str, *handles: str) -> None:
    place.go("/followers")
    for handle in handles:
        place.page.get_by_label(f"@{handle}").check()
    place.press(button)


def turned_away(place: Place, handle: str = "bot_8472") -> None:
    chosen(place, "Turn away", handle)
    place.page.get_by_label("Reason, kept with your name").fill("Nobody knows it.")
    place.press("Turn away")


def approved(place: Place, *handles: str, review: str = "2027-09-01") -> None:
    chosen(place, "Approve as organisations", *handles)
    place.page.get_by_label("Reason, kept with your name").fill(
        "The town’s bus company, known to the office."
    )
    place.page.get_by_label("Look at it again on").fill(review)
    place.press("Approve as organisations")


def said_done(place: Place, way: str, button: str) -> None:
    place.page.locator("summary", has_text=way).click()
    place.press(button)


def the_network_shows(place: Place, shown: Shown) -> None:
    with place.school.store.write() as session:
        step = session.exec(select(FollowerStepRow)).one()
        follower_rows.show(place.school.store, session, step, shown, place.clock())


def case_about(place: Place, external_id: str) -> None:
    """A case that the office may not see, about the profile of one follower."""
    ref = place.school.case("a profile", category="impersonation", network="x")
    with place.school.store.write() as session:
        case = session.exec(select(CaseRow).where(CaseRow.ref == ref)).one()
        case.kind, case.external_id = ItemKind.FOLLOWER.value, external_id


@scene("followers: nobody yet", FOLLOWERS)
def nobody(place: Place) -> None:
    people(place)
    place.go("/followers")


@scene("followers: many are waiting", FOLLOWERS)
def many(place: Place) -> None:
    people(place, *HANDLES, *(f"bot_{number}" for number in range(100, 160)))
    place.go("/followers")


@scene("followers: the second page", FOLLOWERS)
def second_page(place: Place) -> None:
    many(place)
    place.follow_link("Earlier followers")


@scene("followers: organisations, one to be looked at again", FOLLOWERS)
def organisations(place: Place) -> None:
    people(place, *HANDLES)
    approved(place, "ReadingBus")
    approved(place, "ElsewhereLibrary", review="2026-11-21")
    place.wait(hours=10)
    place.wait(hours=6)
    place.sign_in(Role.OFFICE)
    place.go("/followers")


@scene("followers: a step to do", FOLLOWERS)
def to_do(place: Place) -> None:
    people(place, *HANDLES)
    turned_away(place)


@scene("followers: a step said to be done", FOLLOWERS)
def said(place: Place) -> None:
    to_do(place)
    said_done(place, "Block", "I have blocked it")


@scene("followers: a step that the network ticked", FOLLOWERS)
def ticked(place: Place) -> None:
    said(place)
    the_network_shows(place, Shown.BLOCKED)
    place.go("/followers")


@scene("followers: a step that the network un-ticked", FOLLOWERS)
def unticked(place: Place) -> None:
    said(place)
    the_network_shows(place, Shown.NOT_BLOCKED)
    place.go("/followers")


@scene("followers: one whom others look at", FOLLOWERS)
def held(place: Place) -> None:
    people(place, *HANDLES)
    case_about(place, "4")
    place.go("/followers")


@scene("followers: whom the school follows", FOLLOWERS)
def followed(place: Place) -> None:
    people(place, *HANDLES)
    store = place.school.store
    with store.write() as session:
        for number, handle in enumerate(("pub_quiz", "b" * 50)):
            session.add(
                FollowedRow(
                    school_id=store.school,
                    account="x-main",
                    network="x",
                    external_id=str(number),
                    sealed=store.vault.seal_json({"handle": handle}, SEALED),
                    allowed=False,
                    says=UNKNOWN,
                    first_seen_at=place.clock(),
                    seen_at=place.clock(),
                )
            )
    place.go("/followers")


@scene("followers: nobody was chosen", FOLLOWERS)
def nobody_chosen(place: Place) -> None:
    people(place, *HANDLES)
    place.go("/followers")
    place.press("Turn away")


@scene("choose: approve as organisations", "Approve as organisations")
def choose_organisations(place: Place) -> None:
    people(place, *HANDLES)
    chosen(place, "Approve as organisations", *HANDLES)


@scene("choose: approve, with mistakes", "Approve as organisations")
def choose_wrong(place: Place) -> None:
    choose_organisations(place)
    place.page.get_by_label("Look at it again on").fill("")
    place.send_unchecked()
    place.press("Approve as organisations")


@scene("choose: turn away", "Turn away")
def choose_reject(place: Place) -> None:
    people(place, *HANDLES)
    chosen(place, "Turn away", "bot_8472", "a" * 50)


@scene("choose: invite", "Send an invitation to claim")
def choose_invite(place: Place) -> None:
    people(place, *HANDLES)
    chosen(place, "Send an invitation to claim", "typed_grace", "tom_hale", "ReadingBus")


@scene("choose: invite, with a wrong address", "Send an invitation to claim")
def invite_wrong(place: Place) -> None:
    choose_invite(place)
    place.page.get_by_label("E-mail address, as on the records").fill("ada@mail.example")
    place.press("Send an invitation to claim")


@scene("followers: invited", FOLLOWERS)
def invited(place: Place) -> None:
    choose_invite(place)
    place.page.get_by_label("E-mail address, as on the records").fill("grace@mail.example")
    place.press("Send an invitation to claim")


@scene("choose: take the decision back", "Take the decision back")
def choose_undo(place: Place) -> None:
    to_do(place)
    chosen(place, "Take the decision back", "bot_8472")


@scene("choose: somebody decided meanwhile", "Nothing was done")
def stale(place: Place) -> None:
    choose_reject(place)
    other = place.window.new_page()
    other.goto(place.page.url)
    other.get_by_label("Reason, kept with your name").fill("Nobody knows it.")
    other.get_by_role("button", name="Turn away").click()
    other.close()
    place.page.get_by_label("Reason, kept with your name").fill("Nobody knows it.")
    place.press("Turn away")
