"""/metrics over real HTTP: for whoever has the token, and without a word that is about a person."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from monitor.app import App, utc_now
from monitor.commands.opened import store_of
from monitor.incidents import open_incident
from monitor.sandbox.serve import Serving
from tests.school import PEOPLE, School, school

TOKEN = "marker-metrics-token"


@pytest.fixture(scope="module", params=[TOKEN, ""], ids=["with a token", "without"])
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[School, App, str]]:
    table = f'\n[watching]\nmetrics_token = "{request.param}"\n' if request.param else ""
    with school(
        tmp_path_factory.mktemp("metrics"), utc_now, more=f'{table}\n[detection]\nmodel = "off"\n'
    ) as built:
        settings = built.settings()
        with store_of(settings) as store:
            app = App(settings, store)
            with Serving(app.web(alive=lambda: ["poll-x-main"])) as page:
                yield built, app, page.url


def asked(url: str, token: str | None = TOKEN) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    return requests.get(f"{url}/metrics", headers=headers, timeout=10)


def test_metrics_are_told_to_whoever_has_the_token(served: tuple[School, App, str]) -> None:
    _, app, url = served
    if app.settings.watching.metrics_token is None:
        assert asked(url).status_code == 404
        return
    for wrong in (None, "", "marker-metrics-toke", TOKEN + "x"):
        assert (asked(url, wrong).status_code, asked(url, wrong).text) == (401, "")
    with app.store.write() as session:
        open_incident(app.store, session, "stream:x-main:mention", says="x", cure="y", now=utc_now())
        open_incident(app.store, session, "claim:7", says="x", cure="y", now=utc_now())
    answer = asked(url)
    assert answer.status_code == 200
    said = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert said["schoolgate_ok",] == 0
    assert said["schoolgate_watching",] == 0
    assert said["schoolgate_hung",] == 1
    assert said["schoolgate_incidents", "stream"] == 1
    assert said["schoolgate_incidents", "storage"] == 0
    assert said["schoolgate_mails_to_send",] == 0
    assert said["schoolgate_stream_ok", "mention", "x-main"] == 1
    assert said["schoolgate_disk_free_bytes",] > 0
    assert "claim" not in answer.text  # who asks must not learn what the register made of one
    marked = [*PEOPLE.values(), "stmarks.example", "StMarksExample", TOKEN]
    assert [word for word in marked if word in answer.text] == []
