"""X's posts and profiles as items. Pure but for the account's own id, which is filled in once it is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connectors.reading import age_order, identity, maybe, named, plain, record, rows, text, when
from monitor.domain import ActionKind, Author, Item, ItemKind

REPLY_ACTIONS = frozenset({ActionKind.HIDE, ActionKind.UNHIDE})
Thing = Mapping[str, Any]


@dataclass(slots=True)
class Items:
    """Makes the items of one account, `handle` without @."""

    account: str
    handle: str
    own_id: str | None

    def post(self, kind: ItemKind, post: Thing, person: Thing) -> Item:
        """An item for a post; `person` is its author's profile, empty where X sent none."""
        versions = _versions(post)
        handle = maybe(person.get("username")) or (self.handle if kind is ItemKind.POST else None)
        written = text(record(post.get("note_tweet")).get("text")) or text(
            post.get("text")
        )  # long posts are cut in text
        return Item(
            account=self.account,
            kind=kind,
            external_id=versions[0],
            target_id=versions[-1],
            text=written.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"),  # X escapes these three
            author=_author(identity(post.get("author_id")), handle, person),
            posted_at=when(post.get("created_at")),
            url=f"https://x.com/{_path(handle)}/status/{quote(versions[-1], safe='')}",
            parent_id=_parent(post),
            thread_id=identity(post.get("conversation_id")),
            has_media=bool(rows(record(post.get("attachments")).get("media_keys"))),
            refused=REPLY_ACTIONS if kind is ItemKind.POST or not self.may_hide(post) else frozenset(),
            raw=plain({"data": post, "includes": {"users": [person]}} if person else {"data": post}),
        )

    def newest(self, post: Thing) -> str:
        """The id of the post's newest version."""
        return _versions(post)[-1]

    def follower(self, name: str, person: Thing) -> Item:
        """An item for a follower, whose text is what they say of themselves."""
        author = _author(name, maybe(person.get("username")), person)
        return Item(
            account=self.account,
            kind=ItemKind.FOLLOWER,
            external_id=name,
            text=author.bio or "",
            author=author,
            url=f"https://x.com/{_path(author.handle, 'i/user/' + quote(name, safe=''))}",
            refused=REPLY_ACTIONS,
            raw=plain(person),
        )

    def may_hide(self, post: Thing) -> bool:
        """X hides only replies in a conversation that the account started. A direct reply says who started it, a reply
        further down does not: that one is left to X, whose refusal is told."""
        parent, asked = _parent(post), identity(post.get("in_reply_to_user_id"))
        if parent is None and asked is None:
            return False
        return asked in {None, self.own_id} or parent != identity(post.get("conversation_id"))

    def begun_in(self, posts: Iterable[Thing]) -> list[str]:
        """The conversations that the account began and that these posts answer directly, newest first."""
        direct = (post for post in posts if identity(post.get("in_reply_to_user_id")) == self.own_id)
        talks = {
            parent for post in direct if (parent := _parent(post)) == identity(post.get("conversation_id"))
        }
        return sorted(filter(None, talks), key=age_order, reverse=True)


def _versions(post: Thing) -> list[str]:
    """The ids of all its versions, oldest first."""
    history = [identity(name) for name in rows(post.get("edit_history_tweet_ids"))]
    return sorted({named(post), *filter(None, history)}, key=age_order)


def _author(author_id: str | None, handle: str | None, person: Thing) -> Author:
    return Author(author_id, handle, maybe(person.get("name")), maybe(person.get("description")))


def _path(handle: str | None, otherwise: str = "i") -> str:
    """A handle as part of an address, if it is one and nothing cleverer."""
    return handle if handle and re.fullmatch(r"[A-Za-z0-9_]{1,50}", handle) else otherwise


def _parent(post: Thing) -> str | None:
    referenced = map(record, rows(post.get("referenced_tweets")))
    return next((identity(one.get("id")) for one in referenced if one.get("type") == "replied_to"), None)
