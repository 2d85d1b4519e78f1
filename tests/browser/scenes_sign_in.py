"""Coming in, with and without a remembered device, and the page of sign-ins."""

from __future__ import annotations

from alerts.oidc import Service
from monitor.sandbox.serve import Serving
from tests.alerts.oidc_server import CLIENT, SECRET, OidcServer
from tests.browser.place import Place
from tests.browser.scenes import scene

LINK = "Open your alert"


def account_service(place: Place) -> OidcServer:
    """An account service on loopback that reviewers may sign in at."""
    server = OidcServer(place.clock)
    server.url = place.stack.enter_context(Serving(server.app)).url
    back = f"{place.school.url}/sign-in/with/school/back"
    server.redirects.add(back)
    service = Service(
        "Microsoft 365", issuer=server.issuer, client_id=CLIENT, client_secret=SECRET, back=back
    )
    place.set(services={"school": service})
    return server


def typed(place: Place, *, remember: bool = True) -> str:
    """A link opened, a code asked for and typed; returns the case."""
    ref = place.school.case()
    place.go(f"/c/{place.school.link(ref)}")
    place.press("Send me a code")
    place.page.get_by_label("Code").fill(place.school.mailed[-1][2])
    if remember:
        place.page.get_by_label("Remember this device").check()
    place.press("Sign in")
    return ref


@scene("sign in: a code, and the box to be remembered", "Type the code")
def code(place: Place) -> None:
    place.go(f"/c/{place.school.link(place.school.case())}")
    place.press("Send me a code")


@scene("sign in: with a school account too", LINK)
def services(place: Place) -> None:
    account_service(place)
    place.go(f"/c/{place.school.link(place.school.case())}")


@scene("sign in: the front door with a school account", "Sign in")
def front_door(place: Place) -> None:
    account_service(place)
    place.go("/")


@scene("sign in: on a remembered device", LINK)
def remembered(place: Place) -> None:
    ref = typed(place)
    account_service(place)
    place.wait(days=1)
    place.go(f"/c/{place.school.link(ref)}")


@scene("sign in: on a remembered device, at the front door", "Sign in")
def remembered_front_door(place: Place) -> None:
    typed(place)
    place.wait(days=1)
    place.go("/")


@scene("sign in: mail, tap, tap", "Threat")
def two_taps(place: Place) -> None:
    remembered(place)
    place.press("Open case")


@scene("sign in: back from the school account", "Nearly there")
def came_back(place: Place) -> None:
    account_service(place)
    place.go("/")
    place.press("Sign in with Microsoft 365")
    place.page.wait_for_url("**/back?*")
    place.seen.elsewhere.clear()  # it was meant to go there


@scene("sign in: not with this account", "You are not signed in")
def not_this_one(place: Place) -> None:
    server = account_service(place)
    server.email = "stranger@stmarys.example"
    place.go("/")
    place.press("Sign in with Microsoft 365")
    place.page.wait_for_url("**/back?*")
    place.seen.elsewhere.clear()  # it was meant to go there
    place.press("Open Schoolgate")


@scene("signed in: one browser, no device", "Signed in")
def account(place: Place) -> None:
    place.sign_in()
    place.go("/account")


@scene("signed in: devices and other browsers", "Signed in")
def account_full(place: Place) -> None:
    typed(place)
    place.school.signed_in()
    place.go("/account")


@scene("signed in: a device was forgotten", "Signed in")
def forgotten(place: Place) -> None:
    account_full(place)
    place.page.get_by_role("button", name="Forget").first.click()
