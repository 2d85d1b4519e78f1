"""Every page and state in a real browser: light and dark, phone and desktop, against axe-core and our own measures."""

from __future__ import annotations

import pytest

from tests.browser import scenes_cases, scenes_followers, scenes_watching  # noqa: F401 - they add their scenes
from tests.browser.place import Place
from tests.browser.scenes import SCENES, Scene
from tests.browser.seen import problems

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_page_is_fit_for_everybody(place: Place, scene: Scene) -> None:
    scene.drive(place)
    assert place.page.locator("h1").all_inner_texts() == [scene.heading]
    found = problems(place.seen)
    assert not found, "\n".join(found)
