"""Letters of twice the size, as a reader sets them in the phone or the browser, and the system's own colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from monitor.domain import Role
from tests.browser.conftest import found_chromium, started
from tests.browser.pictures import case, cases
from tests.browser.place import PHONE, Place
from tests.browser.scenes_evidence import was_given
from tests.browser.scenes_followers import people
from tests.browser.scenes_piles import filters
from tests.browser.scenes_tuning import took
from tests.browser.scenes_watching import audit, coverage_shown, digest_of_a_week, settings_check
from tests.browser.seen import wider

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser's own size of letters is 32 pixels: twice what it is delivered with."""
    with started(found_chromium(), "--blink-settings=defaultFontSize=32") as browser:
        yield browser


def followers(place: Place) -> None:
    people(place, "ReadingBus", "bot_8472")
    place.sign_in(Role.OFFICE)
    place.go("/followers")


SHOWN = (
    case,
    cases,
    was_given,
    filters,
    followers,
    took,
    audit,
    coverage_shown,
    digest_of_a_week,
    settings_check,
)


@pytest.mark.parametrize("drive", SHOWN, ids=lambda drive: drive.__name__)
def test_nothing_is_cut_off_or_pushed_aside_in_large_letters(
    place: Place, drive: Callable[[Place], None]
) -> None:
    drive(place)
    assert place.page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    place.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert wider(place.page) == []


def test_the_head_of_the_page_takes_two_lines_on_a_phone(place: Place) -> None:
    """In letters of the usual size: the name, and under it every way from here."""
    place.page.set_viewport_size({"width": PHONE["width"] * 2, "height": PHONE["height"]})
    case(place)
    tops = {
        round(place.page.get_by_role("link", name=name, exact=True).first.bounding_box()["y"])
        for name in ("Followers", "More")
    }  # type: ignore[index]
    button = place.page.get_by_role("button", name="Sign out").bounding_box()
    assert button is not None
    assert len(tops) == 1
    assert abs(button["y"] - tops.pop()) < 20


def test_a_severity_keeps_its_frame_in_the_system_s_colours(place: Place) -> None:
    case(place)
    place.page.emulate_media(forced_colors="active")
    style = "one => { const look = getComputedStyle(one); return [look.borderTopStyle, look.borderTopWidth] }"
    assert place.page.locator(".chip").evaluate(style) == ["solid", "1px"]
