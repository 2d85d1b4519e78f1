"""A Facebook Page, through facebook-sdk (Graph API, https://developers.facebook.com/docs/graph-api).

Reads the Page's own posts, what is said under them (replies included), and visitors' posts; hides, unhides, deletes,
blocks. Facebook lets nobody list a Page's followers, so there is no FOLLOWER in `reads`; reporting and removing a
follower are `guided`. Graph costs nothing, so `Page.reads` is 0; what is kept small is the number of requests:

A comment poll lists the recent posts, visitors' too, with their comment counts, and reads the comments only of posts
whose count or `updated_time` changed, and of the one whose last reading is oldest, so that edits are noticed in turn;
oldest first, so that one that arrives meanwhile is on a later page. The Page's own are left out, and what is said
under a post older than `posts_window_days`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import facebook

from connectors.answers import Answer, Trouble
from connectors.connection import Connection, State
from connectors.facebook_client import FacebookSettings, Graph
from connectors.facebook_items import item_of, oldest_first
from connectors.facebook_words import ACTIONS, explain, is_gone, is_refusal, is_unanswerable
from connectors.reading import identity, maybe, named, number, record, rows, truth, when, written
from monitor.checked import HealthPoint
from monitor.domain import ActionKind, Done, Item, ItemKind, Outcome, Page
from monitor.ports import Clock, Seen

COUNTED = "id,created_time,updated_time,comments.summary(total_count).filter(stream).limit(0)"
OF_COMMENT = (
    "id,message,created_time,from,parent,permalink_url,attachment,is_hidden,can_hide,can_remove,comment_count,"
    "message_tags"
)
OF_POST = "id,message,created_time,updated_time,from,permalink_url,attachments,is_hidden"
MOST = 100  # rows that Graph gives in one page
FIRST = {"fields": OF_COMMENT, "filter": "stream", "order": "chronological", "limit": str(MOST)}
REQUESTS = 50  # of comments in one poll; the rest waits for the next, which `more` asks for at once
PAGES = 10  # of posts in one poll
OVERLAP = timedelta(days=1)  # posts are listed again for a day: Graph's times and edits are not exact
REFUSED = "Facebook refused: it does not allow this here, or the token lacks pages_manage_engagement."
VANISHED = ["vanished"]  # the mark of a listed post whose comments Graph would not find


class FacebookConnector(Connection):
    Settings = FacebookSettings
    network = "facebook"
    title = "Facebook"
    reads = frozenset({ItemKind.COMMENT, ItemKind.VISITOR_POST, ItemKind.POST})
    actions = ACTIONS

    def __init__(self, key: str, settings: FacebookSettings, *, clock: Clock) -> None:
        super().__init__(key, settings, clock=clock)
        self.graph = Graph(settings, self.session)
        self.api = f"Graph API {settings.version}"

    def _readers(self) -> Mapping[ItemKind, Callable[[State | None], Page]]:
        return {
            ItemKind.COMMENT: self._comments,
            ItemKind.VISITOR_POST: lambda state: self._posts(ItemKind.VISITOR_POST, "visitor_posts", state),
            ItemKind.POST: lambda state: self._posts(ItemKind.POST, "posts", state),
        }

    def _explain(self, error: Exception, answer: Answer | None) -> Trouble | None:
        return explain(error, answer)

    def _points(self) -> Iterator[HealthPoint]:
        yield from self.graph.health(self.clock())

    def _since(self, moment: datetime | None = None) -> str:
        window = self.clock() - timedelta(days=self.settings.posts_window_days)
        return str(int((moment - OVERLAP if moment else window).timestamp()))

    def _comments(self, state: State | None) -> Page:
        before, resume = record((state or {}).get("posts")), record((state or {}).get("resume"))
        now = dict(self._counted())
        due = sorted((name for name in now if _changed(before.get(name), now[name])), key=_last_read(before))
        calm = sorted((name for name in now if name not in due and now[name][0] != 0), key=_last_read(before))
        marks = {
            name: before.get(name) if mark[0] else mark
            for name, mark in now.items()
            if name in before or mark[0] == 0
        }
        found: dict[str, Item] = {}
        spent = 0
        for name in due + calm[:1]:
            at = resume if resume.get("post") == name else {"post": name, "mark": now[name], "asked": FIRST}
            seen = []
            while (asked := record(at.get("asked"))) and asked not in seen:
                if spent == REQUESTS or (spent and self.session.hurried()):
                    return Page(
                        oldest_first(found.values()), written({"posts": marks, "resume": at}), more=True
                    )
                seen.append(asked)
                spent += 1
                try:
                    got = self.graph.page(f"{name}/comments", asked)
                except facebook.GraphAPIError:
                    # deleted since it was listed; twice in a row is something else
                    if not is_gone(self.graph.answer) or before.get(name) == VANISHED:
                        raise
                    at = {"mark": VANISHED}
                    break
                items = [item_of(self.key, ItemKind.COMMENT, row, name) for row in got.rows]
                found |= {item.external_id: item for item in items if not self._own(item)}
                at = {**at, "asked": got.onward}
            marks[name] = at["mark"]
        return Page(oldest_first(found.values()), written({"posts": marks}))

    def _counted(self) -> Iterator[tuple[str, list[Any]]]:
        """The recent posts, each with [number of comments or None, updated_time, this moment]: own, then visitors'."""
        yield from self._counted_on("posts")
        try:
            yield from self._counted_on("visitor_posts")
        except facebook.GraphAPIError:
            if not is_unanswerable(self.graph.answer):  # else the visitor_post stream says so
                raise

    def _counted_on(self, edge: str) -> Iterator[tuple[str, list[Any]]]:
        now, since = self.clock(), self._since()
        asked = {"fields": COUNTED, "since": since, "limit": str(min(MOST, self.settings.max_posts))}
        listed = self.graph.pages(f"{self.settings.page_id}/{edge}", asked, PAGES)
        for row in islice(listed, self.settings.max_posts):
            name, made = named(row), when(row.get("created_time"))
            if made is None or made.timestamp() >= int(since):
                count = number(record(record(row.get("comments")).get("summary")).get("total_count"))
                count = number(row.get("comment_count")) if count is None else count
                yield name, [count, maybe(row.get("updated_time")), int(now.timestamp())]

    def _posts(self, kind: ItemKind, edge: str, state: State | None) -> Page:
        newest = when(number((state or {}).get("since")))
        asked = {"fields": OF_POST, "since": self._since(newest), "limit": str(MOST)}
        found: dict[str, Item] = {}
        for row in self.graph.pages(f"{self.settings.page_id}/{edge}", asked, PAGES):
            item = item_of(self.key, kind, row, named(row))
            if kind is ItemKind.POST or not self._own(item):
                found[item.external_id] = item
        moments = [
            item.posted_at for item in found.values() if item.posted_at and item.posted_at <= self.clock()
        ]
        newest = max([*moments, *([newest] if newest else [])], default=None)
        return Page(oldest_first(found.values()), written({"since": newest and int(newest.timestamp())}))

    def _own(self, item: Item) -> bool:
        return bool(item.author.external_id == self.settings.page_id)

    def _act(self, action: ActionKind, item: Item) -> Outcome:
        try:
            if action is ActionKind.BLOCK:
                return self._block(item.author.external_id or "")
            if action is ActionKind.DELETE:
                return self._delete(item.target_id)
            return self._hide(item.target_id, hide=action is ActionKind.HIDE)
        except facebook.GraphAPIError:
            if is_gone(self.graph.answer):
                return Outcome(Done.GONE, "Facebook no longer has it.")
            if is_refusal(self.graph.answer):
                return Outcome(Done.REFUSED, REFUSED)
            raise

    def look(self, item: Item) -> Seen:
        """One comment or post as it stands now. Graph says whether it is hidden; reading it costs nothing."""
        fields = OF_COMMENT if item.kind is ItemKind.COMMENT else OF_POST
        with self._asking():
            try:
                row = self.graph.get(item.target_id, fields)
            except facebook.GraphAPIError:
                if is_gone(self.graph.answer):
                    return Seen(Done.GONE, says="Facebook no longer has it.")
                raise
            hidden = truth(row.get("is_hidden"))
            standing = None if hidden is None else Done.HIDDEN if hidden else Done.VISIBLE
            return Seen(standing, item_of(self.key, item.kind, row, item.thread_id or item.external_id))

    def _hide(self, name: str, *, hide: bool) -> Outcome:
        agreed = self.graph.write(name, is_hidden=str(hide).lower())
        seen = truth(self.graph.get(name, "is_hidden").get("is_hidden"))
        if seen is (not hide) or not agreed:
            return Outcome(Done.FAILED, "Facebook left it as it was.", read_back=seen is not None)
        note = "Its author and their friends still see it." if hide else "Everybody sees it again."
        return Outcome(Done.HIDDEN if hide else Done.VISIBLE, note, read_back=seen is hide)

    def _delete(self, name: str) -> Outcome:
        agreed = self.graph.remove(name)
        try:
            self.graph.get(name, "id")
        except facebook.GraphAPIError:
            if is_gone(self.graph.answer):
                return Outcome(Done.DELETED, "Facebook no longer has it.", read_back=True)
            raise
        return Outcome(
            Done.FAILED,
            "Facebook said yes but still shows it." if agreed else "Facebook said no.",
            read_back=True,
        )

    def _block(self, person: str) -> Outcome:
        edge = f"{self.settings.page_id}/blocked"
        if not self.graph.write(edge, user=person):
            return Outcome(Done.FAILED, "Facebook did not block them.")
        listed = [identity(record(row).get("id")) for row in self.graph.page(edge, {"user": person}).rows]
        return Outcome(
            Done.BLOCKED, "They can no longer comment or post on the Page.", read_back=person in listed
        )


def _changed(before: Any, now: list[Any]) -> bool:
    return now[0] != 0 and (now[0] is None or rows(before)[:2] != now[:2])


def _last_read(marks: Mapping[str, Any]) -> Callable[[str], int]:
    return lambda name: number((rows(marks.get(name)) or [0])[-1]) or 0
