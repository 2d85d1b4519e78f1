"""What a network answers: single entries, and whole polls of the real connectors over a wire that answers at once."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from bench.fuzz import broken, texts
from bench.fuzz.target import Target, holds
from connectors import build
from connectors.answers import BadShape
from connectors.facebook_items import item_of
from connectors.http import Session, _Adapter
from connectors.reading import named
from connectors.x_items import Items
from monitor import items
from monitor.domain import ActionKind, Item, ItemKind, Page
from monitor.errors import ConnectorError
from monitor.vault import Vault

RECORDED = Path(__file__).parents[2] / "tests" / "connectors" / "recorded"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TOKEN = "token-never-to-be-seen-0123456789"
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "x": {"user_id": "800000000000000001", "token": TOKEN, "max_pages": 2},
    "facebook": {"page_id": "100000000000001", "token": TOKEN},
}
VAULT = Vault(b"k" * 32)
_NOT_IN_AN_ADDRESS = re.compile(r"[^\x21-\x7e]|[<>\"'`\\]")
LONGEST_SENTENCE = 400


class Wire(HTTPAdapter):
    """Answers instead of a network: each request with what `reply` makes. Everything above the socket is the connector's."""

    reply: Any = None

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        status, body, headers = self.reply()
        raw = urllib3.HTTPResponse(
            BytesIO(body),
            headers,
            status,
            preload_content=False,
            decode_content=False,
            request_method=request.method,
        )
        return self.build_response(request, raw)


class _Wired(_Adapter, Wire):
    pass


def wired(session: Session) -> _Wired:
    """Take the session off the network; what it is answered is the `reply` of what this returns."""
    adapter = _Wired(session, "https://api.invalid", (1.0, 1.0), 10.0, 1_000_000)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return adapter


@cache
def recorded(network: str) -> tuple[Any, ...]:
    return tuple(
        json.loads(path.read_text(encoding="utf-8")) for path in sorted((RECORDED / network).iterdir())
    )


@cache
def _connected(network: str) -> tuple[Any, _Wired]:
    connector: Any = build(
        network, {**SETTINGS[network], "base_url": "https://api.invalid"}, key="main", clock=lambda: NOW
    )
    return connector, wired(connector.session)


def _polls(network: str, chance: random.Random) -> None:
    connector, wire = _connected(network)

    def reply() -> tuple[int, bytes, dict[str, str]]:
        said, headers = broken.body(chance, chance.choice(recorded(network)))
        return chance.choice((200,) * 9 + (204, 302, 400, 401, 403, 404, 410, 429, 500, 503)), said, headers

    wire.reply = reply
    kind = chance.choice(sorted(connector.reads))
    try:
        if chance.random() < 0.8:
            page_holds(connector.poll(kind, _cursor(chance, kind)))
        else:
            thing = Item(
                "main",
                ItemKind.COMMENT,
                "1",
                "words",
                target_id=chance.choice(("1", texts.line(chance) or "1")),
            )
            _asks(connector, chance, thing)
    except ConnectorError as error:
        sentence_holds(str(error))


def _asks(connector: Any, chance: random.Random, thing: Item) -> None:
    kind = chance.randrange(4)
    if kind == 0:
        connector.act(chance.choice((ActionKind.HIDE, ActionKind.UNHIDE, ActionKind.DELETE)), thing)
    elif kind == 1:
        seen = connector.look(thing)
        if seen.item is not None:
            item_holds(seen.item)
    elif kind == 2:
        for point in connector.check().points:
            holds(TOKEN not in point.says, "a health point tells no token")
    elif hasattr(connector, "relations"):
        connector.relations(["1", "2"])


def _cursor(chance: random.Random, kind: ItemKind) -> str | None:
    if chance.random() < 0.5:
        return None
    good = {
        kind.value: {"since": "1", "top": "2"},
        "posts": {"1_2": [3, "2026-11-18T08:00:00+0000", "x"]},
        "resume": {"post": "1"},
    }
    said = json.dumps(broken.value(chance, good))
    return said if chance.random() < 0.9 else broken.data(chance, said.encode()).decode("utf-8", "replace")


def page_holds(page: object) -> None:
    """A poll gives a page that can be stored."""
    holds(isinstance(page, Page), "a poll gives a page")
    assert isinstance(page, Page)
    json.loads(page.cursor)
    page.cursor.encode()
    for item in page.items:
        item_holds(item)


def item_holds(item: Item, *, whole: bool = True) -> None:
    """An item can be stored, and what it holds can be written, read and shown; `whole`: through its row and the seal."""
    if whole:
        row = items.to_row(item, VAULT, school="s", network="x", version=1, now=NOW, baseline=False)
        holds(items.from_row(row, VAULT).text == item.text, "an item is read back as it was stored")
    json.dumps(item.raw, ensure_ascii=False, allow_nan=False).encode()
    items.content(item).encode()
    for part in (item.external_id, item.target_id, item.parent_id, item.thread_id, item.author.external_id):
        if part is not None:
            part.encode()
            holds("\0" not in part, "an id can be stored")
    if item.url is not None:
        parts = urlsplit(item.url)
        holds(parts.scheme == "https" and parts.hostname, "an item's address is an https address")
        holds(
            not _NOT_IN_AN_ADDRESS.search(item.url), "an item's address holds no blank and no quotation mark"
        )


def sentence_holds(says: str) -> None:
    holds(
        0 < len(says) <= LONGEST_SENTENCE and says.isprintable(), "an error is one short printable sentence"
    )
    holds(TOKEN not in says and texts.MARK not in says, "an error repeats no token and no stranger's word")


@cache
def _entries(network: str) -> tuple[Any, ...]:
    listed = [whole.get("data") for whole in recorded(network) if isinstance(whole, dict)]
    return tuple(row for rows in listed if isinstance(rows, list) for row in rows)


def _entry_of_x(chance: random.Random) -> None:
    maker = Items("main", "StAldhelms", "800000000000000001")
    row, person = (broken.value(chance, chance.choice(_entries("x"))) for _ in "ab")
    try:
        kind = chance.choice((ItemKind.MENTION, ItemKind.POST, ItemKind.FOLLOWER))
        made = maker.follower(named(row), row) if kind is ItemKind.FOLLOWER else maker.post(kind, row, person)
        item_holds(made, whole=chance.random() < 0.05)
    except BadShape as error:
        sentence_holds(str(error))


def _entry_of_facebook(chance: random.Random) -> None:
    row, kind = (
        broken.value(chance, chance.choice(_entries("facebook"))),
        chance.choice((ItemKind.COMMENT, ItemKind.POST)),
    )
    try:
        item_holds(item_of("main", kind, row, "1_2"), whole=chance.random() < 0.05)
    except BadShape as error:
        sentence_holds(str(error))


PROMISE = "Whatever a network answers is a page that can be stored, or one sentence"
TARGETS = (
    Target("x-entry", PROMISE, "X's recorded entries, broken", _entry_of_x, 9_000),
    Target("facebook-entry", PROMISE, "Facebook's recorded entries, broken", _entry_of_facebook, 20_000),
    Target(
        "x-answer",
        PROMISE,
        "polls and actions on X's answers, broken",
        lambda chance: _polls("x", chance),
        200,
    ),
    Target(
        "facebook-answer",
        PROMISE,
        "polls and actions on Facebook's answers, broken",
        lambda chance: _polls("facebook", chance),
        200,
    ),
)
