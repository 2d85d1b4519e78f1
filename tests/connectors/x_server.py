"""What the tests of X share: a connector to a scripted server, and X's recorded problems."""

from __future__ import annotations

from connectors import build
from monitor.domain import Page
from tests.connectors.contract_world import TOKEN, Ticking
from tests.connectors.scripted import Reply, recorded

OWN = "800000000000000001"
PROBLEMS = recorded("x/problems.json")


def problem(name: str, **headers: str) -> Reply:
    return Reply(PROBLEMS[name]["body"], PROBLEMS[name]["status"], headers)


def connect(server, **settings):
    base = {"base_url": server.url, "user_id": OWN, "token": TOKEN}
    return build("x", {**base, **settings}, key="x-main", handle="@StAldhelms", clock=Ticking())


def listing(name: str):
    return lambda asked: Reply(recorded(name))


def profile(username="StAldhelms", user_id=OWN):
    return Reply({"data": {"id": user_id, "username": username, "name": "St Aldhelm's"}})


def names(page: Page) -> list[str]:
    return [item.external_id for item in page.items]
