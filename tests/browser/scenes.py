"""Every page and state that a visitor can come to, each with its heading and how to get there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from monitor.claims import ASKED_BY_ONE, VALID
from monitor.domain import Role
from tests.browser.place import Place

Drive = Callable[[Place], None]


@dataclass(frozen=True)
class Scene:
    name: str
    heading: str  # what the page's h1 says when the scene is reached
    drive: Drive


SCENES: list[Scene] = []


def scene(name: str, heading: str) -> Callable[[Drive], Drive]:
    def kept(drive: Drive) -> Drive:
        SCENES.append(Scene(name, heading, drive))
        return drive

    return kept


CLAIM = "Tell the school which account is yours"


@scene("claim: empty", CLAIM)
def claim_empty(place: Place) -> None:
    place.go("/claim")


@scene("claim: several networks and their sign-in", CLAIM)
def claim_sign_in(place: Place) -> None:
    place.set(claim_networks=("bluesky", "x"))
    place.networks_to_sign_in_at("x", "facebook")
    place.go("/claim")


@scene("claim: the sign-in alone", CLAIM)
def claim_sign_in_alone(place: Place) -> None:
    place.networks_to_sign_in_at("facebook")
    place.set(claim_networks=())
    place.go("/claim")


@scene("claim: everything is wrong", CLAIM)
def claim_wrong(place: Place) -> None:
    claim_sign_in(place)
    place.page.get_by_label("Your account’s name there").fill("two words")
    place.send_unchecked()
    place.press("Send")


@scene("claim: sign-in without agreement", CLAIM)
def claim_no_agreement(place: Place) -> None:
    claim_sign_in(place)
    place.send_unchecked()
    place.press("Sign in with Facebook")


def ask(place: Place) -> None:
    place.go("/claim")
    place.page.get_by_label("Your account’s name there").fill("@GraceOk")
    place.page.get_by_label("Your e-mail address").fill("grace@mail.example")
    place.page.get_by_label("I agree that").check()
    place.press("Send")


@scene("claim: asked", "Look into your mailbox")
def claim_asked(place: Place) -> None:
    ask(place)


@scene("claim: too many", "Please try again later")
def claim_later(place: Place) -> None:
    place.window.set_extra_http_headers({"X-Forwarded-For": "198.51.100.7"})
    for _ in range(ASKED_BY_ONE + 1):
        ask(place)


@scene("claim: on to the network", "On to X")
def claim_go(place: Place) -> None:
    (at_x,) = place.networks_to_sign_in_at("x")
    place.window.route(f"{at_x.url}/**", lambda route: route.fulfill(status=204))  # we stay and look
    place.go("/claim")
    place.page.locator("#sign-in").check()
    with place.page.expect_request(f"{at_x.url}/**"):
        place.press("Sign in with X")
    place.seen.elsewhere.clear()  # this page is the one that leads elsewhere


@scene("claim: proven by signing in", "Thank you, that is noted")
def claim_proven(place: Place) -> None:
    (at_x,) = place.networks_to_sign_in_at("x")
    person = at_x.state.add("GraceOk", "grace@mail.example")
    place.go("/claim")
    place.page.locator("#sign-in").check()
    place.press("Sign in with X")
    place.page.wait_for_url(f"{at_x.url}/**")
    place.page.locator(f"[name=member][value='{person.id}']").check()
    place.page.locator("[name=choice][value=allow]").click()
    place.page.wait_for_url("**/claim?proven")
    place.seen.elsewhere.clear()
    place.seen.complaints.clear()  # the invented network's own


@scene("claim: not proven", "That did not work")
def claim_unproven(place: Place) -> None:
    place.go("/claim?unproven")


@scene("confirmation: open", "Is this account yours?")
def question(place: Place) -> None:
    place.go(place.claimed())


@scene("confirmation: no answer chosen", "Is this account yours?")
def question_unanswered(place: Place) -> None:
    question(place)
    place.send_unchecked()
    place.press("Send my answer")


@scene("confirmation: yes", "Thank you, that is noted")
def question_yes(place: Place) -> None:
    question(place)
    place.page.get_by_label("Yes, this is my account").check()
    place.press("Send my answer")


@scene("confirmation: no", "This question is closed")
def question_no(place: Place) -> None:
    question(place)
    place.page.get_by_label("No, it is not mine").check()
    place.press("Send my answer")


@scene("confirmation: too old", "This link is too old")
def question_late(place: Place) -> None:
    path = place.claimed()
    place.clock.now += VALID
    place.go(path)


@scene("sign-in", "Sign in")
def home(place: Place) -> None:
    place.go("/")


@scene("sign-in: the code", "Type the code")
def code(place: Place) -> None:
    home(place)
    place.page.get_by_label("E-mail address").fill("office@stmarys.example")
    place.press("Send me a code")


@scene("sign-in: a wrong code", "Type the code")
def code_wrong(place: Place) -> None:
    code(place)
    place.page.get_by_label("Code").fill("0000 0000")
    place.press("Sign in")


@scene("alert's link", "Open your alert")
def link(place: Place) -> None:
    place.go(f"/c/{place.school.link(place.school.case())}")


@scene("alert's link: the code", "Type the code")
def link_code(place: Place) -> None:
    link(place)
    place.press("Send me a code")


@scene("alert's link: no more codes for now", "One moment")
def link_later(place: Place) -> None:
    link_code(place)
    path = place.page.url
    place.page.get_by_label("Code").fill(place.school.mailed[-1][2])
    place.press("Sign in")
    place.sign_out()
    place.page.goto(path)
    place.press("Send me a code")


@scene("nothing at this address", "Nothing here")
def not_there(place: Place) -> None:
    place.go("/nowhere")


@scene("nothing here for a stranger", "Nothing here for you")
def link_gone(place: Place) -> None:
    place.go("/c/" + "A" * 32)


@scene("nothing here for somebody signed in", "Nothing here for you")
def case_gone(place: Place) -> None:
    place.sign_in(Role.OFFICE)
    place.school.case()
    place.go("/case/SM-0001")


@scene("signed out meanwhile", "Please sign in again")
def signed_out(place: Place) -> None:
    place.sign_in()
    place.school.case()
    place.go("/case/SM-0001")
    place.sign_out()
    place.press("I’m on it")


@scene("a form that is not ours", "Nothing was done")
def refused(place: Place) -> None:
    place.sign_in()
    place.school.case()
    place.go("/case/SM-0001")
    place.page.evaluate("document.querySelectorAll('[name=token]').forEach(one => { one.value = 'x' })")
    place.press("I’m on it")


@scene("something broke", "Something went wrong")
def broken(place: Place) -> None:
    place.sign_in()
    place.school.case()

    def breaks(_role: Role, _case: object) -> bool:
        raise RuntimeError

    place.set(may_see=breaks)
    place.go("/case/SM-0001")
