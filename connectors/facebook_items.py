"""Graph's comments and posts as items. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from connectors.reading import identity, maybe, named, plain, record, text, truth, when
from monitor.domain import ActionKind, Author, Item, ItemKind

_PERMALINK = re.compile(r"https://(?:[a-z-]+\.)*facebook\.com/[^\x00-\x20\x7f-\U0010ffff<>\"'`\\]*")


def item_of(account: str, kind: ItemKind, row: Any, post: str) -> Item:
    """An item for a comment under `post`, or for `post` itself. Graph leaves out `from` for some tokens and people."""
    name, sender, own = named(row), record(row.get("from")), kind is ItemKind.POST
    author = Author(identity(sender.get("id")), name=maybe(sender.get("name")))
    refused = {
        ActionKind.HIDE: own or truth(row.get("can_hide")) is False,
        ActionKind.UNHIDE: own,
        ActionKind.DELETE: truth(row.get("can_remove")) is False,
        ActionKind.BLOCK: own or author.external_id is None,
    }
    address = text(row.get("permalink_url"))
    of_theirs = _PERMALINK.fullmatch(address)
    return Item(
        account=account,
        kind=kind,
        external_id=name,
        text=text(row.get("message")),
        author=author,
        posted_at=when(row.get("created_time")),
        url=address if of_theirs else f"https://www.facebook.com/{quote(name, safe='')}",
        parent_id=(identity(record(row.get("parent")).get("id")) or post)
        if kind is ItemKind.COMMENT
        else None,
        thread_id=post,
        has_media=bool(row.get("attachment") or record(row.get("attachments")).get("data")),
        hidden=truth(row.get("is_hidden")) is True,
        refused=frozenset(action for action, no in refused.items() if no),
        raw=plain(row),
    )


def oldest_first(items: Iterable[Item]) -> tuple[Item, ...]:
    """In the order of their times; what has none comes first."""
    start = datetime(1970, 1, 1, tzinfo=UTC)
    return tuple(sorted(items, key=lambda item: (item.posted_at or start, item.external_id)))
