"""The measures themselves: a page with every fault in it does not pass."""

from __future__ import annotations

import pytest
import requests

from tests.browser.place import Place
from tests.browser.seen import problems

pytestmark = pytest.mark.browser
BAD = """<!doctype html><html><head><title>Bad</title><style>button { outline: none }</style></head><body><main>
<h2>Too early</h2><h1>Bad</h1><h3>Skipped</h3>
<p style="color: #aaa; background: #fff">Hardly to be read by anybody at all.</p>
<div style="width: 500px">Wide</div>
<details><summary>More</summary><input name="nameless"></details>
<button>Focus that nobody sees</button><a href="#" style="position: fixed; left: -900px">Far away</a>
<a href="/x" tabindex="-1">Never reached</a>
<img src="https://elsewhere.example/pixel.gif" alt=""><script>console.error("loud")</script>
</main></body></html>"""


def test_every_fault_is_found(place: Place) -> None:
    place.window.route(
        f"{place.school.url}/bad", lambda route: route.fulfill(content_type="text/html", body=BAD)
    )
    place.window.route("https://elsewhere.example/**", lambda route: route.fulfill(status=200, body=""))
    place.go("/bad")
    found = "\n".join(problems(place.seen))
    for said in (
        "there is a script",
        "not one h1 before all other headings: [2, 1, 3]",
        "h3 follows h1",
        "Tab to button Focus that nobody sees: its focus cannot be seen",
        "Tab to a Far away: it is outside the window",
        'the Tab key does not reach <a href="/x"',
        "serious color-contrast at p",
        "serious html-has-lang at html",
        "critical label at input",  # it is folded at first
        "(phone; phone, dark; narrowest)",
        "wider than the window: div",
        "asked for https://elsewhere.example/pixel.gif",
        "the console says: loud",
    ):
        assert said in found, found


def test_a_page_is_weighed_with_its_style_sheet(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.go("/claim")
    alone = [requests.get(place.school.url + path, timeout=10) for path in ("/claim", "/static/style.css")]
    weight = sum(len(answer.content) for answer in alone)
    assert place.seen.weight() >= weight
    monkeypatch.setattr("tests.browser.seen.HEAVIEST", weight - 1)
    assert "the page weighs" in "".join(problems(place.seen))
