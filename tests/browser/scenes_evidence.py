"""Evidence on a case's page."""

from __future__ import annotations

from monitor.domain import Role
from monitor.holds import restrict
from tests.browser.place import Place
from tests.browser.scenes import scene
from tests.browser.scenes_cases import TITLE, opened

PNG = b"\x89PNG\r\n\x1a\n"


def given(place: Place, body: bytes = PNG, name: str = "screenshot.png") -> None:
    opened(place)
    place.page.locator("summary", has_text="Add what a person gave you").click()
    place.page.get_by_label("The file").set_input_files(
        {"name": name, "mimeType": "image/png", "buffer": body}
    )
    place.page.get_by_label("Who gave it").select_option("parent")
    place.page.get_by_label("Their name").fill("Tamsin Example")
    place.page.get_by_label("How it came").fill("Sent to the office by e-mail this morning.")


@scene("case: evidence to be added", TITLE)
def to_be_given(place: Place) -> None:
    given(place)


@scene("case: evidence was added", TITLE)
def was_given(place: Place) -> None:
    given(place)
    place.press("Add it to the evidence")
    place.page.get_by_text("Download PNG").wait_for()


@scene("case: evidence of a kind that is not taken", "It was not taken in")
def not_taken(place: Place) -> None:
    given(place, b"MZ\x90\x00", "screenshot.png")
    place.press("Add it to the evidence")


@scene("case: pictures must not be touched", "Grooming")
def withheld(place: Place) -> None:
    opened(place, category="grooming")


@scene("case: held against deletion", TITLE)
def held(place: Place) -> None:
    opened(place)
    place.page.locator("summary", has_text="Hold it against deletion").click()
    place.page.get_by_label("Why must it be kept?").fill("The police asked for it.")
    place.press("Hold it")


@scene("holds", "Holds")
def holds(place: Place) -> None:
    held(place)
    place.go("/holds")


@scene("holds: of an account", "Holds")
def account_held(place: Place) -> None:
    store = place.school.store
    with store.write() as session:
        restrict(
            session, store, "x", "10472", why="Asked for by letter.", by=Role.IT.value, now=place.clock()
        )
    place.sign_in()
    place.go("/holds")


@scene("holds: none", "Holds")
def no_holds(place: Place) -> None:
    place.sign_in()
    place.go("/holds")
