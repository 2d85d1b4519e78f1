"""Every page and state in a real browser: light and dark, phone and desktop, against axe-core and our own measures."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.browser.place import Place
from tests.browser.scenes import SCENES, Scene
from tests.browser.seen import problems

for module in sorted(Path(__file__).parent.glob("scenes_*.py")):  # each adds its scenes
    importlib.import_module(f"tests.browser.{module.stem}")

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_page_is_fit_for_everybody(place: Place, scene: Scene) -> None:
    scene.drive(place)
    assert place.page.locator("h1").all_inner_texts() == [scene.heading]
    found = problems(place.seen)
    assert not found, "\n".join(found)
