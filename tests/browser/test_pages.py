"""Every page and state in a real browser: light and dark, phone and desktop, against axe-core and our own measures."""

from __future__ import annotations

import importlib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.routing import compile_path

from tests.alerts.route_table import NO_PAGES, ROUTES
from tests.browser.place import Place
from tests.browser.scenes import SCENES, Scene
from tests.browser.seen import problems

for module in sorted(Path(__file__).parent.glob("scenes_*.py")):  # each adds its scenes
    importlib.import_module(f"tests.browser.{module.stem}")

pytestmark = pytest.mark.browser


VISITED: dict[str, set[str]] = {}  # scene → the addresses that showed it a page


def shown(place: Place) -> set[str]:
    pages = [one for one in place.seen.answers if "html" in one.headers.get("content-type", "")]
    return {urlsplit(one.url).path for one in pages if one.request.method == "GET"}


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_page_is_fit_for_everybody(place: Place, scene: Scene) -> None:
    scene.drive(place)
    VISITED[scene.name] = shown(place)
    assert place.page.locator("h1").all_inner_texts() == [scene.heading]
    found = problems(place.seen)
    assert not found, "\n".join(found)


def test_every_page_has_a_scene() -> None:
    if len(VISITED) < len(SCENES):
        pytest.skip("only some of the scenes were run")
    seen = set().union(*VISITED.values())
    pages = {
        name: name.removeprefix("GET ") for name in ROUTES if name.startswith("GET ") and name not in NO_PAGES
    }
    assert pages
    assert [name for name, path in pages.items() if not any(map(compile_path(path)[0].match, seen))] == []
