"""What stands on the sandbox's Facebook Page: posts, comments, what is hidden, who is blocked. No HTTP here.

Any thread may call any method. Ids are invented but have Graph's form; people have page-scoped ids.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.ports import Clock
from monitor.sandbox.graph_objects import Entry, GoneError, NotAllowedError, Profile

PERMISSIONS = (
    "pages_show_list",
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_engagement",
    "pages_manage_metadata",
    "public_profile",
)
FIRST_NUMBER = 122100000000000


class GraphState:
    """One Page and who writes on it.

    `token` is the Page access token; `user_token` one of its administrator, who is shown no `from`. `permissions` may be
    changed at any time; `expires_at` None is a token that never expires. An author is the Page's id or a person's.
    """

    def __init__(
        self,
        *,
        page_id: str,
        page_name: str,
        token: str,
        clock: Clock,
        user_token: str | None = None,
        followers: int = 0,
        app_id: str = "770090000000001",
        permissions: Iterable[str] = PERMISSIONS,
        expires_at: datetime | None = None,
    ) -> None:
        self.clock = clock
        self.page = Profile(page_id, page_name)
        self.administrator = Profile("10220000000000001", "Page Administrator")
        self.token = token
        self.user_token = user_token
        self.followers = followers
        self.app_id = app_id
        self.permissions = set(permissions)
        self.issued_at = clock() - timedelta(days=1)
        self.expires_at = expires_at
        self.revoked = False
        self.reads: dict[str, int] = {}
        self._lock = threading.RLock()
        self._number = FIRST_NUMBER
        self._people: dict[str, Profile] = {page_id: self.page}
        self._entries: dict[str, Entry] = {}
        self._hidden: set[str] = set()
        self._blocked: dict[str, Profile] = {}

    def add_person(self, name: str, *, person_id: str | None = None) -> str:
        """Somebody who may write on the Page; returns the page-scoped id."""
        with self._lock:
            chosen = person_id or str(24_000_000_000_000_000 + self._next())
            if chosen in self._people:
                raise ValueError(f"There is somebody with the id {chosen} already.")
            self._people[chosen] = Profile(chosen, name)
            return chosen

    def change_person(self, person_id: str, name: str) -> None:
        with self._lock:
            self._people[self.person(person_id).id] = Profile(person_id, name)

    def person(self, person_id: str) -> Profile:
        with self._lock:
            if person_id not in self._people:
                raise GoneError(person_id)
            return self._people[person_id]

    # writing

    def add_post(self, text: str, at: datetime | None = None, *, media: bool = False) -> str:
        """The Page's own post; returns its id. `at` None is now."""
        return self._add(self.page.id, text, at, media=media).id

    def add_visitor_post(
        self, author: str, text: str, at: datetime | None = None, *, media: bool = False
    ) -> str:
        """Somebody else's post on the Page. NotAllowedError when they are blocked."""
        return self._add(author, text, at, media=media).id

    def add_comment(
        self,
        parent: str,
        author: str,
        text: str,
        at: datetime | None = None,
        *,
        media: bool = False,
        can_hide: bool = True,
        can_remove: bool = True,
    ) -> str:
        """A comment under a post, or an answer to a comment; returns its id. It moves the post's `updated_time`. A comment of
        the Page's own cannot be hidden.

        Facebook has two levels only: an answer to an answer stands under the same comment.
        """
        with self._lock:
            above = self.entry(parent)
            answers = None if above.is_post else above.parent_id or above.id
            made = self._add(author, text, at, media=media, under=above.post_id or above.id)
            made = replace(
                made, parent_id=answers, can_hide=can_hide and author != self.page.id, can_remove=can_remove
            )
            self._entries[made.id] = made
            post = self._entries[made.post_id or ""]
            self._entries[post.id] = replace(post, updated_at=max(post.updated_at, made.created_at))
            return made.id

    def edit(self, entry_id: str, text: str, at: datetime | None = None) -> None:
        """Another text under the same id; `created_time` stays, `updated_time` of a post moves."""
        with self._lock:
            old = self.entry(entry_id)
            self._entries[entry_id] = replace(old, message=text, updated_at=(at or self.clock()))

    def delete(self, entry_id: str) -> None:
        """Gone, with all that stands under it."""
        with self._lock:
            self.entry(entry_id)
            below = {entry_id}
            below |= {key for key, entry in self._entries.items() if below & {entry.post_id, entry.parent_id}}
            for key in below:
                del self._entries[key]

    # reading

    def entry(self, entry_id: str) -> Entry:
        """A post or comment by id. GoneError when it was deleted or never was."""
        with self._lock:
            if entry_id not in self._entries:
                raise GoneError(entry_id)
            return self._entries[entry_id]

    def posts(self, *, own: bool = True, visitors: bool = True) -> list[Entry]:
        """Newest first."""
        with self._lock:
            found = [
                entry
                for entry in self._entries.values()
                if entry.is_post and (own if entry.author_id == self.page.id else visitors)
            ]
        return sorted(found, key=lambda entry: entry.key, reverse=True)

    def comments(self, entry_id: str, *, stream: bool = False, hidden: bool = True) -> list[Entry]:
        """Under a post: the top level, or with `stream` the answers too. Under a comment: its answers. Oldest first."""
        with self._lock:
            above = self.entry(entry_id)
            if above.is_post:
                found = [
                    entry
                    for entry in self._entries.values()
                    if entry.post_id == above.id and (stream or entry.parent_id is None)
                ]
            else:
                found = [entry for entry in self._entries.values() if entry.parent_id == above.id]
            found = [entry for entry in found if hidden or entry.id not in self._hidden]
        return sorted(found, key=lambda entry: entry.key)

    def is_hidden(self, entry_id: str) -> bool:
        with self._lock:
            return self.entry(entry_id).id in self._hidden

    @property
    def hidden_ids(self) -> frozenset[str]:
        """What is hidden and still there."""
        with self._lock:
            return frozenset(self._hidden & self._entries.keys())

    @property
    def blocked(self) -> list[Profile]:
        """Who is blocked, newest first."""
        with self._lock:
            return list(reversed(self._blocked.values()))

    # moderating

    def set_hidden(self, entry_id: str, hidden: bool) -> None:
        """Hide or show; twice is once. NotAllowedError when Graph says can_hide false."""
        with self._lock:
            entry = self.entry(entry_id)
            if not entry.can_hide:
                raise NotAllowedError(entry_id)
            if hidden:
                self._hidden.add(entry_id)
            else:
                self._hidden.discard(entry_id)

    def remove(self, entry_id: str) -> None:
        """The Page deletes it. NotAllowedError when Graph says can_remove false."""
        with self._lock:
            if not self.entry(entry_id).can_remove:
                raise NotAllowedError(entry_id)
            self.delete(entry_id)

    def block(self, person_id: str) -> None:
        """They can write nothing more here; what they wrote stays. Twice is once."""
        with self._lock:
            person = self.person(person_id)
            if person.id == self.page.id:
                raise NotAllowedError(person_id)
            self._blocked[person.id] = person

    def unblock(self, person_id: str) -> None:
        with self._lock:
            self._blocked.pop(person_id, None)

    # tokens

    def revoke(self) -> None:
        """Every token stops working, as when the administrator changes the password."""
        self.revoked = True

    def spend(self, edge: str, rows: int) -> None:
        """Count what was read, by edge."""
        with self._lock:
            self.reads[edge] = self.reads.get(edge, 0) + rows

    def _next(self) -> int:
        self._number += 7
        return self._number

    def _add(
        self, author: str, text: str, at: datetime | None, *, media: bool, under: str | None = None
    ) -> Entry:
        with self._lock:
            if self.person(author).id in self._blocked:
                raise NotAllowedError(author)
            number = self._next()
            when = (at or self.clock()).replace(microsecond=0)
            prefix = under.rpartition("_")[2] if under else self.page.id
            entry = Entry(f"{prefix}_{number}", number, author, text, when, when, post_id=under, media=media)
            self._entries[entry.id] = entry
            return entry
