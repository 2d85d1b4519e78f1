"""Answers that somebody broke: whatever comes, a poll is a page that can be stored, or one ConnectorError."""

from __future__ import annotations

import copy
import itertools
import json
import random

import pytest

from monitor.domain import ActionKind, Item, ItemKind, Page
from monitor.errors import ConnectorError
from tests.connectors import facebook_server, x_server
from tests.connectors.contract_world import is_sentence
from tests.connectors.scripted import Reply, always, recorded, serving

X = ("x/mentions.json", "x/followers.json", "x/empty.json")
FACEBOOK = (
    "facebook/posts.json",
    "facebook/comments_3.json",
    "facebook/visitor_posts.json",
    "facebook/debug_token.json",
)
ODD = [None, True, False, 0, -1, 10**30, 1.5, float("nan"), "", "\ud800 lone", "a\x00b", "x" * 5000, [], {}, [[]], {"id": None},
       "2026-99-99T00:00:00Z", [{"id": "1"}], {"data": []}]  # fmt: skip
ROUNDS = 60


def broken(value, rng: random.Random):
    """The same JSON with a few of its parts replaced, removed, doubled or moved."""
    value = copy.deepcopy(value)
    for _ in range(rng.randint(1, 4)):
        spots = list(_spots(value))
        holder, key = rng.choice(spots)
        change = rng.randint(0, 3)
        if change == 0 and isinstance(holder, dict):
            del holder[key]
        elif change == 1 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        else:
            holder[key] = copy.deepcopy(rng.choice(ODD))
        if not list(_spots(value)):
            break
    return value


def _spots(value):
    if isinstance(value, dict):
        for key, part in list(value.items()):
            yield value, key
            yield from _spots(part)
    elif isinstance(value, list):
        for key, part in enumerate(value):
            yield value, key
            yield from _spots(part)


def storable(item: Item) -> None:
    for part in (
        item.text,
        item.external_id,
        item.author.name,
        item.author.handle,
        item.author.bio,
        item.url,
    ):
        assert part is None or "\x00" not in part.encode().decode()
    assert "\\u0000" not in json.dumps(item.raw, allow_nan=False)
    json.dumps(item.raw, ensure_ascii=False).encode()
    assert item.external_id


@pytest.mark.parametrize(("connect", "answers"), [(x_server.connect, X), (facebook_server.connect, FACEBOOK)])
def test_broken_answers_are_pages_or_errors_and_nothing_else(connect, answers):
    rng = random.Random(20261120)
    whole = [recorded(name) for name in answers]
    pages, errors = 0, []
    with serving(lambda _: Reply(broken(rng.choice(whole), rng))) as server:
        connector = connect(server, max_pages=3) if connect is x_server.connect else connect(server)
        for _ in range(ROUNDS):
            for kind in sorted(connector.reads):
                try:
                    page = connector.poll(
                        kind, rng.choice([None, '{"since":"1"}', '{"mentions":{"since":"1"}}'])
                    )
                except ConnectorError as error:
                    errors.append(str(error))
                    continue
                assert isinstance(page, Page)
                pages += 1
                json.loads(page.cursor)
                page.cursor.encode()
                for item in page.items:
                    storable(item)
            connector.check()
            try:
                connector.act(ActionKind.HIDE, Item("a", ItemKind.COMMENT, "1", "words"))
            except ConnectorError as error:
                errors.append(str(error))
    assert all(is_sentence(error) for error in errors)
    assert min(pages, len(errors)) > ROUNDS / 5


STATUSES = [200, 204, 304, 400, 402, 404, 410, 429, 451, 503, 599]
BODIES = [b"", b"{}", b"null", b'{"errors": 7, "error": 7}', b'{"error": {"code": "x"}}', b"\xff\xfe{"]


@pytest.mark.parametrize("connect", [x_server.connect, facebook_server.connect])
def test_every_status_with_every_body_is_a_sentence(connect):
    with serving(lambda _: Reply()) as server:
        connector = connect(server)
        for status, body in itertools.product(STATUSES, BODIES):
            server.answers = always(body, status)
            with pytest.raises(ConnectorError) as caught:
                connector.poll(ItemKind.POST, None)
            assert is_sentence(str(caught.value)), (status, body)
