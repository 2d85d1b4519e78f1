"""X, through tweepy's Client (API v2, https://docs.x.com/x-api).

Reads mentions and replies, followers, and the school's own posts; hides and unhides replies in conversations that the
school started. What X keeps from its self-serve API (block, remove a follower, report) is `guided`; nobody can delete
another's post. X bills each object that a list returns, so each list is read from its newest end down to what is
known; the follower list in full only without a cursor (the baseline, and a reconcile that has a reason). More than some
6,000 new followers between two polls wait for the reconcile. `Page.reads` counts the objects listed, not their authors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import tweepy

from connectors.answers import Answer, Trouble
from connectors.connection import Connection, State
from connectors.reading import age_order, identity, named, record, rows, text, truth, written
from connectors.timeline import Walk, until_known, walk
from connectors.x_client import OF_PERSON, Client, XSettings, searchable
from connectors.x_items import Items
from connectors.x_prices import UNIT, Price
from connectors.x_words import ACTIONS, OF_ACCOUNT, disguised, explain, words
from monitor.checked import HealthPoint
from monitor.domain import ActionKind, Count, Done, Item, ItemKind, Outcome, Page, People
from monitor.ports import Clock, Relations, Seen

Row = tuple[Mapping[str, Any], Mapping[str, Any]]  # a post, and its author where X sent the profile
OF_POST = (
    "created_at,author_id,conversation_id,in_reply_to_user_id,referenced_tweets,attachments,edit_history_tweet_ids,"
    "note_tweet"
)
MOST_POSTS, MOST_FOLLOWERS = 100, 1000  # that X gives in one page
THEN = (
    20,
    100,
    400,
)  # followers a page where all before are new: a crowd costs a few times its number; then as many as X gives
MOST_PAGES = 100  # of a list of followers that is read whole
CONVERSATIONS = 8  # fit with `to:` into a search of 512 characters


class XConnector(Connection):
    Settings = XSettings
    network = "x"
    title = "X"
    reads = frozenset({ItemKind.MENTION, ItemKind.FOLLOWER, ItemKind.POST})
    actions = ACTIONS
    read_price = UNIT
    api = "X API v2"
    profile_reads = Price.PROFILE.units(1, owned=True)

    def __init__(self, key: str, settings: XSettings, *, clock: Clock) -> None:
        super().__init__(key, settings, clock=clock)
        self.client = Client(settings, self.session)
        self.items = Items(key, settings.handle, settings.user_id or None)

    def _readers(self) -> Mapping[ItemKind, Callable[[State | None], Page]]:
        return {
            ItemKind.MENTION: self._mentions,
            ItemKind.FOLLOWER: self._followers,
            ItemKind.POST: self._posts,
        }

    def _explain(self, error: Exception, answer: Answer | None) -> Trouble | None:
        return explain(error, answer)

    def _own_id(self) -> str:
        if self.items.own_id is None:
            self.items.own_id = named(self.client.profile()[0])
        return self.items.own_id

    def _mentions(self, state: State | None) -> Page:
        own, me, search = self._own_id(), self.settings.handle, self.client.search_recent_tweets
        walks = {"mentions": self._walk(self.client.get_users_mentions, own, state, "mentions")}
        talks = [text(talk) for talk in rows((state or {}).get("talks"))]
        caught: list[Walk[Row]] = []
        if self.settings.read_replies and me:
            places = " OR ".join([f"to:{me}", *(f"conversation_id:{talk}" for talk in talks)])
            walks["replies"] = self._walk(search, f"({places}) -from:{me}", state, "replies")
            met = self.items.begun_in(post for done in walks.values() for post, _ in done.rows.values())
            new = [talk for talk in met if talk not in talks][:CONVERSATIONS]
            talks = [*new, *talks][:CONVERSATIONS]
            # what was said in these before we knew of them
            caught = [
                self._walk(search, f"conversation_id:{talk} -from:{me}", None, "replies") for talk in new
            ]
        found = {name: row for done in (*walks.values(), *caught) for name, row in done.rows.items()}
        others = {name: row for name, row in found.items() if identity(row[0].get("author_id")) != own}
        searched = sum(done.reads for done in (*walks.values(), *caught)) - walks["mentions"].reads
        reads = self._bill(Price.POST, walks["mentions"].reads) + self._bill(Price.FOUND, searched)
        return self._page(ItemKind.MENTION, others, walks, reads, talks=talks)

    def _posts(self, state: State | None) -> Page:
        walks = {"posts": self._walk(self.client.get_users_tweets, self._own_id(), state, "posts")}
        reads = self._bill(Price.POST, walks["posts"].reads)
        return self._page(ItemKind.POST, walks["posts"].rows, walks, reads)

    def _followers(self, state: State | None) -> Page:
        own, sizes = self._own_id(), [self.settings.follower_page, *THEN] if state else []

        def turn(number: int, token: str | None) -> tuple[list[tuple[str, Any]], str | None]:
            size = sizes[number] if number < len(sizes) else MOST_FOLLOWERS
            listed = self.client.listed(
                self.client.get_users_followers,
                own,
                max_results=size,
                pagination_token=token,
                user_fields=OF_PERSON,
            )
            return [(named(row), row) for row in listed.rows], listed.token

        pages = self.settings.max_pages if state else MOST_PAGES
        top = until_known(turn, state, pages, self.session.hurried)
        if top.emptied:
            raise Trouble(
                "connection", "X listed no followers where there were some: it is tried again, nobody left."
            )
        shown = top.rows | top.met  # who is known is paid for too, and may have left and come back
        items = tuple(self.items.follower(name, row) for name, row in reversed(shown.items()))
        reads = self._bill(Price.FOLLOWER, top.reads)
        return Page(items, written(top.state), reads=reads, complete=top.complete)

    def _count(self, kind: ItemKind) -> Count | None:
        if kind is not ItemKind.FOLLOWER:
            return None
        return Count(self.client.followers(self._own_id()), self._bill(Price.PROFILE, 1))

    def _check_reads(self) -> int:
        profiles, self.client.profiles = self.client.profiles, 0
        return self._bill(Price.PROFILE, profiles)

    def _bill(self, price: Price, resources: int) -> int:
        return price.units(resources, owned=self.settings.owns_app)

    def blocked(self) -> People:
        """Whom the account blocks, which reads back a block by hand. Billed as an owned read for each of them."""
        with self._asking():
            listed = self.client.blocked(self._own_id(), self.settings.max_pages)
        return replace(listed, reads=self._bill(Price.FOLLOWER, listed.reads))

    def relations(self, ids: Sequence[str]) -> Relations:
        """How these stand with the account, by `connection_status` (docs.x.com/x-api/users/get-users-by-ids). Billed as a
        profile for each who is there.

        X shows it to the account's own sign-in alone, and leaves it out where there is no connection: so what is left out
        means "no connection" only where the same answer has it of somebody else.
        """
        with self._asking():
            said = self.client.connections(ids) if self.client.is_own() else {}
        told = any(status is not None for status in said.values())
        known = {name: frozenset(map(text, status or ())) for name, status in said.items() if told}
        follow = frozenset(name for name, status in known.items() if "followed_by" in status)
        blocked = frozenset(name for name, status in known.items() if "blocking" in status) - follow
        reads = self._bill(Price.PROFILE, len(said)) + self._check_reads()
        return Relations(follow, blocked, frozenset(known) - follow - blocked, reads)

    def look(self, item: Item) -> Seen:
        """One post as it reads now, billed as a post for each version that is read. Nothing in X's API says whether a reply
        is hidden (docs.x.com/x-api/fundamentals/data-dictionary), so that stays unsaid."""
        with self._asking():
            row, person = self.client.post(item.target_id, OF_POST)
            read = 1
            if row is not None and (newest := self.items.newest(row)) != item.target_id:
                row, person = self.client.post(newest, OF_POST)
                read = 2
            reads = self._bill(Price.FOUND, read)
            if row is None:
                return Seen(Done.GONE, says="X no longer shows this post.", reads=reads)
            unsaid = "X shows this post; its API does not say whether a reply is hidden."
            return Seen(None, self.items.post(item.kind, row, person), unsaid, reads)

    def following(self) -> People:
        """Whom the account follows. Billed as an owned read for each of them."""
        with self._asking():
            listed = self.client.following(self._own_id(), self.settings.max_pages)
        return replace(listed, reads=self._bill(Price.FOLLOWER, listed.reads))

    def _walk(self, call: Callable[..., Any], about: str, state: State | None, name: str) -> Walk[Row]:
        def fetch(
            since: str | None, until: str | None, token: str | None
        ) -> tuple[list[tuple[str, Row]], str | None]:
            at = {"since_id": since, "until_id": until, "pagination_token": token}
            if name == "replies":
                at = {
                    "since_id": since if searchable(since, self.clock()) else None,
                    "until_id": until,
                    "next_token": token,
                }
            listed = self.client.listed(
                call, about, max_results=MOST_POSTS, tweet_fields=OF_POST, user_fields=OF_PERSON,
                expansions=["author_id"], **at,
            )  # fmt: skip
            people = listed.people
            return [
                (named(row), (row, people.get(identity(row.get("author_id")), {}))) for row in listed.rows
            ], listed.token

        before = (state or {}).get(name)
        before = before if isinstance(before, dict) else None
        return walk(fetch, before, self.settings.max_pages, self.session.hurried)

    def _page(
        self,
        kind: ItemKind,
        found: Mapping[str, Row],
        walks: Mapping[str, Walk[Row]],
        reads: int,
        **rest: Any,
    ) -> Page:
        items: dict[str, Item] = {}
        for name in sorted(found, key=age_order):
            item = self.items.post(kind, *found[name])
            items[item.external_id] = item  # of two versions of an edited post the newest stands
        state = {name: done.state for name, done in walks.items()} | rest
        return Page(tuple(items.values()), written(state), any(done.more for done in walks.values()), reads)

    def _act(self, action: ActionKind, item: Item) -> Outcome:
        hide = action is ActionKind.HIDE
        so = Outcome(
            Done.HIDDEN if hide else Done.VISIBLE,
            "X said so in its answer; its API has no way to look again."
            + (" Its author still sees it." if hide else ""),
        )
        try:
            call = self.client.hide_reply if hide else self.client.unhide_reply
            body = record(call(item.target_id, **self.client.sign_in))
        except (tweepy.NotFound, tweepy.Forbidden, tweepy.BadRequest) as error:
            said = words(self.session.last.problem) if self.session.last else ""
            if "already" in said:
                return so
            if isinstance(error, tweepy.NotFound) and said:
                return Outcome(Done.GONE, "X no longer has this post.")
            if isinstance(error, tweepy.Forbidden) and said and not any(cue in said for cue in OF_ACCOUNT):
                return Outcome(
                    Done.REFUSED,
                    "X refused: the school did not start this conversation, or the app may not hide replies "
                    "(scope tweet.moderate.write).",
                )
            raise
        hidden = truth(record(body.get("data")).get("hidden"))
        if hidden is None:
            if "resource-not-found" in words(body):
                return Outcome(Done.GONE, "X no longer has this post.")
            raise disguised(body)
        return (
            so if hidden is hide else Outcome(Done.FAILED, "X took the request but left the post as it was.")
        )

    def _points(self) -> Iterator[HealthPoint]:
        yield from self.client.health()
